"""A member and a unit of whom HR tells, in short."""

from datetime import datetime

from msgspec import UNSET

from events.definitions.event import Code, Event, Number
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberEnrolled,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
    PostGiven,
    PostRelieved,
    Standing,
    UnitDissolved,
    UnitFormed,
)
from events.identifiers import MemberId, UnitId
from tests.support.sealed import sealed

ME = MemberId("m" * 26)
OLD, NEW, ABOVE = (UnitId(letter * 26) for letter in "abc")
SECRETARY = Code("secretary")

LEFT = MemberLeft(member_id=ME, reason=sealed(LeavingReason.TRANSFERRED))
GIVEN = PostGiven(member_id=ME, unit_id=NEW, post=SECRETARY)
RELIEVED = PostRelieved(member_id=ME, unit_id=NEW, post=SECRETARY)
ABSENT = MemberAbsent(member_id=ME, reason=sealed(AbsenceReason.SICK))
BACK = MemberBack(member_id=ME)
EXEMPTED = MemberExempted(member_id=ME)
EXEMPTION_ENDED = MemberExemptionEnded(member_id=ME)
DISSOLVED = UnitDissolved(unit_id=OLD, successor_id=NEW)

Told = tuple[datetime, Event]


def enrolled(unit_id: UnitId = OLD, standing: Standing | None = None) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=ME,
        unit_id=unit_id,
        number=sealed("1"),
        name=sealed("An"),
        standing=standing or UNSET,
    )


def formed(parent: UnitId | None = None) -> UnitFormed:
    return UnitFormed(
        unit_id=OLD, number=Number("1"), name="A", kind=Code("cell"), parent_id=parent or UNSET
    )
