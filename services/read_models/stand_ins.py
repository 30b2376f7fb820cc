"""Who stands in for whom in some units, as projected: now, or on days to come."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from events.definitions.event import Code
from events.definitions.records import Hand
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, standing_in
from events.domain.organisation.timelines import EMPTY, State
from events.identifiers import UnitId
from events.store.database import Database
from services.read_models import roster
from services.read_models.states import MEMBERS


class StoodIn(NamedTuple):
    """A post in which somebody stands in, or will, with both their names' ids."""

    by: Hand
    since: date
    until: date
    counts: bool  # now: both are where they are to be for it


def stand_ins(database: Database, units: Iterable[UnitId], now: datetime) -> list[StoodIn]:
    """Return who stands in for posts in some units, now or later: what is over is left out."""
    listed = roster.standing_in(database, units)
    states = _states(database, (each for e in listed for each in (e.member_id, e.for_id)))
    found = list[StoodIn]()
    for each in listed:
        state, whose = (states.get(e, EMPTY) for e in (each.member_id, each.for_id))
        holds, holder = (member.view(one.with_due(now)) for one in (state, whose))
        for told in standing_in.every_delegation(state):
            named = (told.unit_id, told.post, told.for_id)
            if named == (each.unit_id, each.post, each.for_id) and told.until >= local_day(now):
                by = Hand(
                    member_id=each.member_id,
                    unit_id=each.unit_id,
                    post=Code(each.post),
                    for_id=each.for_id,
                )
                counts = told.since <= now and standing_in.counts(told, holds, holder, now)
                found.append(StoodIn(by, local_day(told.since), told.until, counts))
    return sorted(found, key=lambda one: (one.since, one.by.unit_id, one.by.post, one.by.member_id))


def _states(database: Database, members: Iterable[str]) -> dict[str, State]:
    wanted = sorted(set(members))
    if not wanted:
        return {}
    sql = "SELECT member_id, state FROM member_states WHERE member_id IN ?"
    rows = database.read(lambda transaction: transaction.rows_in(sql, wanted))
    return {row[0]: MEMBERS.state_in(row) for row in rows}
