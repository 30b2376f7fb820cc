"""One fact of each type, made up; the golden entries hold them."""

from datetime import UTC, date, datetime

import msgspec

from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    AccountMade,
    IndexKeyMade,
    PasswordReset,
    RoleGiven,
    RoleTaken,
    TokenMade,
    TokenRevoked,
)
from events.definitions.event import Code, Event, FactVersion, Number, Sealed, Subject, Told
from events.definitions.records import Label, Period
from events.definitions.roster import (
    AbsenceReason,
    DelegationEnded,
    FactCorrected,
    FactTookEffect,
    IssuerNamed,
    IssuerNameEnded,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberEnrolled,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
    MemberMoved,
    MemberStandingChanged,
    MemberStateRated,
    PostDelegated,
    PostGiven,
    PostRelieved,
    Standing,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitDisciplined,
    UnitDisciplineLifted,
    UnitDissolved,
    UnitFormed,
    UnitMoved,
    UnitRenamed,
)
from events.identifiers import MemberId, UnitId
from tests.support.sealed import sealed
from tests.support.year_examples import YEAR

MEMBER = MemberId("memberaaaaaaaaaaaaaaaaaaaa")
OTHER_MEMBER = MemberId("memberbbbbbbbbbbbbbbbbbbbb")
UNIT = UnitId("unitaaaaaaaaaaaaaaaaaaaaaa")
OTHER_UNIT = UnitId("unitbbbbbbbbbbbbbbbbbbbbbb")
COMMITTEE = UnitId("committeeaaaaaaaaaaaaaaaaa")
DECISION = "12-QĐ/UBKT"


def commitment(letter: str) -> str:
    """Return what might be the commitment of a text."""
    return letter * 42 + "A"


UNIT_FORMED = UnitFormed(
    unit_id=UNIT,
    number=Number("CB-01"),
    name="Chi bộ Đường Lâm 1",
    kind=Code("cell"),
    parent_id=COMMITTEE,
)
MEMBER_ENROLLED = MemberEnrolled(
    member_id=MEMBER,
    unit_id=UNIT,
    number=Sealed(commitment("n")),
    name=Sealed(commitment("m")),
    standing=Standing.PROBATIONARY,
)
MEMBER_MOVED = MemberMoved(member_id=MEMBER, unit_id=OTHER_UNIT)

_EVENTS: tuple[Event, ...] = (
    UNIT_FORMED,
    UnitRenamed(unit_id=UNIT, name="Chi bộ Mông Phụ"),
    UnitMoved(unit_id=UNIT, parent_id=COMMITTEE),
    UnitDissolved(unit_id=UNIT, successor_id=OTHER_UNIT),
    UnitAuthorised(unit_id=UNIT),
    UnitAuthorityEnded(unit_id=UNIT),
    IssuerNamed(unit_id=UNIT, issuer=Code("suoi_guong")),
    IssuerNameEnded(unit_id=UNIT, issuer=Code("suoi_guong")),
    UnitDisciplined(
        unit_id=UNIT,
        decision=sealed(DECISION),
        grade=Code("warning"),
        self_detected=True,
        ground=Sealed(commitment("g")),
        fault_period=Period("2024"),
    ),
    UnitDisciplineLifted(unit_id=UNIT, decision=sealed(DECISION)),
    MEMBER_ENROLLED,
    MemberStandingChanged(member_id=MEMBER, standing=Standing.OFFICIAL),
    MEMBER_MOVED,
    PostGiven(member_id=MEMBER, unit_id=UNIT, post=Code("deputy_secretary")),
    PostRelieved(member_id=MEMBER, unit_id=UNIT, post=Code("deputy_secretary")),
    PostDelegated(
        member_id=MEMBER,
        unit_id=UNIT,
        post=Code("secretary"),
        for_id=OTHER_MEMBER,
        until=date(2026, 6, 30),
    ),
    DelegationEnded(member_id=MEMBER, unit_id=UNIT, post=Code("secretary"), for_id=OTHER_MEMBER),
    MemberExempted(member_id=MEMBER),
    MemberExemptionEnded(member_id=MEMBER),
    MemberAbsent(
        member_id=MEMBER, reason=sealed(AbsenceReason.TRAINING), expected_back=date(2026, 6, 30)
    ),
    MemberBack(member_id=MEMBER),
    MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.STRUCK_OFF)),
    MemberDisciplined(
        member_id=MEMBER,
        decision=sealed(DECISION),
        grade=Code("reprimand"),
        fault_period=Period("2024"),
    ),
    MemberDisciplineLifted(member_id=MEMBER, decision=sealed(DECISION)),
    MemberStateRated(member_id=MEMBER, period=Period("2025-q3"), level=Code("good")),
    FactCorrected(
        subject=Subject(f"member-{MEMBER}"),
        corrects=FactVersion(3),
        fact=Told(
            "roster.member_moved",
            1,
            datetime(2025, 7, 1, 0, 0, 0, 250_000, tzinfo=UTC),
            msgspec.to_builtins(MEMBER_MOVED),
        ),
    ),
    FactTookEffect(subject=Subject(f"member-{MEMBER}"), versions=(3, 4)),
)
_ACCOUNT, _TOKEN = Label("accountaaaaaaaaaaaaaaaaaaa"), Label("tokenaaaaaaaaaaaaaaaaaaaaa")
_ACCESS: tuple[Event, ...] = (
    AccountMade(account_id=_ACCOUNT, member_id=MEMBER),
    AccountDisabled(account_id=_ACCOUNT),
    AccountEnabled(account_id=_ACCOUNT),
    PasswordReset(account_id=_ACCOUNT),
    RoleGiven(account_id=_ACCOUNT, role=Code("auditor")),
    RoleTaken(account_id=_ACCOUNT, role=Code("auditor")),
    TokenMade(
        token_id=_TOKEN,
        sends=(Label("roster.*"),),
        sources=(Label("/hr"),),
        reads=(Label("roster.post_given"), Label("roster.post_relieved")),
        states=False,
        units=(UNIT,),
    ),
    TokenRevoked(token_id=_TOKEN),
    IndexKeyMade(key_id=Label("index"), fingerprint=Label("00112233445566778899aabbccddeeff")),
)
EXAMPLES: dict[str, Event] = {
    example.definition.type: example for example in (*_EVENTS, *YEAR, *_ACCESS)
}
