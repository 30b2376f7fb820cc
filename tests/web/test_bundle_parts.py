"""A rating that the whole log verifies, its bundle verifies: also by parts of whose posts acted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from events.definitions.event import Code, FactVersion, Subject, Told
from events.definitions.roster import FactCorrected, MemberLeft, PostRelieved
from events.identifiers import member_stream
from tests.support.sealed import sealed
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import CELL, OTHER_CELL, enrolled, moved
from tests.support.year_world import SECRETARY, YearWorld, post_given

POST = Code("secretary")


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """Return a world before its year; the secretary of the cell proposes in it."""
    world = YearWorld(tmp_path / "data")
    yield world
    world.system.close()


def lived(world: YearWorld) -> tuple[dict[str, list[str]], str]:
    """Return what is found in the log and in An's bundle, once An was rated."""
    world.open_cycle()
    world.live("announced")
    return findings(world), reason_of_bundle(world)


def test_whoever_acts_was_transferred_and_kept_the_post_elsewhere(year: YearWorld) -> None:
    left = MemberLeft(member_id=SECRETARY, reason=sealed("transferred"))
    for event in (moved(SECRETARY, OTHER_CELL), left, enrolled(SECRETARY, CELL)):
        year.clock.set(year.clock.now() + timedelta(hours=1))
        year.tell(event)

    assert lived(year) == ({}, "")


def test_whoever_acts_came_to_post_and_unit_on_one_day_that_was_told_ahead(
    year: YearWorld,
) -> None:
    day = year.clock.now() + timedelta(days=20)
    year.tell(PostRelieved(member_id=SECRETARY, unit_id=CELL, post=POST))
    for event in (
        post_given(SECRETARY, CELL, POST),
        post_given(SECRETARY, OTHER_CELL, "deputy_secretary"),
        moved(SECRETARY, OTHER_CELL),
    ):
        year.append(event, time=day)
    year.reach(day + timedelta(minutes=1))

    assert lived(year) == ({}, "")


def test_of_two_corrections_that_made_last_is_in_the_bundle_though_it_tells_of_no_post(
    year: YearWorld,
) -> None:
    begun, stream = year.clock.now(), Subject(member_stream(SECRETARY))
    year.tell(moved(SECRETARY, OTHER_CELL))
    version = FactVersion(year.version(stream))
    relieved = PostRelieved(member_id=SECRETARY, unit_id=CELL, post=POST)
    kind = relieved.definition
    thought = Told(kind.type, kind.schema_version, begun, msgspec.to_builtins(relieved))
    year.clock.set(begun + timedelta(days=3))

    never = FactCorrected(subject=stream, corrects=version)
    before = FactCorrected(subject=stream, corrects=version, fact=thought)
    year.append(never, time=begun + timedelta(days=2))
    year.append(before, time=begun + timedelta(days=1))  # made before, and arrives after it
    year.advance()

    assert lived(year) == ({}, "")
