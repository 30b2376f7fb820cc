"""A year that is opened while lists lag behind the log is opened by what the log tells."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Period
from events.definitions.review import ReviewOpened
from events.definitions.roster import (
    MemberExempted,
    MemberStandingChanged,
    PostRelieved,
    Standing,
    UnitDissolved,
    UnitMoved,
)
from events.domain.review import review
from events.identifiers import MemberId, UnitId, review_stream
from events.store import subscriptions
from events.store.sequencing import sequence
from services.queries import lagging
from tests.support.unit_world import BOTH, OPENED_AT, WARD, UnitWorld
from tests.support.verified import findings
from tests.support.world import CELL, COMMUNE, OTHER_CELL, enrolled, formed, moved
from tests.support.year_world import (
    FOLLOWER,
    MEMBER,
    NEWCOMER,
    PEER,
    PERIOD,
    SECRETARY,
    STRANGER,
    post_given,
)

NEW_CELL = UnitId("cellcccccccccccccccccccccc")
SOME_TIME = timedelta(minutes=10)  # longer than lists may lag
OPENING = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}

MEMBERS: Sequence[Event] = [
    moved(MEMBER, OTHER_CELL),
    MemberExempted(member_id=PEER),
    MemberStandingChanged(member_id=FOLLOWER, standing=Standing.PROBATIONARY),
    post_given(STRANGER, OTHER_CELL, "deputy_secretary"),
    PostRelieved(member_id=BOTH, unit_id=CELL, post=Code("deputy_secretary")),
]
DISSOLVED = [UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL)]
UNITS: Sequence[Event] = [
    UnitMoved(unit_id=CELL, parent_id=COMMUNE),
    formed(NEW_CELL, WARD),
    enrolled(NEWCOMER, NEW_CELL),
    post_given(NEWCOMER, NEW_CELL, "secretary"),
    post_given(NEWCOMER, WARD, "deputy_secretary"),
]


@pytest.fixture
def world(tmp_path: Path) -> UnitWorld:
    world = UnitWorld(tmp_path)
    world.clock.time = OPENED_AT
    world.advance()
    return world


def tell_unlisted(world: UnitWorld, *events: Event) -> None:
    """Let facts be told and numbered; no list knows them."""
    world.append(*events)
    while sequence(world.system.store.database, world.clock):
        pass


def opens(world: UnitWorld) -> int:
    """Return what the authority is answered who opens the year, before any list goes on."""
    headers = world.headers("authority")
    return world.ask("POST", "/api/v1/cycles", json=OPENING, headers=headers).status_code


@pytest.mark.parametrize(
    ("told", "ago"),
    [
        (MEMBERS, timedelta()),
        (MEMBERS, SOME_TIME),
        (DISSOLVED, SOME_TIME),
        (UNITS, SOME_TIME),
    ],
)
def test_what_lists_do_not_know_is_looked_up_before_a_year_is_opened(
    world: UnitWorld, told: Sequence[Event], ago: timedelta
) -> None:
    tell_unlisted(world, *told)
    world.clock.time += ago

    answer = opens(world)

    assert answer == 201
    assert findings(world) == {}
    assert opening_of(world, SECRETARY).path[-1] == COMMUNE


def opening_of(world: UnitWorld, subject: str) -> ReviewOpened:
    stream = review_stream(Period(PERIOD), MemberId(subject))
    opened = review.fold(world.system.store.read_stream(stream).events).opened
    assert opened
    return opened.fact


def test_of_whom_a_list_set_something_aside_the_stream_tells(world: UnitWorld) -> None:
    tell_unlisted(world, enrolled(NEWCOMER, CELL))
    set_aside(world, post_given(NEWCOMER, CELL, "deputy_secretary"))
    world.clock.time += SOME_TIME

    answer = opens(world)

    assert answer == 201
    assert {each.member_id for each in opening_of(world, CELL).leaders} >= {NEWCOMER}
    assert findings(world) == {}


def set_aside(world: UnitWorld, event: Event) -> None:
    """Let a fact be told that the list of members could not take in."""
    tell_unlisted(world, event)
    database, now = world.system.store.database, world.clock.now()
    place = (world.system.store.head().size, stream_of(event))
    database.transact(
        lambda t: subscriptions.park(t, "member_states", 1, [place], "Broken", now=now)
    )
    world.advance()


def test_a_year_is_not_opened_by_lists_that_are_too_far_behind(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_unlisted(world, moved(MEMBER, OTHER_CELL), moved(PEER, OTHER_CELL))
    world.clock.time += SOME_TIME
    monkeypatch.setattr(lagging, "UNREAD_MAX", 1)

    refused = opens(world)
    world.advance()
    again = world.do("authority", f"/api/v1/cycles/{PERIOD}/{COMMUNE}/reviews")

    assert refused == 503
    assert again.json["reviews"] > 0
    assert opening_of(world, MEMBER).path[0] == OTHER_CELL
    assert findings(world) == {}
