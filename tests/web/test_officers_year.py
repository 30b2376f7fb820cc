"""A year of a service in which officers rate up the line: each appraisal has its own takers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import PostRelieved
from events.domain.review import review
from events.identifiers import MemberId, UnitId, review_stream
from tests.support.officers_world import (
    COUNTERSIGNING,
    INITIATING,
    OFFICERS,
    REVIEWING,
    OfficersWorld,
)
from tests.support.people import give_account
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, enrolled
from tests.support.year_world import MEMBER, PERIOD, REVIEW, WORDS, post_given

Made = Callable[..., OfficersWorld]
LATE = datetime(2026, 11, 20, 2, tzinfo=UTC)
PAGE = f"/reviews/{PERIOD}/{MEMBER}"
SECOND = MemberId("secondaaaaaaaaaaaaaaaaaaaa")  # another one who reviews


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """What makes a service with some more appraisals than the one."""
    worlds = list[OfficersWorld]()

    def make(*more: str) -> OfficersWorld:
        worlds.append(OfficersWorld(tmp_path / "data", *more))
        return worlds[-1]

    yield make
    for each in worlds:
        each.system.close()


def waiting(world: OfficersWorld) -> dict[str, list[tuple[str, str | None]]]:
    """Return which steps of An's year wait for which officers, each with its item."""
    found = dict[str, list[tuple[str, str | None]]]()
    for role in OFFICERS:
        for each in world.read(role, "/api/v1/inbox").json["waiting"]:
            if each["member_id"] == MEMBER:
                found.setdefault(role, []).append((each["step"], each.get("item")))
    return found


def test_three_officers_live_a_year_one_above_the_other_and_it_verifies(made: Made) -> None:
    world = made()
    world.report()
    assert waiting(world) == {"reviewing": [("appraisal", "reviewing")]}
    world.appraise("reviewing")
    assert waiting(world) == {"accepting": [("decision", None)]}
    world.accept()

    state = review.fold(
        world.system.store.read_stream(review_stream(Period(PERIOD), MEMBER)).events
    )
    assert review.stage(state) == review.ANNOUNCED
    (given,) = state.appraisals
    assert (given.fact.item, given.fact.by.unit_id) == ("reviewing", COMMUNE)
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_two_appraisals_wait_for_their_takers_one_after_the_other(made: Made) -> None:
    world = made("countersigning")
    world.report()
    early = world.send("countersigning", f"{REVIEW}/appraisal", world.judged("countersigning"))
    assert early.status_code == 403
    undecided = world.send("accepting", f"{REVIEW}/decision", world.judged("accepting"))
    assert (undecided.status_code, undecided.json["code"]) == (409, "step_missing")
    world.appraise("reviewing")
    assert waiting(world) == {"countersigning": [("appraisal", "countersigning")]}
    again = world.send("reviewing", f"{REVIEW}/appraisal", world.judged("reviewing"))
    assert again.status_code == 403
    world.appraise("countersigning")
    world.accept()

    steps = {
        each.get("item", each["step"]): each for each in world.read("member", REVIEW).json["steps"]
    }
    assert [each for each in steps if "done_at" in steps[each]][1:5] == [
        "proposal",
        "reviewing",
        "countersigning",
        "decision",
    ]
    assert steps["countersigning"]["label"]["en"] == "Countersignature"
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_two_officers_swap_after_a_return_and_the_year_goes_on_and_verifies(made: Made) -> None:
    world = made("countersigning")
    world.tell(
        post_given(REVIEWING, DISTRICT, "countersigning_officer"),
        post_given(COUNTERSIGNING, COMMUNE, "reviewing_officer"),
    )
    world.report()
    world.appraise("reviewing")
    version = world.judged("accepting")["proposal_version"]
    world.do("accepting", f"{REVIEW}/return", {"proposal_version": version, "text": WORDS})
    world.propose()
    world.appraise("countersigning")

    assert waiting(world) == {"reviewing": [("appraisal", "countersigning")]}
    again = world.send("countersigning", f"{REVIEW}/appraisal", world.judged("countersigning"))
    assert (again.status_code, again.json["code"]) == (409, "appraised_twice")
    world.appraise("reviewing")
    world.accept()
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_whoever_reported_reviews_nothing_of_it_though_they_hold_that_post(made: Made) -> None:
    world = made()
    world.tell(post_given(INITIATING, COMMUNE, "reviewing_officer"))
    world.report()

    assert "initiating" not in waiting(world)
    refused = world.send("initiating", f"{REVIEW}/appraisal", world.judged("reviewing"))
    assert (refused.status_code, refused.json["code"]) == (409, "appraises_own")
    form = world.read("initiating", f"{PAGE}/appraisal", Accept="text/html").text
    assert "Người đã đề xuất thì không thẩm định đề xuất" in form
    world.appraise("reviewing")


def test_pages_call_steps_as_the_edition_does(made: Made) -> None:
    world = made("countersigning")
    world.report()

    page = world.read("initiating", PAGE, Accept="text/html").text
    assert "Báo cáo của sĩ quan nhận xét" in page
    assert "Tiếp ký" in page
    assert "sĩ quan xem xét" in page  # for whom it waits
    inbox = world.read("reviewing", "/inbox", Accept="text/html").text
    assert "Xem xét báo cáo" in inbox
    assert f"{PAGE}/appraisal?item=reviewing" in inbox
    form = world.read("reviewing", f"{PAGE}/appraisal?item=reviewing", Accept="text/html").text
    assert 'name="item" value="reviewing"' in form
    assert "<h1>Xem xét báo cáo: " in form
    world.appraise("reviewing")
    history = world.read("accepting", f"/history/{PERIOD}/{MEMBER}", Accept="text/html").text
    assert "Xem xét báo cáo" in history
    edition = world.read("accepting", f"/rulebooks/{world.edition}", Accept="text/html").text
    assert "sau bước: Xem xét báo cáo" in edition
    unit = world.read("initiating", f"/units/{CELL}/{PERIOD}", Accept="text/html").text
    assert "Báo cáo của sĩ quan nhận xét" in unit


def test_an_officer_reads_the_words_of_whom_they_review_in_their_turn_alone(made: Made) -> None:
    world = made()

    def answer() -> int:
        return world.ask("POST", f"{REVIEW}/words", headers=world.headers("reviewing")).status_code

    assert answer() == 403
    world.report()
    assert answer() == 200
    world.appraise("reviewing")
    assert answer() == 403


def relieved(who: MemberId, unit_id: UnitId, post: str) -> PostRelieved:
    return PostRelieved(member_id=who, unit_id=unit_id, post=Code(post))


def reads(world: OfficersWorld, role: str) -> bool:
    answer = world.ask("POST", f"{REVIEW}/words", headers=world.headers(role))
    return answer.status_code == 200


def test_whoever_gave_one_appraisal_reads_nothing_while_the_next_waits_for_another(
    made: Made,
) -> None:
    world = made("reviewing_again")
    world.tell(enrolled(SECOND, OTHER_CELL), post_given(SECOND, COMMUNE, "reviewing_officer"))
    give_account(world.system, "second", SECOND, ())
    world.report()
    assert reads(world, "reviewing")
    assert reads(world, "second")
    world.appraise("reviewing")

    assert not reads(world, "reviewing")
    assert reads(world, "second")
    again = world.send("reviewing", f"{REVIEW}/appraisal", world.judged("second"))
    assert (again.status_code, again.json["code"]) == (409, "appraised_twice")
    page = world.read("reviewing", PAGE, Accept="text/html").text
    assert f'action="{PAGE}/words"' not in page

    world.propose()  # anew: what was said of the replaced one bars from none
    assert reads(world, "reviewing")


def test_whoever_reported_reads_by_the_office_that_announces_and_no_longer_than_it(
    made: Made,
) -> None:
    world = made()
    world.report()
    assert reads(world, "initiating")
    world.tell(relieved(INITIATING, CELL, "initiating_officer"))
    assert not reads(world, "initiating")


def test_whoever_is_relieved_of_the_post_that_appraises_reads_nothing_more(made: Made) -> None:
    world = made()
    world.report()
    world.tell(relieved(REVIEWING, COMMUNE, "reviewing_officer"))
    assert not reads(world, "reviewing")


def test_an_appraisal_that_is_late_is_moved_or_waived_by_its_name_on_pages(made: Made) -> None:
    world = made("countersigning")
    world.report()
    world.appraise("reviewing")
    form = world.read("accepting", f"{PAGE}/deadline", Accept="text/html").text
    assert "Tiếp ký (" not in form  # their own unit's: an office above gives it time
    assert "Tiếp ký" in world.read("member", PAGE, Accept="text/html").text

    world.reach(LATE)
    assert ("appraisal", "countersigning") in waiting(world)["countersigning"]
    page = world.read("accepting", f"{PAGE}/waiver", Accept="text/html").text
    assert 'value="appraisal countersigning"' in page
    assert "Tiếp ký (" in page
    waived = {"step": "appraisal", "item": "countersigning", "text": WORDS}
    world.do("accepting", f"{REVIEW}/waivers", waived)
    world.accept()

    assert "Tiếp ký" in world.read("member", PAGE, Accept="text/html").text
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_a_form_appraises_the_step_that_it_was_shown_for(made: Made) -> None:
    world = made("countersigning")
    world.report()
    stale = world.judged("reviewing") | {"item": "countersigning"}

    refused = world.send("reviewing", f"{REVIEW}/appraisal", stale)
    assert refused.status_code == 409  # they have no such post there
    world.do("reviewing", f"{REVIEW}/appraisal", world.judged("reviewing") | {"item": "reviewing"})


def test_the_preview_names_where_nobody_may_appraise(made: Made) -> None:
    world = made("countersigning")
    body = {"period": "2027", "unit_id": DISTRICT, "rulebook": world.edition, "dry_run": True}

    def vacant() -> list[str]:
        doubts = world.send("accepting", "/api/v1/cycles", body).json["doubts"]
        return [name for each in doubts if each["why"] == "no_appraiser" for name in each["named"]]

    assert vacant() == [f"unit-{DISTRICT}"]  # of its own members, where no unit is next
    world.tell(post_given(REVIEWING, DISTRICT, "reviewing_officer"))
    assert vacant() == []
    world.tell(
        PostRelieved(member_id=REVIEWING, unit_id=DISTRICT, post=Code("reviewing_officer")),
        PostRelieved(member_id=REVIEWING, unit_id=COMMUNE, post=Code("reviewing_officer")),
        PostRelieved(
            member_id=COUNTERSIGNING, unit_id=DISTRICT, post=Code("countersigning_officer")
        ),
    )
    assert vacant() == [f"unit-{COMMUNE}", f"unit-{DISTRICT}"]
