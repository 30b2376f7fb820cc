"""What is below a unit where lists lag: they say who may be, and the streams of these say how.

Whoever verifies a year decides each opening anew by what the log told before it, and grants lists
a moment alone: what they do not know for longer is looked up.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence

from events.domain.organisation import succession, unit
from events.domain.organisation.succession import Place
from events.domain.organisation.timelines import EMPTY, State
from events.domain.verification.told import LISTS_LAG_MAX
from events.identifiers import UnitId, unit_stream
from events.store import subscriptions
from events.store.database import Database
from services.context import Context
from services.read_models import openings, roster, states, tree
from services.read_models.openings import Below, Enrolled
from services.read_models.states import Kind

UNREAD_MAX = 10_000  # facts that lists may be behind by; for more they are waited for
LAG_MAX = LISTS_LAG_MAX / 2  # what is appended by lists has the other half


def lists_lag(context: Context) -> bool:
    """Tell whether members and units have lists that lack what was told some time ago."""
    unread = context.store.read_log(_position(context.store.database), 1)
    since = context.clock.now() - LAG_MAX
    return any(each.entry.recordedat < since for each in unread) or bool(_set_aside(context))


def as_told(context: Context, top: UnitId) -> Below:
    """Return what is below a unit, as the streams tell of whom lists know, or do not know yet.

    Raises:
        NotYet: the lists are too far behind.
    """
    unread = _unread(context) | _set_aside(context)
    named = {UnitId(each) for each in _keys(states.UNITS, unread)}
    listed = tree.units_below(context.store.database, {top, *named}) | named
    units = {key: state for page in _pages(context, states.UNITS, listed) for key, state in page}
    ways_up = _ways_up(context, units)
    ways = {UnitId(each): ways_up(UnitId(each)) for each in units}
    up = ways.get(top, ())
    further = [(each, up[n + 1 :]) for n, each in enumerate(up)]
    inside = sorted(each for each, way in ways.items() if top in (each, *way))
    return Below(
        formed={each: unit.view(units[each]) for each in inside},
        above={each: next(iter(way), None) for each, way in (*ways.items(), *further)},
        versions={unit_stream(each): units[each].version for each in inside},
        members=_members_in(context, inside, _keys(states.MEMBERS, unread)),
    )


def _members_in(
    context: Context, units: Sequence[UnitId], unread: Iterable[str]
) -> Iterator[Enrolled]:
    inside = {*units}
    listed = {*roster.enrolled_in(context.store.database, units), *unread}
    for page in _pages(context, states.MEMBERS, listed):
        for each in openings.enrolled_as(context, dict(page)):
            if each.holds.own_unit in inside:
                yield each


def _pages(context: Context, kind: Kind, keys: Iterable[str]) -> Iterator[list[tuple[str, State]]]:
    """Iterate over states by their keys, page by page; read are the streams that went on since."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), states.PAGE):
        page = wanted[start : start + states.PAGE]
        listed = dict[str, State]()
        for found in states.pages_of(context.store.database, kind, page):
            listed |= found
        versions = context.store.versions(map(kind.stream, page))
        behind = [
            each for each in page if listed.get(each, EMPTY).version != versions[kind.stream(each)]
        ]
        told = context.store.read_streams(map(kind.stream, behind))
        now = listed | {each: kind.fold(told[kind.stream(each)]) for each in behind}
        yield sorted(now.items())


def _ways_up(context: Context, units: dict[str, State]) -> Callable[[UnitId], tuple[UnitId, ...]]:
    """Return what tells the units above one that stand, as `tree.parents` finds the first."""
    read = context.store.events

    @functools.cache
    def place_of(each: UnitId) -> Place:
        known = units.get(each)
        return succession.place_in(known or unit.fold(read(unit_stream(each))))

    return lambda each: succession.standing_above(each, place_of)


def _unread(context: Context) -> frozenset[str]:
    """Return in which streams something was told that lists have not come to."""
    position = _position(context.store.database)
    found = context.store.read_log(position, UNREAD_MAX + 1)
    if len(found) > UNREAD_MAX:
        raise states.NotYet(states.MEMBERS.projection)
    return frozenset(each.entry.stream for each in found)


def _set_aside(context: Context) -> frozenset[str]:
    """Return the streams of members and units of which lists lack what they could not take in."""
    names = {kind.projection for kind in states.ROSTER}
    parked = subscriptions.parked_events(context.store.database)
    return frozenset(each.stream for each in parked if each.name in names)


def _position(database: Database) -> int:
    return min(states.serving_position(database, kind.projection) for kind in states.ROSTER)


def _keys(kind: Kind, streams: Iterable[str]) -> Iterator[str]:
    begins = f"{kind.name}-"
    return (each.removeprefix(begins) for each in streams if each.startswith(begins))
