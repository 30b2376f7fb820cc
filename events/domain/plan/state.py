"""What is known of one remediation plan, of a member or unit, and what follows from it.

`plan` beside it tells how a state comes about, fact by fact.
"""

import enum
from datetime import datetime
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.event import Sealed
from events.definitions.plan import (
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneExtended,
    PlanAgreed,
    PlanMoved,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
)
from events.definitions.records import Hand
from events.definitions.records import Milestone as Planned
from events.domain import steps
from events.domain.aggregate.folding import Taken
from events.domain.organisation.succession import WithSuccessions
from events.domain.steps import Step, Turn
from events.domain.year import leadership
from events.domain.year.deadlines import Deadlines
from events.identifiers import MemberId, UnitId


class Status(enum.StrEnum):
    """Where a milestone stands."""

    OPEN = "open"
    HANDED_IN = "handed_in"  # the follower decides
    APPROVED = "approved"
    MORE_ASKED = "more_asked"
    RETURNED = "returned"


class Decision(msgspec.Struct, frozen=True):
    """What the follower found of a milestone, on the evidence up to a version."""

    version: int
    at: datetime
    status: Status
    by: MemberId
    evidence_version: int
    text: Sealed[str] | UnsetType = UNSET


class Milestone(msgspec.Struct, frozen=True):
    """A milestone with all that happened to it."""

    planned: Planned
    due_at: datetime  # with its extensions
    evidence: tuple[Taken[EvidenceHandedIn], ...] = ()
    decisions: tuple[Decision, ...] = ()  # withdrawn ones are not among them
    extensions: tuple[Taken[MilestoneExtended], ...] = ()

    @property
    def id(self) -> str:
        return self.planned.id

    @property
    def status(self) -> Status:
        """Return where it stands: what came last, evidence or decision, says it."""
        shown = self.evidence[-1].version if self.evidence else 0
        if self.decisions and self.decisions[-1].version > shown:
            return self.decisions[-1].status
        return Status.HANDED_IN if self.evidence else Status.OPEN


class State(WithSuccessions, frozen=True):
    """Everything told of one plan, as far as `version` of its stream."""

    opened: Taken[PlanOpened] | None = None
    moved: Taken[PlanMoved] | None = None  # the last time
    proposal: Taken[PlanProposed] | None = None
    returned: Taken[PlanReturned] | None = None  # the last proposal, unless another one came since
    agreement: Taken[PlanAgreed] | None = None
    follower: Taken[FollowerNamed] | None = None  # the last one, where another was named since
    unfollowed: Taken[PlanUnfollowed] | None = None  # unless another was named since
    milestones: tuple[Milestone, ...] = ()
    wrote: tuple[Hand, ...] = ()  # for a collective, each hand once; also what was replaced since
    deadlines: Deadlines = Deadlines()

    @property
    def path(self) -> tuple[UnitId, ...]:
        """Return the units that judge the plan, up to the one that decides, as it is now."""
        begun = self.moved or self.opened
        return self.acting_units(begun.fact.path, of=begun.fact.member_id) if begun else ()

    @property
    def pinned_path(self) -> tuple[UnitId, ...]:
        """Return the path as it was told last, whoever acts for its units by now."""
        begun = self.moved or self.opened
        return begun.fact.path if begun else ()

    @property
    def units_above(self) -> tuple[UnitId, ...]:
        """Return the units that judge it: all of its path, which holds no other."""
        return self.path

    @property
    def follower_id(self) -> MemberId | None:
        """Return who follows the plan, once it is agreed to; None where nobody does any more."""
        named = self.follower or self.agreement
        return named.fact.follower_id if named and not self.unfollowed else None

    @property
    def leaders(self) -> frozenset[MemberId]:
        """Return who answers for the collective: did at the opening, or wrote in its name."""
        return frozenset(eye for each in self._hands() for eye in each.eyes)

    def is_of(self, by: Hand | MemberId) -> bool:
        """Tell whether a plan is somebody's own, or that of a unit that they answer for."""
        return leadership.is_own(self.opened, self._hands(), by)

    def _hands(self) -> tuple[Hand, ...]:
        return leadership.hands(self.opened, self.wrote)

    def milestone(self, milestone_id: str) -> Milestone | None:
        return next((each for each in self.milestones if each.id == milestone_id), None)

    def turn_of(self, step: Step) -> Turn:
        """Return whose turn a step is; without a follower, theirs who name one."""
        turn = step.row.turn_in(collective=self.opened is not None and self.opened.fact.collective)
        return Turn.SECRETARY if turn is Turn.FOLLOWER and self.unfollowed else turn

    def takers(self, step: Step) -> tuple[UnitId, ...]:
        """Return the units whose offices take a step; none if somebody does in person."""
        if step.row.turn is Turn.FOLLOWER and self.unfollowed:
            return self.units_above[:1]
        return steps.takers(step, self.turn_of(step), above=self.units_above)

    def done(self, step: str, item: str = "") -> bool:
        """Return whether nobody has to take a step any more."""
        milestone = self.milestone(item)
        match Step(step):
            case Step.PLAN:
                return self.proposal is not None and self.returned is None
            case Step.PLAN_AGREEMENT:
                return self.agreement is not None or self.returned is not None
            case Step.MILESTONE:
                over = (Status.HANDED_IN, Status.APPROVED)
                return milestone is not None and milestone.status in over
            case Step.EVIDENCE_REVIEW:
                return milestone is None or milestone.status is not Status.HANDED_IN
            case Step.COMMITMENT | Step.SELF_CRITIQUE | Step.ANSWER | Step.SUGGESTION_ANSWER:
                return True
            case Step.MEETING | Step.PROPOSAL | Step.APPRAISAL | Step.DECISION | Step.ANNOUNCEMENT:
                return True
            case Step.STATEMENT | Step.ACKNOWLEDGEMENT:
                return True
            case never:
                assert_never(never)


EMPTY = State()
