"""Nobody is rated from below, whenever they came to their office, and whatever a worker tells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.roster import LeavingReason, MemberLeft, PostRelieved, UnitDissolved
from events.identifiers import MemberId, UnitId, review_stream
from services.commands import takeovers
from tests.support.following import follow, state_of, transfers_of
from tests.support.own_editions import COMPETENCE, cases_of, own
from tests.support.people import give_account
from tests.support.sealed import sealed
from tests.support.unit_world import OPENED_AT, OTHER, WARD, UnitWorld
from tests.support.verified import findings
from tests.support.world import (
    CELL,
    COMMUNE,
    DISTRICT,
    OTHER_CELL,
    Answer,
    authorised,
    enrolled,
    formed,
)
from tests.support.year_world import FIGURES, GOOD, MEMBER, PERIOD, WORDS, post_given

REVIEW = f"/api/v1/reviews/{PERIOD}/{MEMBER}"
SELF_CRITIQUE_LATE = datetime(2026, 12, 8, 2, tzinfo=UTC)
ELSEWHERE = UnitId("elsewhere".ljust(26, "a"))
OUTSIDER = MemberId("outsider".ljust(26, "a"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[UnitWorld]:
    """A cell below a ward below a commune below a district, which decides too."""
    made = UnitWorld(tmp_path / "data")
    made.clock.set(OPENED_AT)
    made.tell(authorised(DISTRICT))
    yield made
    made.system.close()


def in_the_middle_of_their_year(world: UnitWorld, *opened: UnitId) -> None:
    begin_their_year(world, *opened)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})


def begin_their_year(world: UnitWorld, *opened: UnitId) -> None:
    """Open years in which those who decide may go on without a self-critique."""
    edition = {"document": own(PERIOD) + COMPETENCE, "cases": cases_of(PERIOD)}
    published = world.do("authority", "/api/v1/rulebooks", {"unit_id": COMMUNE, **edition}).json
    for role, unit_id in (("authority", COMMUNE), ("superior", DISTRICT)):
        if unit_id in opened:
            year = {"period": PERIOD, "unit_id": unit_id, "rulebook": published["digest"]}
            world.do(role, "/api/v1/cycles", year)


def proposes(world: UnitWorld, role: str) -> Answer:
    body = {"points": GOOD, "figures": FIGURES, "text": WORDS}
    return world.send(role, f"{REVIEW}/proposal", body)


def decides(world: UnitWorld, role: str) -> Answer:
    proposal = world.read("auditor", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    return world.send(role, f"{REVIEW}/decision", {**body, "text": WORDS})


def test_whoever_asks_first_is_told_that_the_review_followed_its_member(world: UnitWorld) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    world.tell(post_given(MEMBER, WARD, "secretary"))  # and no worker runs

    below = proposes(world, "secretary")
    above = proposes(world, "deputy")

    assert (below.status_code, below.json["code"]) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert above.status_code == HTTPStatus.CREATED
    assert state_of(world, MEMBER).units_above == (COMMUNE,)
    assert findings(world) == {}


@pytest.mark.parametrize(
    ("role", "status"),
    [("outsider", 404), ("administrator", 404), ("member", 403), ("superior", 403)],
)
def test_whoever_has_no_right_to_a_step_has_nothing_told_by_asking_for_it(
    world: UnitWorld, role: str, status: int
) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    world.tell(formed(ELSEWHERE, name="Khác"), enrolled(OUTSIDER, ELSEWHERE))
    give_account(world.system, "outsider", OUTSIDER, ())
    world.tell(post_given(MEMBER, WARD, "secretary"))  # and no worker runs
    before = world.size()

    refused = proposes(world, role)

    assert refused.status_code == status
    assert world.size() == before


def test_what_is_told_first_names_nobody_who_asked(world: UnitWorld) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    world.tell(post_given(MEMBER, WARD, "secretary"))  # and no worker runs

    proposes(world, "secretary")

    followed = world.system.store.read_stream(review_stream(PERIOD, MEMBER)).events[-1]
    assert followed.entry.principal == "worker:transfers"
    assert followed.entry.correlationid is UNSET


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("end", {}),
        ("waivers", {"step": "self_critique"}),
        ("deadlines", {"step": "self_critique", "day": "2027-01-20"}),
    ],
)
def test_nobody_below_says_what_becomes_of_the_year_of_who_came_to_stand_above_them(
    world: UnitWorld, path: str, body: dict[str, Any]
) -> None:
    begin_their_year(world, COMMUNE)
    world.reach(SELF_CRITIQUE_LATE)
    world.tell(post_given(MEMBER, DISTRICT, "deputy_secretary"))  # and no worker runs

    refused = world.send("authority", f"{REVIEW}/{path}", {**body, "text": WORDS})

    state = state_of(world, MEMBER)
    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, "ended")
    assert (state.left_above, state.waivers, state.delays) == (True, (), ())
    assert findings(world) == {}


def test_who_left_is_not_ended_as_somebody_late_before_a_worker_tells(world: UnitWorld) -> None:
    begin_their_year(world, COMMUNE)
    transfers = transfers_of(world)
    world.reach(SELF_CRITIQUE_LATE)
    world.tell(MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.RESIGNED)))

    refused = world.send("authority", f"{REVIEW}/end", {"text": WORDS})
    left = world.read("authority", REVIEW).json["ended"]
    world.tell(enrolled(MEMBER, CELL))
    follow(world, transfers)

    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, "ended")
    assert left == "left"
    assert state_of(world, MEMBER).ending is None
    assert findings(world) == {}


def test_who_came_above_those_who_decide_after_the_proposal_is_decided_higher_up(
    world: UnitWorld,
) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    transfers = transfers_of(world)
    proposed = proposes(world, "secretary")
    world.tell(post_given(MEMBER, WARD, "secretary"))
    version = world.read("authority", REVIEW).json["proposal"]["version"]
    given_back = {"proposal_version": version, "text": WORDS}
    world.do("authority", f"{REVIEW}/return", given_back)
    follow(world, transfers)

    again = proposes(world, "secretary")

    assert proposed.status_code == HTTPStatus.CREATED
    assert again.status_code == HTTPStatus.FORBIDDEN
    assert state_of(world, MEMBER).units_above == (COMMUNE,)
    assert findings(world) == {}


def test_who_comes_to_an_office_above_the_year_is_opened_anew_in_that_of_a_unit_above(
    world: UnitWorld,
) -> None:
    in_the_middle_of_their_year(world, COMMUNE, DISTRICT)
    transfers = transfers_of(world)
    world.tell(post_given(MEMBER, DISTRICT, "deputy_secretary"))
    refused = proposes(world, "deputy")
    follow(world, transfers)
    left = state_of(world, MEMBER)

    found = world.do("superior", f"/api/v1/cycles/{PERIOD}/{DISTRICT}/reviews").json["reviews"]
    here = world.send("authority", f"/api/v1/cycles/{PERIOD}/{COMMUNE}/reviews").json["reviews"]
    anew = state_of(world, MEMBER)

    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, "ended")
    assert left.left_above
    assert (found, here) == (1, 0)
    assert (anew.units_above, anew.self_critique) == ((DISTRICT,), None)
    assert findings(world) == {}


def test_who_leaves_that_office_goes_on_with_what_they_wrote(world: UnitWorld) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    transfers = transfers_of(world)
    world.tell(post_given(MEMBER, DISTRICT, "deputy_secretary"))
    follow(world, transfers)
    ended = world.read("member", REVIEW).json["ended"]
    world.tell(PostRelieved(member_id=MEMBER, unit_id=DISTRICT, post=Code("deputy_secretary")))
    follow(world, transfers)

    state = state_of(world, MEMBER)

    assert ended == "rated_above"
    assert (state.ending, state.units_above) == (None, (CELL, WARD, COMMUNE))
    assert state.self_critique
    assert findings(world) == {}


def test_a_year_that_was_taken_over_goes_on_with_who_holds_an_office_there(
    world: UnitWorld,
) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    transfers = transfers_of(world)
    world.tell(post_given(MEMBER, DISTRICT, "deputy_secretary"))
    follow(world, transfers)
    world.do("superior", f"/api/v1/cycles/{PERIOD}/{COMMUNE}/takeover", {"text": WORDS})
    follow(world, transfers)

    state = state_of(world, MEMBER)

    assert (state.ending, state.units_above) == (None, (DISTRICT,))
    assert findings(world) == {}


@pytest.mark.parametrize("follows", [True, False])
def test_a_unit_that_came_to_one_which_they_head_does_not_propose_them(
    world: UnitWorld,
    follows: bool,  # noqa: FBT001
) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    transfers = transfers_of(world)
    world.tell(
        post_given(MEMBER, OTHER_CELL, "secretary"),
        post_given(OTHER, OTHER_CELL, "deputy_secretary"),
        UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL),
    )
    if follows:
        follow(world, transfers)
        assert state_of(world, MEMBER).units_above == (WARD, COMMUNE)

    refused = proposes(world, "other")

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert state_of(world, MEMBER).units_above == (WARD, COMMUNE)
    assert findings(world) == {}


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("what", "code"), [("takeover", "already_done"), ("voiding", "not_open")])
def test_nobody_ends_or_resumes_in_a_year_that_was_taken_over_or_voided_before_it_followed(
    world: UnitWorld, what: str, code: str, monkeypatch: pytest.MonkeyPatch, *, ended: bool
) -> None:
    begin_their_year(world, COMMUNE)
    world.reach(SELF_CRITIQUE_LATE)
    if ended:
        world.do("authority", f"{REVIEW}/end", {"text": WORDS})
    monkeypatch.setattr(takeovers, "_follow", lambda *_, **__: 0)  # whoever asked broke off
    world.do("superior", f"/api/v1/cycles/{PERIOD}/{COMMUNE}/{what}", {"text": WORDS})

    asked = "resumption" if ended else "end"
    refused = world.send("authority", f"{REVIEW}/{asked}", {"text": WORDS})

    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, code)
    assert bool(state_of(world, MEMBER).ending) is ended
    assert findings(world) == {}


@pytest.mark.parametrize(("what", "code"), [("takeover", "already_done"), ("voiding", "not_open")])
def test_nobody_is_judged_in_a_year_that_was_taken_over_or_voided_before_it_followed(
    world: UnitWorld, what: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_middle_of_their_year(world, COMMUNE)
    proposes(world, "secretary")
    monkeypatch.setattr(takeovers, "_follow", lambda *_, **__: 0)  # whoever asked broke off
    world.do("superior", f"/api/v1/cycles/{PERIOD}/{COMMUNE}/{what}", {"text": WORDS})

    refused = decides(world, "authority")
    now = findings(world)
    world.reach(world.clock.now() + timedelta(days=2))
    world.tell(post_given(OTHER, OTHER_CELL, "secretary"))

    assert (refused.status_code, refused.json["code"]) == (HTTPStatus.CONFLICT, code)
    assert now == {}
    assert any(each.startswith("review-") for each in findings(world))
