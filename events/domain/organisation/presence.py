"""Whether a member or a unit is there: as the roster tells of a time, by a rulebook's reasons."""

from collections.abc import Collection

from events.definitions.deadline import Excuse
from events.definitions.roster import AbsenceReason
from events.domain.organisation import member, unit
from events.domain.organisation.member import Member, Reasons
from events.domain.organisation.timelines import State


def of_member(holds: Member, excuses: Collection[AbsenceReason], reasons: Reasons) -> Excuse | None:
    """Return why a member is not there; None where they are, or no reason excuses it.

    A reason that was erased excuses: nobody is late by what nobody can look up any more.
    """
    if holds.membership != member.ENROLLED:
        return Excuse.LEFT
    if holds.exempt_since:
        return Excuse.EXEMPT
    if not holds.absent:
        return None
    reason = reasons.get(holds.absent)
    return Excuse.ABSENT if reason is None or reason in excuses else None


def of_unit(formed: State) -> Excuse | None:
    return Excuse.LEFT if unit.view(formed).dissolved_at else None
