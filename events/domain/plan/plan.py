"""How one remediation plan goes on: its state after each fact, what waits, and what is left open.

The `*_steps` beside it decide which fact may come next; `evolve` refuses nothing and is defined on
every subsequence of a stream.
"""

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Code, Event
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanMoved,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
    PlanVoided,
)
from events.definitions.records import Due, Hand, Label
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.plan.state import EMPTY, Decision, Milestone, State, Status
from events.domain.steps import Step
from events.domain.year.deadlines import DeadlineFact, Task
from events.domain.year.supplements import Waits

__all__ = ["EMPTY", "Milestone", "State", "Status"]  # what others name with a plan in mind

# All facts of a plan; `evolve` knows each of them.
Planning: TypeAlias = PlanOpened | PlanProposed | PlanReturned | PlanAgreed
Judgement: TypeAlias = MilestoneApproved | MoreAsked | MilestoneReturned
OfMilestone: TypeAlias = EvidenceHandedIn | Judgement | MilestoneExtended | DecisionWithdrawn
Following: TypeAlias = FollowerNamed | PlanUnfollowed
Fact: TypeAlias = Planning | Following | OfMilestone | DeadlineFact | PlanMoved | PlanVoided


_STATUS: Mapping[type[Judgement], Status] = {
    MilestoneApproved: Status.APPROVED,
    MoreAsked: Status.MORE_ASKED,
    MilestoneReturned: Status.RETURNED,
}


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the plan's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a plan after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def state_at_opening(opened: PlanOpened, at: datetime) -> State:
    """Return the state of a plan that is being opened by the same append."""
    return msgspec.structs.replace(EMPTY, **_changes(EMPTY, opened, 1, at))


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets; unknown milestones are passed over."""
    if isinstance(event, DeadlineFact):
        return _of_deadline(state, event)
    if isinstance(event, PlanMoved):
        return {"moved": Taken(version, at, event)} if state.opened else {}
    if isinstance(event, PlanVoided):
        anew = folding.begin_anew(EMPTY, kept=("successions",))
        return anew | {"deadlines": state.deadlines.over()}
    if isinstance(event, FollowerNamed):
        named = {"follower": Taken(version, at, event), "unfollowed": None}
        return {**named} if state.agreement else {}
    if isinstance(event, PlanUnfollowed):
        return {"unfollowed": Taken(version, at, event)} if state.agreement else {}
    if isinstance(event, Planning):
        return _of_plan(state, event, version, at)
    if isinstance(event, OfMilestone) and (known := state.milestone(event.milestone_id)):
        return _of_milestone(state, known, event, version, at)
    return {}


def _of_deadline(state: State, event: DeadlineFact) -> dict[str, object]:
    """Return what a fact about deadlines sets; a newer calendar moves milestones only planned."""
    changed: dict[str, object] = {"deadlines": state.deadlines.after(event)}
    if isinstance(event, CalendarSupplemented):
        moved = {
            str(due.item): due.due_at for due in event.dues if due.step == Step.MILESTONE.value
        }
        changed["milestones"] = tuple(
            _replace(each, due_at=moved.get(each.id, each.due_at)) for each in state.milestones
        )
    return changed


def _of_plan(state: State, event: Planning, version: int, at: datetime) -> dict[str, object]:
    """Return what a fact about a whole plan sets: its opening once, and nothing once agreed to."""
    set_ = state.deadlines.with_dues
    if state.opened if isinstance(event, PlanOpened) else state.agreement:
        return {}
    match event:
        case PlanOpened():
            required = [_due(Step.PLAN, event.due_at)] if event.due_at is not UNSET else []
            return {"opened": Taken(version, at, event), "deadlines": set_(*required)}
        case PlanProposed():
            return {
                "proposal": Taken(version, at, event),
                "returned": None,
                "milestones": tuple(Milestone(each, each.due_at) for each in event.milestones),
                "wrote": _add_hand(state, event.by),
                "deadlines": set_(_due(Step.PLAN_AGREEMENT, event.agreement_due_at)),
            }
        case PlanReturned():
            deadlines = set_(_due(Step.PLAN, event.due_at))
            return {"returned": Taken(version, at, event), "deadlines": deadlines}
        case PlanAgreed():
            dues = (_due(Step.MILESTONE, each.due_at, each.id) for each in state.milestones)
            return {"agreement": Taken(version, at, event), "deadlines": set_(*dues)}
        case never:
            assert_never(never)


def _of_milestone(
    state: State, known: Milestone, event: OfMilestone, version: int, at: datetime
) -> dict[str, object]:
    """Return what a fact about one milestone sets."""
    match event:
        case EvidenceHandedIn():
            due = _due(Step.EVIDENCE_REVIEW, event.review_due_at, known.id)
            changed = _replace(known, evidence=(*known.evidence, Taken(version, at, event)))
            told = {
                "wrote": _add_hand(state, event.by),
                "deadlines": state.deadlines.with_dues(due),
            }
            return {**_put_milestone(state, changed), **told}
        case MilestoneApproved() | MoreAsked() | MilestoneReturned():
            decision = Decision(
                version, at, _STATUS[type(event)], event.by, event.evidence_version, event.text
            )
            return _put_milestone(state, _replace(known, decisions=(*known.decisions, decision)))
        case MilestoneExtended():
            extensions = (*known.extensions, Taken(version, at, event))
            changed = _replace(known, due_at=event.due_at, extensions=extensions)
            due = _due(Step.MILESTONE, event.due_at, known.id)
            return {**_put_milestone(state, changed), "deadlines": state.deadlines.with_dues(due)}
        case DecisionWithdrawn():
            kept = tuple(d for d in known.decisions if d.version != event.decision_version)
            return _put_milestone(state, _replace(known, decisions=kept))
        case never:
            assert_never(never)


def stage(state: State) -> str:
    """Return how far a plan has come: proposal, agreement, under_way or finished."""
    if state.agreement is None:
        return "agreement" if state.done(Step.PLAN) else "proposal"
    return "under_way" if _open_milestones(state) else "finished"


def tasks(state: State) -> tuple[Task, ...]:
    """Return which steps wait to be taken now, and by whom."""
    if state.opened is None:
        return ()
    if state.agreement is None:
        step = Step.PLAN_AGREEMENT if state.done(Step.PLAN) else Step.PLAN
        return (Task(step, state.turn_of(step), state.deadlines.due_at(step)),)
    return tuple(_task(state, each) for each in _open_milestones(state))


def waits(state: State) -> Waits | None:
    """Return the deadlines that wait, for a newer calendar to move; None where nothing does.

    Also the days of a plan that nobody has agreed to yet.
    """
    if state.opened is None or not tasks(state):
        return None
    dues = tuple(state.deadlines.open_dues(state.done))
    if state.agreement is None and state.done(Step.PLAN):
        dues += tuple(_due(Step.MILESTONE, each.due_at, each.id) for each in state.milestones)
    chosen = tuple(due for due in dues if due.step == Step.MILESTONE.value)
    return Waits(dues, chosen, period=state.opened.fact.period)


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
        return int(demanded and not _in_time(state, Step.PLAN))
    return sum(not _in_time(state, Step.MILESTONE, each.id) for each in _open_milestones(state))


def _in_time(state: State, step: Step, item: str = "") -> bool:
    """Tell whether the member has done their part, and the log never told that it was late."""
    missed = any(
        (due.step, due.item) == (step.value, item) and due in state.deadlines.running
        for due in state.deadlines.missed
    )
    return state.done(step, item) and not missed


def _open_milestones(state: State) -> tuple[Milestone, ...]:
    return tuple(each for each in state.milestones if each.status is not Status.APPROVED)


def _task(state: State, milestone: Milestone) -> Task:
    shown = milestone.status is Status.HANDED_IN
    step = Step.EVIDENCE_REVIEW if shown else Step.MILESTONE
    due_at = state.deadlines.due_at(step, milestone.id)
    return Task(step, state.turn_of(step), due_at, item=milestone.id)


def _put_milestone(state: State, changed: Milestone) -> dict[str, object]:
    kept = (changed if each.id == changed.id else each for each in state.milestones)
    return {"milestones": tuple(kept)}


def _add_hand(state: State, by: Hand | UnsetType) -> tuple[Hand, ...]:
    return state.wrote if not by or by in state.wrote else (*state.wrote, by)


def _replace(milestone: Milestone, **changes: object) -> Milestone:
    return msgspec.structs.replace(milestone, **changes)


def _due(step: Step, at: datetime, item: str = "") -> Due:
    return Due(step=Code(step.value), item=Label(item), due_at=at)
