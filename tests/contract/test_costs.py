"""Commands, pages, steps of reactions and batches cost the same in a cell and in a province.

Counted, not timed: statements, transactions that write, rows read, steps of SQLite's machine.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from events.store.key_cache import KeyCache
from services.commands.index_key import IndexKeyWatch
from tests.support.large_commune import CELL_SIZE, Commune, commune
from tests.support.large_deeds import EVERY
from tests.support.meter import Cost, Meter, metered

FEW, MANY = 22, 66  # cells; half of their members wait for the authority, more than it is shown
SPREAD = 1.05  # of rows and steps, by how many units and deadlines a page happens to name
FOR_EVER = 3_600.0  # seconds


class Place(NamedTuple):
    commune: Commune
    meter: Meter


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Place]]:
    """A small commune and a large one, in the middle of their year."""
    with ExitStack() as stack:
        found = []
        for cells in (FEW, MANY):
            meter = stack.enter_context(metered())
            folder = tmp_path_factory.mktemp(f"cells-{cells}")
            made = stack.enter_context(commune(folder, cells * CELL_SIZE))
            made.system.keys._cache = KeyCache(FOR_EVER)  # noqa: SLF001 - no clock is to count
            made.system.store.require_writable = IndexKeyWatch(made.system, FOR_EVER).require
            found.append(Place(made, meter))
        yield found


@pytest.mark.parametrize("name", EVERY)
def test_what_is_done_costs_the_same_in_communes_of_any_size(
    places: list[Place], name: str
) -> None:
    few, many = (cost_of(place, name) for place in places)

    assert few.statements > 0
    assert (many.statements, many.written) == (few.statements, few.written)
    assert many.rows <= few.rows * SPREAD
    assert many.steps <= few.steps * SPREAD


def cost_of(place: Place, name: str) -> Cost:
    """Return what something costs the second time, when keys and rules are at hand."""
    deed = EVERY[name](place.commune)
    deed(0)
    with place.meter.counting() as cost:
        deed(1)
    return cost
