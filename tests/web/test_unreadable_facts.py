"""`tusoi verify` goes on past facts that this program cannot read, and names each."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from events.definitions.catalogue import Catalogue
from events.definitions.event import Code, Event, event
from events.identifiers import UnitId, unit_stream
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from events.store.store import Store
from services.cli.checking import check_all
from tests.support.definitions import RoomPainted
from tests.support.fakes import SeededChance
from tests.support.world import CELL, World, commune


@event("roster.unit_renamed", schema_version=9, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedOneDay(Event):
    """What a later program tells of a unit's name."""

    unit_id: UnitId
    name_of_the_day: str


@pytest.mark.parametrize(
    ("unreadable", "says"),
    [
        (RoomPainted(unit_id=CELL, colour=Code("red")), "test.room_painted"),
        (RenamedOneDay(unit_id=CELL, name_of_the_day="Chi bộ"), "upgrade"),
    ],
    ids=["unknown", "of a later program"],
)
def test_a_fact_that_this_program_cannot_read_is_named_and_the_rest_is_judged(
    tmp_path: Path, unreadable: Event, says: str
) -> None:
    world = World(tmp_path / "data")
    world.tell(*commune())
    size = world.system.store.head().size
    later = Store(
        world.system.store.database,
        clock=world.clock,
        chance=SeededChance(9),
        catalogue=Catalogue([type(unreadable)], {}),
    )
    stream, now = unit_stream(CELL), world.clock.now()
    new = NewEvent(event=unreadable, id="later", source="/later", time=now, principal="import")
    later.append({stream: Appended(later.versions([stream])[stream], (new,))})
    while sequence(world.system.store.database, world.clock):
        pass

    checked = check_all(world.system, lambda _: None)

    (found,) = [each for each in checked.findings if each.where == f"position {size + 1}"]
    assert says in found.what
    assert checked.log.size == size + 1
    world.system.close()
