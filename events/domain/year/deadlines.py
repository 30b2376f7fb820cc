"""Deadlines of one stream: which run, which ran out, and what is appended when they do.

A deadline that runs out is told once, as missed or as settled, and takes nothing from anybody:
the step stays open, and whoever is late may still take it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec

from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    DeadlineMoved,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.event import Code, Subject
from events.definitions.records import Digest, Due, Label, Source
from events.domain.steps import Step, Turn
from events.domain.year.rules import Pinned, Rules

IsDone = Callable[[str, str], bool]  # whether a step, with its item, has been taken
DeadlineFact: TypeAlias = (
    DeadlineMissed | TimerSettled | DeadlineMoved | TimerResumed | CalendarSupplemented
)


class Task(msgspec.Struct, frozen=True):
    """A step that somebody is to take now."""

    step: Step
    turn: Turn  # whose it is
    due_at: datetime | None = None
    item: str = ""  # which milestone, criticism or appraisal


class Deadlines(msgspec.Struct, frozen=True):
    """The deadlines that were set in a stream, and those that ran out."""

    running: tuple[Due, ...] = ()  # the last one told for each step and item
    missed: tuple[Due, ...] = ()
    settled: tuple[Due, ...] = ()
    calendar: Digest | None = None  # the newest that was told of; none: the one that was pinned

    def source(self, pinned: Pinned) -> Source:
        """Return the documents by which new deadlines are set where some were pinned."""
        return Source(rulebook=pinned.rulebook, calendar=self.calendar or pinned.calendar)

    def with_dues(self, *dues: Due) -> "Deadlines":
        """Return these deadlines with some set, or moved."""
        named = {(due.step, due.item) for due in dues}
        kept = tuple(due for due in self.running if (due.step, due.item) not in named)
        return msgspec.structs.replace(self, running=kept + dues)

    def with_start(self, step: Step, due_at: datetime, item: str = "") -> "Deadlines":
        """Return these deadlines with that of a step whose turn has come."""
        return self.with_dues(Due(step=Code(step.value), item=Label(item), due_at=due_at))

    def without(self, steps: Collection[str]) -> "Deadlines":
        """Return these deadlines without those of some steps, which begin anew."""
        kept = tuple(due for due in self.running if due.step not in steps)
        return msgspec.structs.replace(self, running=kept)

    def over(self) -> "Deadlines":
        """Return these deadlines once nothing is to be taken any more; what was missed stays."""
        return msgspec.structs.replace(self, running=(), calendar=None)

    def after(self, event: DeadlineFact) -> "Deadlines":
        """Return these deadlines after a fact about one of them."""
        match event:
            case DeadlineMissed():
                return msgspec.structs.replace(self, missed=_put_due(self.missed, _due(event)))
            case TimerSettled():
                return msgspec.structs.replace(self, settled=_put_due(self.settled, _due(event)))
            case DeadlineMoved() | TimerResumed():
                return self.with_dues(_due(event))
            case CalendarSupplemented():
                known = {(due.step, due.item) for due in self.running}  # it sets none anew
                moved = (due for due in event.dues if (due.step, due.item) in known)
                return msgspec.structs.replace(self.with_dues(*moved), calendar=event.calendar)
            case never:
                assert_never(never)

    def due_at(self, step: str, item: str = "") -> datetime | None:
        """Return until when a step is to be taken, if it has a deadline."""
        for due in self.running:
            if (due.step, due.item) == (step, item):
                return due.due_at
        return None

    def open_dues(self, done: IsDone) -> Iterator[Due]:
        """Iterate over the deadlines of steps not yet taken that nothing was told of so far."""
        told = (*self.missed, *self.settled)
        return (d for d in self.running if not done(d.step, d.item) and d not in told)

    def next_at(self, done: IsDone) -> datetime | None:
        """Return when the next deadline runs out, if one runs."""
        return min((due.due_at for due in self.open_dues(done)), default=None)

    def excused_dues(self, tasks: Iterable[Task]) -> tuple[Due, ...]:
        """Return what was settled, still waits to be done, and was given no other day."""
        waiting = {(task.step.value, task.item) for task in tasks}
        return tuple(
            due for due in self.settled if due in self.running and (due.step, due.item) in waiting
        )

    def overdue(self, done: IsDone) -> tuple[Due, ...]:
        """Return what was missed, has not been done since, and was given no more time."""
        return tuple(d for d in self.missed if d in self.running and not done(d.step, d.item))


def run_out(
    waiting: Iterable[Due], subject: str, *, now: datetime, excuse: Callable[[Due], Excuse | None]
) -> list[DeadlineMissed | TimerSettled]:
    """Return what is to be told of the deadlines that have run out by now, in their order.

    Asked again after it was told, or after the deed, it has nothing to tell: a timer that fires
    twice or late decides nothing new.
    """
    over = sorted((due for due in waiting if due.due_at < now), key=lambda due: due.due_at)
    return [_expiry_fact(due, Subject(subject), excuse(due)) for due in over]


def resume(
    excused: Iterable[Due], subject: str, rules: Rules, *, back_at: datetime
) -> list[TimerResumed]:
    """Return new days for what was settled, counted from when somebody is back.

    They get as many working days as the step has after its cause; where it is due by a day of the
    year, and for a milestone, as many as the rulebook gives everybody at least.
    """
    return [
        TimerResumed(
            subject=Subject(subject),
            step=due.step,
            item=due.item,
            due_at=rules.after(back_at, rules.notice_of(due.step, due.item)),
        )
        for due in excused
    ]


def _expiry_fact(
    due: Due, subject: Subject, excuse: Excuse | None
) -> DeadlineMissed | TimerSettled:
    if excuse is None:
        return DeadlineMissed(subject=subject, step=due.step, item=due.item, due_at=due.due_at)
    return TimerSettled(
        subject=subject, step=due.step, item=due.item, due_at=due.due_at, reason=excuse
    )


def _due(event: DeadlineMissed | TimerSettled | DeadlineMoved | TimerResumed) -> Due:
    return Due(step=Code(event.step), item=Label(event.item), due_at=event.due_at)


def _put_due(dues: tuple[Due, ...], due: Due) -> tuple[Due, ...]:
    return dues if due in dues else (*dues, due)
