"""Project the facts about units into `unit_states`: a row a unit, folded from the stream."""

from collections.abc import Iterable

from events.definitions.entry import Sequenced
from events.domain import unit
from events.domain.timelines import EMPTY
from services.read_models import tables
from workers.projections.projection import Projection, Rows

PREFIX = "unit-"


def keys(sequenced: Sequenced) -> Iterable[str]:
    """Return the unit whom a fact is about, if it is about one."""
    stream = sequenced.entry.stream
    return (stream.removeprefix(PREFIX),) if stream.startswith(PREFIX) else ()


def apply(rows: Rows, sequenced: Sequenced) -> None:
    """Carry one fact into the unit's row. A second time changes nothing."""
    for unit_id in keys(sequenced):
        row = rows.get(unit_id)
        before = tables.state_in(row) if row else EMPTY
        after = unit.evolve(before, sequenced)
        if after is not before:
            rows.put(unit_id, tables.unit_row(unit_id, sequenced.position, after))


UNIT_STATES = Projection("unit_states", 1, tables.unit_states, keys, apply)
