"""Escalation: what follows from a missed deadline. A process manager, pure: facts in, facts out.

Here is how far one has come, and who takes it up; `ladder` says before whom it is laid.
"""

import functools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.escalation import (
    EscalationAcknowledged,
    EscalationMoved,
    EscalationPassedOn,
    EscalationRaised,
    EscalationResolved,
    Resolution,
)
from events.definitions.event import Code, Event, Sealed
from events.definitions.records import Due, Hand, Label, Period
from events.domain import steps
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.escalation.lateness import Late
from events.domain.organisation.succession import WithSuccessions
from events.domain.steps import Step
from events.domain.year.competence import require_four_eyes
from events.domain.year.deadlines import DeadlineFact, Deadlines, Task
from events.domain.year.rules import Rules
from events.domain.year.supplements import Waits
from events.identifiers import MemberId, UnitId

# All facts of an escalation; `evolve` knows each of them.
Course: TypeAlias = (
    EscalationRaised
    | EscalationPassedOn
    | EscalationMoved
    | EscalationAcknowledged
    | EscalationResolved
)
Laying: TypeAlias = EscalationRaised | EscalationPassedOn | EscalationMoved
Fact: TypeAlias = Course | DeadlineFact


class Laid(msgspec.Struct, frozen=True):
    """Before whom an escalation lies: those who hold the post in the unit."""

    rung: int
    unit_id: UnitId
    post: Code
    at: datetime


class State(WithSuccessions, frozen=True):
    """Everything told of one escalation, as far as `version` of its stream."""

    raised: Taken[EscalationRaised] | None = None
    path: tuple[UnitId, ...] = ()  # the way that it goes up, as pinned
    laid: tuple[Laid, ...] = ()  # the last one is where it lies
    acknowledged: Taken[EscalationAcknowledged] | None = None
    resolved: Taken[EscalationResolved] | None = None
    deadlines: Deadlines = Deadlines()

    def done(self, step: str, item: str = "") -> bool:
        """Return whether nobody has to take this rung's step any more."""
        taken_up = self.acknowledged is not None or self.resolved is not None
        other = step != Step.ACKNOWLEDGEMENT or not self.laid or item != _item(self.laid[-1])
        return taken_up or other

    def takers(self, step: Step) -> tuple[UnitId, ...]:
        """Return the unit before which it lies; none before it is raised."""
        rung = tuple(each.unit_id for each in self.laid[-1:])
        return steps.takers(step, step.row.turn, rung=rung)

    @property
    def lay_before(self) -> tuple[UnitId, ...]:
        """Return the units before which it lies, or lay, of the way that it goes by now."""
        return tuple(each.unit_id for each in self.laid if each.unit_id in self.path)

    @property
    def open(self) -> bool:
        return self.raised is not None and self.resolved is None


EMPTY = State()


class About(NamedTuple):
    """Whose year a deadline was missed in."""

    period: Period
    member_id: MemberId


def about(raised: EscalationRaised) -> About:
    """Return whom an escalation is about: its subject is the stream of a review or plan."""
    _, period, member_id = raised.subject.split("-", 2)
    return About(Period(period), MemberId(member_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Take up an escalation."""

    by: Hand
    late: Late
    offices: Collection[UnitId] = ()  # units in which who takes it up holds one, or did when due
    text: Sealed[str] | UnsetType = UNSET  # what they will do


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the escalation's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of an escalation after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets. The first of a kind counts, but for rungs."""
    if isinstance(event, DeadlineFact):
        return {"deadlines": state.deadlines.after(event)}
    return _of_course(state, event, version, at) if isinstance(event, Course) else {}


def _of_course(state: State, event: Course, version: int, at: datetime) -> dict[str, object]:
    match event:
        case EscalationRaised():
            first = {"raised": Taken(version, at, event), "path": event.path}
            return {} if state.raised else first | _lay(state, event, at)
        case EscalationPassedOn():
            return _lay(state, event, at)
        case EscalationMoved(path=path):
            taken_up = state.acknowledged
            stays = taken_up if taken_up and taken_up.fact.by.unit_id in path else None
            return {"path": path, "acknowledged": stays, **_lay(state, event, at)}
        case EscalationAcknowledged():
            return {"acknowledged": state.acknowledged or Taken(version, at, event)}
        case EscalationResolved():
            return {"resolved": state.resolved or Taken(version, at, event)}
        case never:
            assert_never(never)


def _lay(state: State, event: Laying, at: datetime) -> dict[str, object]:
    laid = Laid(event.rung, event.unit_id, event.post, at)
    due = Due(
        step=Code(Step.ACKNOWLEDGEMENT.value), item=_item(laid), due_at=event.acknowledge_due_at
    )
    return {"laid": (*state.laid, laid), "deadlines": state.deadlines.with_dues(due)}


def stage(state: State) -> str:
    """Return how far an escalation has come: open, acknowledged or resolved."""
    if state.resolved:
        return "resolved"
    return "acknowledged" if state.acknowledged else "open"


def tasks(state: State) -> tuple[Task, ...]:
    """Return what waits: that those before whom it lies take it up."""
    if not state.open or not state.laid or state.acknowledged:
        return ()
    step, item = Step.ACKNOWLEDGEMENT, _item(state.laid[-1])
    return (Task(step, step.row.turn, state.deadlines.due_at(step, item), item=item),)


def waits(state: State) -> Waits | None:
    """Return the deadline that waits, for a newer calendar to move; None where nothing does."""
    return Waits(tuple(state.deadlines.open_dues(state.done))) if tasks(state) else None


def acknowledge(state: State, command: Acknowledge, rules: Rules) -> EscalationAcknowledged:
    """Return the acknowledgement by somebody before whom the escalation lies, or lay.

    Whoever was late takes nothing up by another post. What an authority missed has nobody above:
    it is taken up where it lies.
    """
    by = command.by
    if state.raised is None:
        raise CommandRejected(Rejection.ESCALATION_NOT_OPEN)
    if state.acknowledged or state.resolved:
        raise CommandRejected(Rejection.TAKEN_UP)
    units = state.acting_units(state.lay_before)
    if by.unit_id not in units or by.post not in rules.rulebook.offices:
        raise CommandRejected(Rejection.NOT_BEFORE_YOU)
    late = command.late
    require_four_eyes(own=by.unit_id not in late.units and late.is_one(by, command.offices))
    return EscalationAcknowledged(cause=state.raised.fact.cause, by=by, text=command.text)


def resolve(state: State, resolution: Resolution) -> EscalationResolved | None:
    """Return the end of an open escalation; None when it has ended, or never began."""
    if state.raised is None or state.resolved:
        return None
    return EscalationResolved(cause=state.raised.fact.cause, resolution=resolution)


def _item(laid: Laid) -> Label:
    return Label(str(laid.rung))
