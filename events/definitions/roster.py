"""What HR systems tell: who belongs where, in which post, since when, and what befell them.

`time` of the entry says when a fact takes effect; what is told ahead waits for its day. Names,
numbers, grounds, and reasons of absence and leaving are sealed; posts, grades, dates, periods and
our ids stand in the clear, for ratings are computed from them (decisions 0038, 0039 and 0053).

It is over 300 lines, one short fact after another: whoever integrates HR reads them in one place.
"""

import enum
from dataclasses import dataclass
from datetime import date

from msgspec import UNSET, UnsetType

from events.definitions.event import (
    Code,
    Decision,
    Event,
    FactVersion,
    Name,
    Number,
    Origin,
    Scope,
    Sealed,
    Subject,
    Told,
    event,
)
from events.definitions.records import Period
from events.identifiers import MemberId, UnitId


class AbsenceReason(enum.StrEnum):
    SICK = "sick"
    MATERNITY = "maternity"
    TRAINING = "training"
    SUSPENDED = "suspended"
    OTHER = "other"


class LeavingReason(enum.StrEnum):
    TRANSFERRED = "transferred"  # to an organisation outside this log
    RESIGNED = "resigned"
    STRUCK_OFF = "struck_off"
    EXPELLED = "expelled"
    DIED = "died"
    OTHER = "other"


class Standing(enum.StrEnum):
    OFFICIAL = "official"
    PROBATIONARY = "probationary"  # has no vote


@event("roster.unit_formed", schema_version=1, about="unit", founds="unit_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFormed(Event):
    """A unit came into being. Told again of a known unit, it changes what it tells otherwise.

    Told again without a parent, it says nothing of the parent.
    """

    unit_id: UnitId
    number: Number  # the sender's own; names no person
    name: str
    kind: Code  # the organisation's own word: "cell", "committee", …
    parent_id: UnitId | UnsetType = UNSET  # none: the top of its tree


@event("roster.unit_renamed", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRenamed(Event):
    """A unit has another name from now on."""

    unit_id: UnitId
    name: str


@event("roster.unit_moved", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMoved(Event):
    """A unit hangs under another parent from now on."""

    unit_id: UnitId
    parent_id: UnitId


@event("roster.unit_dissolved", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDissolved(Event):
    """A unit ended; whatever it had to do, its successor does."""

    unit_id: UnitId
    successor_id: UnitId


@event("roster.unit_authorised", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAuthorised(Event):
    """A unit decides on whoever belongs to it or below, so it may open periods, from now on."""

    unit_id: UnitId


@event("roster.unit_authority_ended", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAuthorityEnded(Event):
    """A unit opens no period any more; what it opened goes on."""

    unit_id: UnitId


@event("roster.issuer_named", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerNamed(Event):
    """A unit publishes editions under this issuer's name from now on, and nobody else does."""

    unit_id: UnitId
    issuer: Code


@event("roster.issuer_name_ended", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerNameEnded(Event):
    """A unit publishes under this name no more."""

    unit_id: UnitId
    issuer: Code


@event("roster.unit_disciplined", schema_version=1, about="unit", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDisciplined(Event):
    """A competent body disciplined a unit."""

    unit_id: UnitId
    decision: Sealed[Decision]  # the number of the decision, by which it is lifted
    issuer: Sealed[Name] | UnsetType = UNSET  # who decided: two bodies both have a number 05
    decided_on: date | UnsetType = UNSET  # numbers begin anew every year; else the year of `time`
    grade: Code  # "reprimand", "warning", …
    self_detected: bool = False  # found and fully remedied by the unit itself
    ground: Sealed[str] | UnsetType = UNSET
    fault_period: Period | UnsetType = (
        UNSET  # in which it is counted; else that of `decided_on`, or of `time`
    )


@event("roster.unit_discipline_lifted", schema_version=1, about="unit", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDisciplineLifted(Event):
    """A discipline was found wrong and is lifted, with all that followed from it.

    Issuer and day of the decision are needed where its number alone may mean two.
    """

    unit_id: UnitId
    decision: Sealed[Decision]
    issuer: Sealed[Name] | UnsetType = UNSET
    decided_on: date | UnsetType = UNSET


@event("roster.member_enrolled", schema_version=1, about="member", founds="member_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEnrolled(Event):
    """A person became a member, or came back as one, in a unit.

    Told again of a member, it changes what it tells otherwise.
    """

    member_id: MemberId
    unit_id: UnitId
    number: Sealed[Number]  # the sender's own
    name: Sealed[Name]  # family name first, as in the member's papers
    standing: Standing | UnsetType = UNSET  # without: as told since they came, else official


@event("roster.member_standing_changed", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStandingChanged(Event):
    """A probationary member became official, or the reverse."""

    member_id: MemberId
    standing: Standing


@event("roster.member_moved", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMoved(Event):
    """A member belongs to another unit from now on."""

    member_id: MemberId
    unit_id: UnitId  # where to


@event("roster.post_given", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostGiven(Event):
    """A member holds a post from now on."""

    member_id: MemberId
    unit_id: UnitId  # where the post is held; need not be the member's own unit
    post: Code  # of any name: an edition says which ones act


@event("roster.post_relieved", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostRelieved(Event):
    """A member no longer holds a post."""

    member_id: MemberId
    unit_id: UnitId
    post: Code


@event("roster.post_delegated", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostDelegated(Event):
    """A member stands in for who holds a post, from now on, with the rights of that post.

    It ends by itself after its last day, and before that with the post, or where who stands in
    leaves, is absent or exempt.
    """

    member_id: MemberId  # who stands in
    unit_id: UnitId
    post: Code
    for_id: MemberId  # whose post it is, and stays
    until: date  # the last day


@event("roster.delegation_ended", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnded(Event):
    """A member stands in for who holds a post no longer: it was taken back, or laid down."""

    member_id: MemberId
    unit_id: UnitId
    post: Code
    for_id: MemberId


@event("roster.member_exempted", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExempted(Event):
    """A member is exempt from work and meetings, by age or weak health, on their own wish."""

    member_id: MemberId


@event("roster.member_exemption_ended", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExemptionEnded(Event):
    """A member takes part in work and meetings again."""

    member_id: MemberId


@event("roster.member_absent", schema_version=1, about="member", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAbsent(Event):
    """A member is away from work and meetings, and is expected back."""

    member_id: MemberId
    reason: Sealed[AbsenceReason]
    expected_back: date | UnsetType = UNSET


@event("roster.member_back", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBack(Event):
    """A member who was absent is back."""

    member_id: MemberId


@event("roster.member_left", schema_version=1, about="member", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """A person ceased to be a member."""

    member_id: MemberId
    reason: Sealed[LeavingReason]


@event("roster.member_disciplined", schema_version=1, about="member", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDisciplined(Event):
    """A competent body disciplined a member."""

    member_id: MemberId
    decision: Sealed[Decision]  # the number of the decision, by which it is lifted
    issuer: Sealed[Name] | UnsetType = UNSET  # who decided: two bodies both have a number 05
    decided_on: date | UnsetType = UNSET  # numbers begin anew every year; else the year of `time`
    grade: Code
    self_detected: bool = False  # told and fully remedied by the member
    ground: Sealed[str] | UnsetType = UNSET
    fault_period: Period | UnsetType = (
        UNSET  # in which it is counted; else that of `decided_on`, or of `time`
    )


@event("roster.member_discipline_lifted", schema_version=1, about="member", scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDisciplineLifted(Event):
    """A discipline was found wrong and is lifted, with all that followed from it.

    Issuer and day of the decision are needed where its number alone may mean two.
    """

    member_id: MemberId
    decision: Sealed[Decision]
    issuer: Sealed[Name] | UnsetType = UNSET
    decided_on: date | UnsetType = UNSET


@event("roster.member_state_rated", schema_version=1, about="member")
@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStateRated(Event):
    """The state side rated a member who is also a civil servant."""

    member_id: MemberId
    period: Period
    level: Code


@event("roster.fact_corrected", schema_version=1, about="corrected")
@dataclass(frozen=True, slots=True, kw_only=True)
class FactCorrected(Event):
    """An earlier fact of this stream was told wrongly; from this entry's `time` the new one holds.

    Without `fact`, what was told never happened.
    """

    subject: Subject
    corrects: FactVersion
    fact: Told | UnsetType = UNSET


@event("roster.fact_took_effect", schema_version=1, about="corrected", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class FactTookEffect(Event):
    """The day came for which earlier facts of this stream were told ahead; they hold from it on."""

    subject: Subject
    versions: tuple[int, ...]  # of these facts, in their order


ROSTER: tuple[type[Event], ...] = (
    UnitFormed,
    UnitRenamed,
    UnitMoved,
    UnitDissolved,
    UnitAuthorised,
    UnitAuthorityEnded,
    IssuerNamed,
    IssuerNameEnded,
    UnitDisciplined,
    UnitDisciplineLifted,
    MemberEnrolled,
    MemberStandingChanged,
    MemberMoved,
    PostGiven,
    PostRelieved,
    PostDelegated,
    DelegationEnded,
    MemberExempted,
    MemberExemptionEnded,
    MemberAbsent,
    MemberBack,
    MemberLeft,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberStateRated,
    FactCorrected,
    FactTookEffect,
)
