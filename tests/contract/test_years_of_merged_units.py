"""Units are merged while a year goes by: whatever follows, its log and its bundles verify."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.event import Event
from events.definitions.roster import UnitDissolved, UnitMoved
from events.identifiers import UnitId
from tests.support.random_years import RandomYear
from tests.support.verified import findings, reason_of_bundle
from tests.support.worked_year import WorkedYear
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, formed, moved
from tests.support.year_world import CYCLE, GOOD, MEMBER, PLAN, POOR, RATING, REVIEW, WORDS

SEEDS = (1, 2, 6)  # of years that go by by chance; by the last two paths of successors were found
DEEDS = 30  # in each
NEW = UnitId("newaaaaaaaaaaaaaaaaaaaaaaa")
CELL_MERGED = UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL)
MERGED: dict[str, tuple[Event, ...]] = {
    "the cell into another": (CELL_MERGED,),
    "the commune into a new one": (
        formed(NEW, DISTRICT),
        UnitDissolved(unit_id=COMMUNE, successor_id=NEW),
    ),
    "the commune into the district": (UnitDissolved(unit_id=COMMUNE, successor_id=DISTRICT),),
    "the cell into the commune, which moves": (
        formed(NEW, DISTRICT),
        UnitDissolved(unit_id=CELL, successor_id=COMMUNE),
        UnitMoved(unit_id=COMMUNE, parent_id=NEW),
    ),
    "nothing, but the member moves": (moved(MEMBER, OTHER_CELL),),
}
each_merger = pytest.mark.parametrize("merged", MERGED.values(), ids=MERGED)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[WorkedYear]:
    world = WorkedYear(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


@pytest.mark.parametrize("until", ["critique", "planned"])
@each_merger
def test_the_district_takes_over_a_year_whose_units_were_merged(
    world: WorkedYear, until: str, merged: tuple[Event, ...]
) -> None:
    world.live(until, POOR)
    world.tell(*merged)

    world.do("superior", f"{CYCLE}/takeover", {"text": WORDS})

    assert world.read("superior", REVIEW).json["path"][-1] == DISTRICT
    assert findings(world) == {}


@each_merger
def test_the_district_voids_a_year_whose_units_were_merged(
    world: WorkedYear, merged: tuple[Event, ...]
) -> None:
    world.live("planned", POOR)
    world.tell(*merged)

    world.do("superior", f"{CYCLE}/voiding", {"text": WORDS})

    assert world.read("superior", REVIEW).status_code == 404
    assert findings(world) == {}


def test_a_rating_is_announced_for_a_cell_that_was_merged_since(world: WorkedYear) -> None:
    world.live("decided", POOR)
    world.tell(CELL_MERGED)

    world.do("authority", f"{REVIEW}/announcement")

    assert world.read("member", PLAN).status_code == 200
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_a_member_of_a_cell_that_was_merged_proposes_a_plan_of_their_own(
    world: WorkedYear,
) -> None:
    world.live("announced", GOOD)
    world.tell(CELL_MERGED)

    world.live("planned", since="planned")

    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_done_in_a_year_its_log_and_its_bundle_verify(
    tmp_path: Path, seed: int
) -> None:
    world = RandomYear(tmp_path / "data", seed)

    world.go_by(DEEDS)

    assert findings(world) == {}
    if world.read("auditor", f"{RATING}/bundle").status_code == 200:
        assert reason_of_bundle(world) == ""
    world.system.close()
