"""Role by page: each page of the year lets in exactly whom the one role table names."""

from collections.abc import Mapping
from http import HTTPStatus

import pytest

from services.access.roles import Action, may
from services.web.pages.parts.frame import pages
from tests.support.world import CELL, COMMUNE, Answer
from tests.support.year_world import MEMBER, PERIOD, ROLES, YearWorld
from tests.web.test_roles import TOWARDS, TOWARDS_THE_TOP

REVIEW = f"/reviews/{PERIOD}/{MEMBER}"
PLAN = f"/plans/{PERIOD}/{MEMBER}"
MILESTONE = f"/milestones/{PERIOD}-{MEMBER}-1"
HTML = {"Accept": "text/html"}

OF_AN: Mapping[str, Action] = {
    REVIEW: Action.SEE_STATE,
    f"{REVIEW}/write/commitment": Action.COMMIT,
    f"{REVIEW}/write/self-critique": Action.SUBMIT_SELF_CRITIQUE,
    f"{REVIEW}/write/criticism": Action.CRITICISE,
    f"{REVIEW}/write/notice-answer": Action.ANSWER_NOTICE,
    f"{REVIEW}/proposal": Action.PROPOSE_RATING,
    f"{REVIEW}/write/point": Action.SUGGEST_POINT,
    f"{REVIEW}/meeting": Action.HOLD_MEETING,
    f"{REVIEW}/appraisal": Action.APPRAISE_RATING,
    f"{REVIEW}/reopening": Action.REOPEN_REVIEW,
    f"{REVIEW}/decision": Action.DECIDE_RATING,
    f"{REVIEW}/announcement": Action.ANNOUNCE_RATING,
    f"{REVIEW}/deadline": Action.MOVE_DEADLINE,
    f"/history/{PERIOD}/{MEMBER}": Action.AUDIT,
    PLAN: Action.SEE_STATE,
    f"{PLAN}/edit": Action.PROPOSE_PLAN,
    f"{MILESTONE}/evidence": Action.HAND_IN_EVIDENCE,
}
DEEDS: Mapping[str, Action] = {
    f"{REVIEW}/write/commitment": Action.COMMIT,
    f"{REVIEW}/write/criticism": Action.CRITICISE,
    f"{REVIEW}/draft/commitment": Action.COMMIT,
    f"{REVIEW}/write/notice-answer": Action.ANSWER_NOTICE,
    f"{REVIEW}/proposal": Action.PROPOSE_RATING,
    f"{REVIEW}/write/point": Action.SUGGEST_POINT,
    f"{REVIEW}/meeting": Action.HOLD_MEETING,
    f"{REVIEW}/appraisal": Action.APPRAISE_RATING,
    f"{REVIEW}/reopening": Action.REOPEN_REVIEW,
    f"{REVIEW}/decision": Action.DECIDE_RATING,
    f"{REVIEW}/announcement": Action.ANNOUNCE_RATING,
    f"{REVIEW}/deadline": Action.MOVE_DEADLINE,
    f"{PLAN}/edit": Action.PROPOSE_PLAN,
    f"{PLAN}/agreement": Action.JUDGE_PLAN,
    f"{PLAN}/return": Action.JUDGE_PLAN,
    f"{MILESTONE}/evidence": Action.HAND_IN_EVIDENCE,
    f"{MILESTONE}/approval": Action.JUDGE_EVIDENCE,
    f"{MILESTONE}/extension": Action.JUDGE_EVIDENCE,
}
REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
PEOPLE = tuple(role for role in ROLES if role in TOWARDS)


@pytest.fixture
def year(rated_year: YearWorld) -> YearWorld:
    return rated_year


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("path", OF_AN)
def test_a_page_opens_to_whom_the_table_of_roles_names(
    year: YearWorld, path: str, role: str
) -> None:
    answer = year.read(role, path, **HTML)

    assert answer.mimetype == "text/html"
    if may(OF_AN[path], TOWARDS[role]):
        assert answer.status_code == HTTPStatus.OK
    else:
        assert answer.status_code in REFUSED


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("path", DEEDS)
def test_a_deed_is_refused_to_whom_the_table_of_roles_does_not_name(
    year: YearWorld, path: str, role: str
) -> None:
    """Whoever may is not refused for their role: an empty form is told what is missing."""
    answer = send(year, role, path)

    if may(DEEDS[path], TOWARDS[role]):
        assert answer.status_code not in REFUSED
    else:
        assert answer.status_code in REFUSED


@pytest.mark.parametrize("role", [role for role in ROLES if role in TOWARDS_THE_TOP])
@pytest.mark.parametrize("path", [f"/units/{CELL}/{PERIOD}", f"/cycles/{PERIOD}/{COMMUNE}"])
def test_units_and_cycles_open_to_whom_the_table_names(
    year: YearWorld, path: str, role: str
) -> None:
    answer = year.read(role, path, **HTML)

    allowed = may(Action.SEE_UNIT, TOWARDS_THE_TOP[role])
    assert (answer.status_code == HTTPStatus.OK) == allowed


@pytest.mark.parametrize("path", [*OF_AN, "/my", "/inbox", "/unit", "/cycle", "/history"])
def test_nobody_is_sent_to_sign_in_and_comes_back(year: YearWorld, path: str) -> None:
    answer = year.read("nobody", path, **HTML)

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("path", DEEDS)
def test_a_form_of_another_site_does_nothing(year: YearWorld, path: str) -> None:
    """The session's cookie alone is not enough."""
    headers = {"Cookie": year.headers("member")["Cookie"], **HTML}

    answer = year.ask("POST", path, data={"text": "x"}, headers=headers)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "csrf_missing" in answer.text


def test_every_form_of_the_pages_is_in_the_table(year: YearWorld) -> None:
    shown_elsewhere = {
        "pages.sign_in",
        "pages.sign_out",
        "pages.choose_language",
        "pages.act_on_many",
        "pages.take_up",
        "pages.open_cycle",
        "pages.send_edition",
        "pages.open_reviews",
        "pages.close_cycle",
        "pages.save_plan_draft",
    }
    adapter = year.app.url_map.bind("")
    tested = {adapter.match(path, method="POST")[0] for path in DEEDS}

    rules = [rule for rule in year.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    endpoints = {rule.endpoint for rule in rules if rule.endpoint.startswith(f"{pages.name}.")}
    assert endpoints - shown_elsewhere == tested


def send(year: YearWorld, role: str, path: str) -> Answer:
    """Return the answer to an empty form."""
    return year.ask("POST", path, data={}, headers=year.headers(role) | HTML)
