"""What HR may have meant otherwise of members and units, as projected: kept, and shown.

Nobody's year ends by what is doubtful. But whoever belongs to a unit from which no way leads up to
a top is in no year at all: that is told first, also to whoever opens one.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from events.domain.documents.working_days import local_day
from events.domain.organisation import doubts, succession, unit
from events.domain.organisation.doubt import Doubt
from events.domain.organisation.succession import SUCCESSIONS_MAX, Place
from events.domain.organisation.timelines import State
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import UnitId
from events.store.database import Database
from services.context import Context
from services.queries.corrected_facts import told_still
from services.queries.listed_still import listed_still
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS, Kind

WAY_MAX = PATH_MAX + SUCCESSIONS_MAX  # of units, some of which were dissolved
LOOK_BACK = timedelta(days=366)  # a year on, whoever was to look at it has


class Doubtful(NamedTuple):
    """Of whom something is doubtful."""

    stream: str
    doubt: Doubt


class Lost(NamedTuple):
    """A unit from which no way leads up to a top that stands: it hangs in a circle, or nowhere."""

    unit_id: str
    name: str
    members: int  # enrolled in it


def standing_doubts(context: Context) -> Iterator[Doubtful]:
    """Iterate over what is doubtful of everybody and came about in the last year, as projected."""
    database = context.store.database
    gone = dissolved_units(database)
    for kind in (UNITS, MEMBERS):
        if states.serving_build(database, kind.projection):
            sql = f"SELECT {kind.key}, state FROM {kind.projection} ORDER BY {kind.key}"
            for row in database.rows(sql):
                found = recent_doubts(context, kind, row[0], kind.state_in(row), gone)
                yield from (Doubtful(kind.stream(row[0]), each) for each in found)


def recent_doubts(
    context: Context, kind: Kind, subject_id: str, state: State, gone: Mapping[str, datetime]
) -> list[Doubt]:
    """Return what is doubtful of one member or unit, of what holds since a year ago at most.

    Or came about by what was told since then: a first import tells of years. That somebody is away
    still is told for as long as they are. With when units were dissolved.
    """
    now = context.clock.now()
    since, found = now - LOOK_BACK, _doubts_of(kind, state, gone)
    if state.corrected or any(each.since < since for each in found):
        every = context.store.events(kind.stream(subject_id))
        told = [each for each in every if each.entry.streamversion <= state.version]
        before = [each for each in told if each.entry.recordedat < since]
        known = _doubts_of(kind, kind.fold(before), gone) | {*told_still(context, before)}
        found |= {*told_still(context, told)}
        found = {each for each in found if each.since >= since or each not in known}
    if kind is UNITS:
        return sorted(found)
    found |= {*listed_still(context, kind.stream(subject_id), state, since=since)}
    return [*sorted(found), *doubts.of_absence(state, local_day(now))]


def _doubts_of(kind: Kind, state: State, gone: Mapping[str, datetime]) -> set[Doubt]:
    if kind is UNITS:
        return {*doubts.of_unit(state)}
    return {*doubts.of_member(state), *doubts.of_places(state, gone)}


def dissolved_units(database: Database) -> dict[str, datetime]:
    """Return when units were dissolved, by their ids, as projected."""
    if not states.serving_build(database, UNITS.projection):
        return {}
    rows = database.rows("SELECT unit_id, state FROM unit_states WHERE NOT formed")
    found = {row[0]: unit.view(UNITS.state_in(row)).dissolved_at for row in rows}
    return {unit_id: at for unit_id, at in found.items() if at}


def count_waiting(database: Database) -> int:
    """Return of how many members and units something was told ahead and waits for its day."""
    kinds = (e for e in states.ROSTER if states.serving_build(database, e.projection))
    counts = (f"SELECT count(*) FROM {e.projection} WHERE timer_at IS NOT NULL" for e in kinds)
    return sum(database.rows(sql)[0][0] for sql in counts)


def lost_units(database: Database, through: Collection[str] | None = None) -> list[Lost]:
    """Return the units that hang below themselves or below none that stands, by their ids.

    Of the latter only those to which somebody belongs: that of all others may be told yet. With
    `through`, of both those alone whose way up, as far as it leads, comes through one of the units.
    """
    if not states.serving_build(database, UNITS.projection):
        return []
    rows = database.rows("SELECT unit_id, parent_id, formed, successor_id FROM unit_states")
    places = {row[0]: Place(row[1], None if row[2] else row[3]) for row in rows}
    there = {row[0] for row in rows if row[2]}
    ways = {each: _way_up(each, places) for each in places}
    tops = {each: way[-1] if len(way) <= WAY_MAX else None for each, way in ways.items()}
    astray = sorted(
        each
        for each, top in tops.items()
        if top not in there and (through is None or not set(through).isdisjoint(ways[each]))
    )
    members = _members(database, astray)
    called = _names(database, astray)
    found = (Lost(each, called.get(each, each), members.get(each, 0)) for each in astray)
    return [each for each in found if each.members or tops[each.unit_id] is None]


def _way_up(unit_id: UnitId, places: Mapping[UnitId, Place]) -> list[UnitId]:
    """Return a unit and those above it, also dissolved ones; too many where that is a circle."""
    way = [unit_id]
    while len(way) <= WAY_MAX:
        above = succession.next_up(way[-1], lambda each: places.get(each, Place()))
        if above is None:
            break
        way.append(above)
    return way


def _members(database: Database, units: list[str]) -> dict[str, int]:
    if not states.serving_build(database, MEMBERS.projection):
        return {}
    found: dict[str, int] = {}
    sql = "SELECT unit_id FROM member_states WHERE enrolled AND unit_id IN ?"
    for (unit_id,) in database.read(lambda t: t.rows_in(sql, units)) if units else ():
        found[unit_id] = found.get(unit_id, 0) + 1
    return found


def _names(database: Database, units: list[str]) -> dict[str, str]:
    sql = "SELECT unit_id, state FROM unit_states WHERE unit_id IN ?"
    rows = database.read(lambda t: t.rows_in(sql, units)) if units else ()
    return {row[0]: unit.view(UNITS.state_in(row)).name or row[0] for row in rows}
