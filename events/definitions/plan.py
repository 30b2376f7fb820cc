"""The remediation plan of one member, or of one unit, for one year, and its milestones."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Moment, Origin, Scope, Sealed, event
from events.definitions.records import Digest, FileCommitment, Hand, Label, Milestone, Period
from events.identifiers import MemberId, UnitId


@event("plan.opened", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOpened(Event):
    """A member, or a unit, may write a remediation plan; with a deadline they must."""

    period: Period
    member_id: MemberId  # in this and every later fact of a collective's plan: the unit's id
    path: tuple[UnitId, ...]  # as pinned in the review; of a collective, the units above it
    rulebook: Digest
    calendar: Digest
    due_at: Moment | UnsetType = UNSET  # none: nobody has to write one
    collective: bool
    leaders: tuple[Hand, ...]  # of a collective: who answered for it by then in its review


@event("plan.proposed", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProposed(Event):
    """A member, or who leads a unit, wrote how to put right what was found.

    A later proposal replaces it.
    """

    period: Period
    member_id: MemberId
    text: Sealed[str]  # faults and their causes
    milestones: tuple[Milestone, ...]
    agreement_due_at: Moment
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@event("plan.agreed", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAgreed(Event):
    """The unit agreed to the plan and said who follows it; its deadlines run from now on."""

    period: Period
    member_id: MemberId
    proposal_version: int  # of the proposal in this stream that was agreed to
    follower_id: MemberId  # who approves the milestones; never the member
    by: Hand


@event(
    "plan.follower_named", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD
)
@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerNamed(Event):
    """Somebody else follows an agreed plan from now on: who did died, left or is away for long."""

    period: Period
    member_id: MemberId
    follower_id: MemberId  # as in `plan.agreed`
    by: Hand


@event("plan.unfollowed", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnfollowed(Event):
    """Nobody follows an agreed plan until another one is named: who did may not do so any more."""

    period: Period
    member_id: MemberId
    follower_id: MemberId  # who did
    reason: Code  # left; answers, for the unit whose plan it is; below, of its member


@event("plan.returned", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReturned(Event):
    """The unit did not agree to the plan; the member proposes another one."""

    period: Period
    member_id: MemberId
    proposal_version: int
    by: Hand
    text: Sealed[str]  # why
    due_at: Moment  # of another proposal


@event(
    "milestone.evidence_handed_in",
    schema_version=1,
    about="plan",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceHandedIn(Event):
    """A member, or who leads a unit, showed what was done for a milestone.

    Later evidence adds to earlier.
    """

    period: Period
    member_id: MemberId
    milestone_id: Label
    files: tuple[FileCommitment, ...]  # in the member's order
    review_due_at: Moment  # by when the follower decides
    text: Sealed[str] | UnsetType = UNSET
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@event("milestone.approved", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneApproved(Event):
    """The follower found a milestone reached."""

    period: Period
    member_id: MemberId
    milestone_id: Label
    evidence_version: int  # of the last evidence in this stream that the follower saw
    by: MemberId
    text: Sealed[str] | UnsetType = UNSET


@event(
    "milestone.more_asked", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAsked(Event):
    """The follower wants to see more before deciding."""

    period: Period
    member_id: MemberId
    milestone_id: Label
    evidence_version: int
    by: MemberId
    text: Sealed[str]  # what is missing


@event("milestone.returned", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReturned(Event):
    """The follower found a milestone not reached; it is to be done again."""

    period: Period
    member_id: MemberId
    milestone_id: Label
    evidence_version: int
    by: MemberId
    text: Sealed[str]  # why


@event("milestone.extended", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneExtended(Event):
    """The follower gave a milestone more time."""

    period: Period
    member_id: MemberId
    milestone_id: Label
    due_at: Moment
    by: MemberId
    text: Sealed[str]  # the ground


@event(
    "milestone.decision_withdrawn",
    schema_version=1,
    about="plan",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWithdrawn(Event):
    """The follower took back the last decision on a milestone, soon after it."""

    period: Period
    member_id: MemberId
    milestone_id: Label
    decision_version: int  # of the decision in this stream that no longer holds
    by: MemberId


@event("plan.voided", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVoided(Event):
    """The cycle was voided, and with its rating this plan: nothing told before counts any more."""

    period: Period
    member_id: MemberId
    by: Hand


@event("plan.moved", schema_version=1, about="plan", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMoved(Event):
    """Other units judge what is still to be done of this plan.

    Its member came to head one that did, and nobody is judged from below; or a unit above took the
    cycle over.
    """

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]  # the units that judge it, up to the one that decides
    by: Hand | UnsetType = UNSET  # who took the cycle over


PLAN: tuple[type[Event], ...] = (
    PlanOpened,
    PlanProposed,
    PlanAgreed,
    FollowerNamed,
    PlanUnfollowed,
    PlanReturned,
    EvidenceHandedIn,
    MilestoneApproved,
    MoreAsked,
    MilestoneReturned,
    MilestoneExtended,
    DecisionWithdrawn,
    PlanMoved,
    PlanVoided,
)
