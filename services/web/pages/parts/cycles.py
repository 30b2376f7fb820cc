"""Which cycles somebody sees, and which they may open."""

from collections.abc import Iterator
from itertools import islice

from events.definitions.records import Period
from events.identifiers import UnitId
from services.access.roles import Person
from services.commands import cycles
from services.read_models import cycle_lists, roster, states
from services.web.asking.visibility import sees_unit
from services.web.context import correlation_id, system
from services.web.saying import names

OTHERS_MAX = 100  # cycles that a page names beside its own


def cycles_of(who: Person) -> Iterator[tuple[str, UnitId]]:
    """Iterate over the cycles that somebody sees units of, the newest year first."""
    database = system().store.database
    above = states.parents(database, who.units)
    up = {unit for held in who.units for unit in roster.path(above, held, UnitId(""))}
    for period in cycle_lists.every_period(database):
        for top in cycle_lists.deciding_units(database, period):
            if top in up or sees_unit((top,)):
                yield period, top


def visible_cycles(who: Person) -> list[tuple[str, UnitId, str]]:
    """Return the cycles that somebody may look at: year, unit, and the unit's name."""
    found = list(islice(cycles_of(who), OTHERS_MAX + 1))
    called = names.of_units(top for _, top in found)
    return [(period, top, called.get(top, top)) for period, top in found]


def open_reviews_of(period: str, unit_id: str) -> None:
    wanted = cycles.reviews_wanted(system(), Period(period), UnitId(unit_id))
    cycles.open_reviews(system(), UnitId(unit_id), wanted, correlation_id())
