"""Escalations: a missed deadline goes up a ladder, rung by rung, until somebody takes it up."""

import enum
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Moment, Origin, Scope, Sealed, Subject, event
from events.definitions.records import Digest, Hand, Label
from events.identifiers import UnitId


class Resolution(enum.StrEnum):
    DONE = "done"  # the step was taken after all
    EXCUSED = "excused"  # its deadline was moved, or nobody could have kept it
    WAIVED = "waived"  # those who decide went on without it


@event(
    "escalation.raised",
    schema_version=1,
    about="escalation",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRaised(Event):
    """A missed deadline was laid before somebody above."""

    cause: Label  # the id of the missed deadline's event
    subject: Subject  # the stream in which it was missed
    step: Code
    item: Label
    due_at: Moment  # the deadline that was missed
    path: tuple[UnitId, ...]  # as pinned in the review
    rulebook: Digest
    calendar: Digest
    rung: int  # from 1
    unit_id: UnitId  # before whom: those who hold the post in this unit
    post: Code
    acknowledge_due_at: Moment


@event(
    "escalation.passed_on",
    schema_version=1,
    about="escalation",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPassedOn(Event):
    """Nobody took it up in time, so it went one rung further."""

    cause: Label
    rung: int
    unit_id: UnitId
    post: Code
    acknowledge_due_at: Moment


@event(
    "escalation.moved",
    schema_version=1,
    about="escalation",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationMoved(Event):
    """What was missed goes another way up, as its review or plan does; it is laid there anew."""

    cause: Label
    path: tuple[UnitId, ...]  # from now on
    rung: int
    unit_id: UnitId
    post: Code
    acknowledge_due_at: Moment


@event(
    "escalation.acknowledged",
    schema_version=1,
    about="escalation",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAcknowledged(Event):
    """Somebody before whom it was laid took it up; it climbs no further."""

    cause: Label
    by: Hand
    text: Sealed[str] | UnsetType = UNSET  # what they will do


@event(
    "escalation.resolved",
    schema_version=1,
    about="escalation",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationResolved(Event):
    """What was missed is done, or excused."""

    cause: Label
    resolution: Resolution


ESCALATION: tuple[type[Event], ...] = (
    EscalationRaised,
    EscalationPassedOn,
    EscalationMoved,
    EscalationAcknowledged,
    EscalationResolved,
)
