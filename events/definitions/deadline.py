"""Deadlines, in whichever stream they run. A lapse of time is told and never rates anybody."""

import enum
from dataclasses import dataclass

from events.definitions.event import Code, Event, Moment, Origin, Scope, Sealed, Subject, event
from events.definitions.records import Digest, Due, Hand, Label


class Excuse(enum.StrEnum):
    """Why a step that was not taken in time is nobody's fault."""

    ABSENT = "absent"
    EXEMPT = "exempt"
    LEFT = "left"


@event("deadline.missed", schema_version=1, about="subject", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed(Event):
    """A step was not taken in time. The entry's `time` is the deadline, not when it was seen."""

    subject: Subject
    step: Code
    item: Label  # which milestone; else empty
    due_at: Moment


@event("deadline.settled", schema_version=1, about="subject", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSettled(Event):
    """A deadline ran out on somebody who is excused: nothing was missed, the step stays open."""

    subject: Subject
    step: Code
    item: Label
    due_at: Moment
    reason: Excuse


@event("deadline.moved", schema_version=1, about="subject", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMoved(Event):
    """A step of a review has a later deadline from now on, with its ground.

    Of a milestone `milestone.extended` tells that, and `deadline.resumed` of whoever is back.
    """

    subject: Subject
    step: Code
    item: Label
    due_at: Moment  # the new one
    by: Hand
    text: Sealed[str]  # the ground


@event("deadline.resumed", schema_version=1, about="subject", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class TimerResumed(Event):
    """Whoever was excused is back: a step that was settled is to be taken by another day."""

    subject: Subject
    step: Code
    item: Label
    due_at: Moment  # the new one


@event("calendar.supplemented", schema_version=1, about="subject", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSupplemented(Event):
    """From now on days are counted here by a newer edition of the calendar.

    Deadlines that run end later where it says so, and never earlier than people were told.
    """

    subject: Subject
    calendar: Digest
    dues: tuple[Due, ...]  # those that moved, each with its new day; none: it moves no deadline


DEADLINE: tuple[type[Event], ...] = (
    DeadlineMissed,
    TimerSettled,
    DeadlineMoved,
    TimerResumed,
    CalendarSupplemented,
)
