"""Every page as people see it: nothing for axe to find, no sideways scrolling, clean in print."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser

from services.web.app import create_app
from tests.support.sites import AUDITOR, DESK, PHONE, Site, scrolls_sideways, violations

CRITICISED, LATE, SECRETARY, AUTHORITY = "SG-0041", "SG-0046", "SG-0042", "SG-0036"
FOLLOWED, FOLLOWER = "SG-0028", "SG-0022"
UNANSWERED, UNCOMMITTED = "SG-0016", "SG-0014"
SIZES = [(DESK, "vi"), (PHONE, "en"), (PHONE, "vi")]  # English ones are looked at in the dark
PAGE_BYTES_MAX = 100 * 1024


class Look(NamedTuple):
    """A page, and who looks at it."""

    login: str | None
    address: Callable[[Site], str]


def review(number: str, more: str = "") -> Callable[[Site], str]:
    return lambda site: f"/reviews/2025/{site.id_of(number)}{more}"


def answer_to_a_criticism(site: Site) -> str:
    (criticism,) = site.year.review(site.year.subject(UNANSWERED)).criticisms
    return review(UNANSWERED, f"/write/answer?item={criticism.fact.criticism_id}")(site)


def inbox_item(step: str, number: str) -> Callable[[Site], str]:
    return lambda site: f"/inbox/review/2025-{site.id_of(number)}/{step}"


def plain(address: str) -> Callable[[Site], str]:
    return lambda _site: address


FEBRUARY = {
    "commitment": Look(UNCOMMITTED, review(UNCOMMITTED, "/write/commitment")),
    "unit_with_escalations": Look(SECRETARY, plain("/unit")),
    "escalation_waits": Look("SG-0006", plain("/inbox")),
    "missed_in_history": Look(AUDITOR, lambda site: f"/history/2025/{site.id_of('SG-0014')}"),
}
DECEMBER = {
    "home": Look(None, plain("/")),
    "docs": Look(None, plain("/api/docs")),
    "sign_in": Look(None, plain("/sign-in")),
    "nothing_there": Look(None, plain("/nowhere")),
    "my_year": Look(CRITICISED, plain("/my")),
    "self_critique": Look(LATE, review(LATE, "/write/self-critique")),
    "criticism": Look(SECRETARY, review(LATE, "/write/criticism")),
    "answer": Look(UNANSWERED, answer_to_a_criticism),
    "point": Look(AUTHORITY, review(LATE, "/write/point")),
    "meeting": Look(SECRETARY, review(CRITICISED, "/meeting")),
    "catalogues": Look(CRITICISED, plain("/catalogues")),
    "catalogue": Look(CRITICISED, plain("/catalogues/nq04")),
    "peers": Look(CRITICISED, plain("/peers/2025")),
    "review_of_others": Look(SECRETARY, review(CRITICISED, "?words=open")),
    "proposal": Look(SECRETARY, review(CRITICISED, "/proposal?words=open")),
    "deadline": Look(SECRETARY, review(CRITICISED, "/deadline")),
    "decision_too_early": Look(AUTHORITY, review(CRITICISED, "/decision")),
    "inbox": Look(SECRETARY, plain("/inbox")),
    "empty_inbox": Look(CRITICISED, plain("/inbox")),
    "unit": Look(SECRETARY, plain("/unit")),
    "unit_of_others": Look(AUTHORITY, lambda site: f"/units/{site.id_of('SG-CB03')}/2025"),
    "cycle_by_name": Look(AUDITOR, lambda site: f"/cycles/2025/{site.id_of('SG-DU')}"),
    "cycle": Look(AUTHORITY, plain("/cycle")),
    "new_cycle": Look(AUTHORITY, plain("/cycles/new")),
    "rulebooks": Look(CRITICISED, plain("/rulebooks")),
    "rulebook": Look(CRITICISED, plain("/rulebooks/qd366_hd02")),
    "differences": Look(CRITICISED, plain("/rulebooks/qd366_hd02/differences?from=qd366_hd43")),
    "new_rulebook": Look(AUTHORITY, plain("/rulebooks/new?like=neutral")),
    "find": Look(AUDITOR, plain("/history?q=n")),
    "early_history": Look(AUDITOR, lambda site: f"/history/2025/{site.id_of(CRITICISED)}?n=2"),
}
PROPOSED = {
    "decision": Look(AUTHORITY, review(CRITICISED, "/decision?words=open")),
    "appraisal": Look(AUTHORITY, review(CRITICISED, "/appraisal")),
    "decision_waits": Look(AUTHORITY, inbox_item("decision", CRITICISED)),
}
DECIDED = {
    "announcement": Look(SECRETARY, review(CRITICISED, "/announcement")),
    "announcements_wait": Look(SECRETARY, plain("/inbox")),
}
JANUARY = {
    "plan_editor": Look(LATE, lambda site: f"/plans/2025/{site.id_of(LATE)}/edit"),
    "plan_agreement": Look(SECRETARY, lambda site: f"/plans/2025/{site.id_of(LATE)}?words=open"),
    "inbox_of_plans": Look(SECRETARY, plain("/inbox")),
}
APRIL = {
    "plan": Look(FOLLOWED, lambda site: f"/plans/2025/{site.id_of(FOLLOWED)}"),
    "plan_of_others": Look(FOLLOWER, lambda site: f"/plans/2025/{site.id_of(FOLLOWED)}?words=open"),
    "evidence": Look(FOLLOWED, lambda site: f"/milestones/2025-{site.id_of(FOLLOWED)}-1/evidence"),
    "evidence_waits": Look(FOLLOWER, plain("/inbox?words=open")),
    "reopening": Look(AUTHORITY, review(LATE, "/reopening")),
    "rated": Look(LATE, plain("/my")),
    "late_cycle": Look(AUDITOR, plain("/cycle")),
    "history": Look(AUDITOR, lambda site: f"/history/2025/{site.id_of(LATE)}?verify=1"),
}
LATER = FEBRUARY | PROPOSED | DECIDED | JANUARY | APRIL
FILES = {  # no pages
    "pages.print_catalogue",
    "pages.print_notice",
    "pages.print_self_review",
    "pages.show_file",
}


def look_at(browser: Browser, site: Site, look: Look, *, width: int, language: str) -> None:
    scheme = "dark" if language == "en" else "light"
    page = site.page(browser, look.login, width=width, language=language, color_scheme=scheme)

    answer = page.goto(look.address(site))

    assert answer is not None
    assert answer.status in ((200,) if look.address(site) != "/nowhere" else (404,))
    assert violations(page) == []
    assert not scrolls_sideways(page)
    assert len(answer.body()) < PAGE_BYTES_MAX
    page.emulate_media(media="print")
    assert not page.locator("header.bar").is_visible()
    assert page.locator("h1").count() == 1
    page.context.close()


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", FEBRUARY)
def test_a_page_of_february_is_fit_for_everybody(
    browser: Browser, in_february: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, in_february, FEBRUARY[name], width=width, language=language)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", DECEMBER)
def test_a_page_of_december_is_fit_for_everybody(
    browser: Browser, in_december: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, in_december, DECEMBER[name], width=width, language=language)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", PROPOSED)
def test_a_page_for_deciding_is_fit_for_everybody(
    browser: Browser, proposed: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, proposed, PROPOSED[name], width=width, language=language)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", DECIDED)
def test_a_page_for_giving_notice_is_fit_for_everybody(
    browser: Browser, decided: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, decided, DECIDED[name], width=width, language=language)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", JANUARY)
def test_a_page_of_january_is_fit_for_everybody(
    browser: Browser, in_january: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, in_january, JANUARY[name], width=width, language=language)


@pytest.mark.parametrize(("width", "language"), SIZES)
@pytest.mark.parametrize("name", APRIL)
def test_a_page_of_april_is_fit_for_everybody(
    browser: Browser, in_april: Site, name: str, width: int, language: str
) -> None:
    look_at(browser, in_april, APRIL[name], width=width, language=language)


def test_every_page_is_looked_at(in_december: Site) -> None:
    routes = create_app(in_december.system).url_map
    addresses = [look.address(in_december) for look in (DECEMBER | LATER).values()]
    adapter = routes.bind("localhost")

    seen = {adapter.match(each.partition("?")[0])[0] for each in addresses if each != "/nowhere"}

    pages = {
        each.endpoint
        for each in routes.iter_rules()
        if each.endpoint.startswith("pages.") and "GET" in (each.methods or ())
    }
    assert pages - seen == FILES
