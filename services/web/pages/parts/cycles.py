"""Which cycles somebody sees, and which they may open."""

from collections.abc import Iterator
from itertools import islice

from events.definitions.records import Period
from events.identifiers import UnitId
from services.access.roles import Person
from services.commands import cycles
from services.read_models import cycle_lists, roster, tree
from services.web.asking.rows import stages_seen
from services.web.asking.visibility import sees_top, sees_way
from services.web.context import correlation_id, system
from services.web.saying import names

OTHERS_MAX = 100  # cycles that a page names beside its own


def cycles_of(who: Person) -> Iterator[tuple[str, UnitId]]:
    """Iterate over the cycles that somebody sees units of, the newest year first."""
    database = system().store.database
    above = tree.parents(database, who.units)
    up = {unit for held in who.units for unit in roster.path(above, held, roster.NOWHERE)}
    for period in cycle_lists.every_period(database):
        ways = cycle_lists.ways_up(database, period, who.units)
        through = {way.path[-1] for way in ways if sees_way(way)}
        for each in cycle_lists.deciding_units(database, period):
            top = each.unit_id
            if top in through or sees_top(each) or (top in up and _sees_some(period, top)):
                yield period, top


def _sees_some(period: str, top: UnitId) -> bool:
    """Tell whether the reader acts on the way up of any review that a unit decides on."""
    return any(stages_seen(period, top))


def visible_cycles(who: Person) -> list[tuple[str, UnitId, str]]:
    """Return the cycles that somebody may look at: year, unit, and the unit's name."""
    found = list(islice(cycles_of(who), OTHERS_MAX + 1))
    called = names.of_units(top for _, top in found)
    return [(period, top, called.get(top, top)) for period, top in found]


def open_reviews_of(period: str, unit_id: str) -> None:
    cycles.open_all(system(), Period(period), UnitId(unit_id), correlation_id())
