"""Who belongs where now, as projected: who is reviewed in a unit's year, and the way up from it."""

from collections.abc import Iterable

from events.definitions.records import Period
from events.definitions.roster import Standing
from events.domain import member
from events.domain.reviewing import OpenReview
from events.identifiers import MemberId, UnitId
from events.store.database import Database
from services.read_models import states

PATH_MAX = 20  # rungs of a tree of units; a deeper one is a circle


def reviews_to_open(database: Database, period: Period, top: UnitId) -> list[OpenReview]:
    """Return the review of everybody enrolled in a unit or below it, by their ids.

    Whoever is exempt from work and meetings is not reviewed.
    """
    units = sorted(states.units_below(database, [top]))
    sql = "SELECT member_id, state FROM member_states WHERE enrolled AND unit_id IN ?"
    above = parents(database)
    found = []
    for row in sorted(database.read(lambda t: t.rows_in(sql, units))):
        holds = member.view(states.MEMBERS.state_in(row))
        if not holds.exempt_since and holds.unit_id and holds.standing:
            found.append(
                OpenReview(
                    period=period,
                    member_id=MemberId(row[0]),
                    path=path(above, UnitId(holds.unit_id), top),
                    standing=Standing(holds.standing),
                )
            )
    return found


def members_of(database: Database, units: Iterable[UnitId]) -> list[MemberId]:
    """Return who is enrolled in some units now, by their ids."""
    if not states.projected(database, states.MEMBERS.projection):
        return []
    sql = "SELECT member_id FROM member_states WHERE enrolled AND unit_id IN ?"
    wanted = sorted(set(units))
    return sorted(MemberId(row[0]) for row in database.read(lambda t: t.rows_in(sql, wanted)))


def parents(database: Database) -> dict[UnitId, UnitId | None]:
    """Return the unit above each unit."""
    rows = database.rows("SELECT unit_id, parent_id FROM unit_states")
    return {UnitId(unit): UnitId(parent) if parent else None for unit, parent in rows}


def path(above: dict[UnitId, UnitId | None], unit_id: UnitId, top: UnitId) -> tuple[UnitId, ...]:
    """Return the units from one up to another, both included; up to the first gap or circle."""
    found = [unit_id]
    while found[-1] != top and len(found) < PATH_MAX:
        following = above.get(found[-1])
        if following is None:
            break
        found.append(following)
    return tuple(found)
