"""One remediation plan, of a member or unit, as its facts tell; `planning` decides what comes next.

`evolve` refuses nothing and is defined on every subsequence of a stream.
"""

import enum
import functools
from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Code, Event, Sealed
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanOpened,
    PlanProposed,
    PlanReturned,
)
from events.definitions.records import Due, Hand, Label
from events.definitions.records import Milestone as Planned
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.organisation.succession import Succeeded
from events.domain.year import leadership
from events.domain.year.deadlines import Deadlines, Task
from events.identifiers import MemberId, UnitId

PLAN = "plan"
AGREEMENT = "plan_agreement"
MILESTONE = "milestone"
EVIDENCE_REVIEW = "evidence_review"

WHO = {
    PLAN: "member",
    AGREEMENT: "secretary",
    MILESTONE: "member",
    EVIDENCE_REVIEW: "follower",
}


class Status(enum.StrEnum):
    """Where a milestone stands."""

    OPEN = "open"
    HANDED_IN = "handed_in"  # the follower decides
    APPROVED = "approved"
    MORE_ASKED = "more_asked"
    RETURNED = "returned"


_STATUS: dict[type[Event], Status] = {
    MilestoneApproved: Status.APPROVED,
    MoreAsked: Status.MORE_ASKED,
    MilestoneReturned: Status.RETURNED,
}


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


class State(Succeeded, frozen=True):
    """Everything told of one plan, as far as `version` of its stream."""

    opened: Taken[PlanOpened] | None = None
    proposal: Taken[PlanProposed] | None = None
    returned: Taken[PlanReturned] | None = None  # the last proposal, unless another one came since
    agreement: Taken[PlanAgreed] | None = None
    milestones: tuple[Milestone, ...] = ()
    wrote: tuple[Hand, ...] = ()  # for a collective, each hand once; also what was replaced since
    deadlines: Deadlines = Deadlines()

    @property
    def path(self) -> tuple[UnitId, ...]:
        """Return the units that judge the plan, up to the one that decides, as it is now."""
        pinned = self.opened.fact if self.opened else None
        return self.acting(pinned.path, of=pinned.member_id) if pinned else ()

    @property
    def leaders(self) -> frozenset[MemberId]:
        """Return who answers for the collective: did at the opening, or wrote in its name."""
        return frozenset(each.member_id for each in self._hands())

    def is_of(self, member_id: MemberId) -> bool:
        """Tell whether a plan is somebody's own, or that of a unit that they answer for."""
        return leadership.is_own(self.opened, self._hands(), member_id)

    def _hands(self) -> tuple[Hand, ...]:
        return leadership.hands(self.opened, self.wrote)

    def milestone(self, milestone_id: str) -> Milestone | None:
        return next((each for each in self.milestones if each.id == milestone_id), None)

    def done(self, step: str, item: str = "") -> bool:
        """Return whether nobody has to take a step any more."""
        milestone = self.milestone(item)
        match step:
            case "plan":
                return self.proposal is not None and self.returned is None
            case "plan_agreement":
                return self.agreement is not None or self.returned is not None
            case "milestone":
                return milestone is not None and milestone.status in (
                    Status.HANDED_IN,
                    Status.APPROVED,
                )
            case "evidence_review":
                return milestone is None or milestone.status is not Status.HANDED_IN
            case _:
                return True


EMPTY = State()


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the plan's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a plan after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def opened_with(opened: PlanOpened, at: datetime) -> State:
    """Return the state of a plan that is being opened by the same append."""
    return msgspec.structs.replace(EMPTY, **_changes(EMPTY, opened, 1, at))


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets."""
    set_ = state.deadlines.setting
    match event:
        case PlanOpened() if state.opened is None:
            required = [_due(PLAN, event.due_at)] if event.due_at is not UNSET else []
            return {"opened": Taken(version, at, event), "deadlines": set_(*required)}
        case PlanProposed() if state.agreement is None:
            milestones = tuple(Milestone(each, each.due_at) for each in event.milestones)
            return {
                "proposal": Taken(version, at, event),
                "returned": None,
                "milestones": milestones,
                "wrote": _with_hand(state, event.by),
                "deadlines": set_(_due(AGREEMENT, event.agreement_due_at)),
            }
        case PlanReturned() if state.agreement is None:
            deadlines = set_(_due(PLAN, event.due_at))
            return {"returned": Taken(version, at, event), "deadlines": deadlines}
        case PlanAgreed() if state.agreement is None:
            dues = tuple(_due(MILESTONE, each.due_at, each.id) for each in state.milestones)
            return {"agreement": Taken(version, at, event), "deadlines": set_(*dues)}
        case _:
            return _milestone_changes(state, event, version, at)


def _milestone_changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return what a fact about one milestone sets; unknown milestones are passed over."""
    known = state.milestone(getattr(event, "milestone_id", ""))
    match event:
        case EvidenceHandedIn() if known:
            due = _due(EVIDENCE_REVIEW, event.review_due_at, known.id)
            changed = _replaced(known, evidence=(*known.evidence, Taken(version, at, event)))
            told = {"wrote": _with_hand(state, event.by), "deadlines": state.deadlines.setting(due)}
            return {**_with(state, changed), **told}
        case MilestoneApproved() | MoreAsked() | MilestoneReturned() if known:
            decision = Decision(
                version, at, _STATUS[type(event)], event.by, event.evidence_version, event.text
            )
            return _with(state, _replaced(known, decisions=(*known.decisions, decision)))
        case MilestoneExtended() if known:
            extensions = (*known.extensions, Taken(version, at, event))
            changed = _replaced(known, due_at=event.due_at, extensions=extensions)
            due = _due(MILESTONE, event.due_at, known.id)
            return {**_with(state, changed), "deadlines": state.deadlines.setting(due)}
        case DecisionWithdrawn() if known:
            kept = tuple(d for d in known.decisions if d.version != event.decision_version)
            return _with(state, _replaced(known, decisions=kept))
        case _:
            return {"deadlines": state.deadlines.after(event)}


def stage(state: State) -> str:
    """Return how far a plan has come: proposal, agreement, under_way or finished."""
    if state.agreement is None:
        return "agreement" if state.done(PLAN) else "proposal"
    return "under_way" if _unapproved(state) else "finished"


def tasks(state: State) -> tuple[Task, ...]:
    """Return which steps wait to be taken now, and by whom."""
    if state.opened is None:
        return ()
    if state.agreement is None:
        step = AGREEMENT if state.done(PLAN) else PLAN
        return (Task(step, WHO[step], state.deadlines.due_at(step)),)
    return tuple(_task(state, each) for each in _unapproved(state))


def faults_open(state: State, *, demanded: bool) -> int:
    """Return how many faults somebody has left open, by the milestones agreed to.

    Nothing is counted that others held up: evidence handed in in time and not judged, a plan
    handed in in time and not answered. A plan that was `demanded`, by the level that stands now,
    and not handed in is one fault: silence beats no honest plan. One that a rating demanded which
    was corrected since, and a voluntary one that nobody agreed to, count nothing.
    """
    if state.opened is None or (state.opened.fact.due_at is not UNSET and not demanded):
        return 0
    if state.agreement is None:
        return int(demanded and not _in_time(state, PLAN))
    return sum(not _in_time(state, MILESTONE, each.id) for each in _unapproved(state))


def _in_time(state: State, step: str, item: str = "") -> bool:
    """Tell whether the member has done their part, and the log never told that it was late."""
    missed = any(
        (due.step, due.item) == (step, item) and due in state.deadlines.running
        for due in state.deadlines.missed
    )
    return state.done(step, item) and not missed


def _unapproved(state: State) -> tuple[Milestone, ...]:
    return tuple(each for each in state.milestones if each.status is not Status.APPROVED)


def _task(state: State, milestone: Milestone) -> Task:
    step = EVIDENCE_REVIEW if milestone.status is Status.HANDED_IN else MILESTONE
    return Task(step, WHO[step], state.deadlines.due_at(step, milestone.id), item=milestone.id)


def _with(state: State, changed: Milestone) -> dict[str, object]:
    kept = (changed if each.id == changed.id else each for each in state.milestones)
    return {"milestones": tuple(kept)}


def _with_hand(state: State, by: Hand | UnsetType) -> tuple[Hand, ...]:
    return state.wrote if not by or by in state.wrote else (*state.wrote, by)


def _replaced(milestone: Milestone, **changes: object) -> Milestone:
    return msgspec.structs.replace(milestone, **changes)


def _due(step: str, at: datetime, item: str = "") -> Due:
    return Due(step=Code(step), item=Label(item), due_at=at)
