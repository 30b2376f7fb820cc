"""What comes before a proposal: points of a superior, their answers, and the review in a meeting.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.deadline import Excuse
from events.definitions.event import Sealed
from events.definitions.records import Hand, Label
from events.definitions.review import MeetingHeld, PointAnswered, PointSuggested
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.presence import require_present
from events.domain.review.state import State
from events.domain.review.writing_steps import (
    require_not_yet,
    require_step,
    require_turn,
    under_way,
)
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId

POINTS_EACH_MAX = 5  # by one superior, to one person in one year: nobody uses up what all have
POINTS_MAX = 100  # by all together


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestPoint:
    by: Hand
    point_id: Label
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPoint:
    by: MemberId
    point_id: Label
    text: Sealed[str]
    hand: Hand | UnsetType = UNSET  # who writes for a collective


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMeeting:
    by: Hand
    place: UnitId
    heads_waiting: tuple[MemberId, ...] = ()  # of that place, not reviewed yet
    unit_waiting: bool = False  # whether that place, as a collective, was not reviewed yet
    away: Excuse | None = None  # why who is reviewed is not there
    text: Sealed[str] | UnsetType = UNSET


def suggest_point(
    state: State, command: SuggestPoint, rules: Rules, *, now: datetime
) -> PointSuggested:
    """Return a point in writing, before the meeting; whoever is reviewed answers each."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.path[1:] or state.path, rules)
    if not rules.rulebook.has(Step.SUGGESTION_ANSWER):
        raise CommandRejected(Rejection.NO_POINTS_HERE)
    if state.meetings or state.proposers:
        raise CommandRejected(Rejection.POINT_TOO_LATE)
    own = [each for each in state.points if each.fact.by.is_one_of(command.by.eyes)]
    if len(own) >= POINTS_EACH_MAX:
        raise CommandRejected(Rejection.TOO_MANY_POINTS, most=POINTS_EACH_MAX)
    if len(state.points) >= POINTS_MAX:
        raise CommandRejected(Rejection.POINT_TOO_LATE)
    return PointSuggested(
        period=opened.period,
        member_id=opened.member_id,
        point_id=command.point_id,
        by=command.by,
        text=command.text,
        answer_due_at=rules.due_at(Step.SUGGESTION_ANSWER, period=opened.period, cause=now),
    )


def answer_point(state: State, command: AnswerPoint) -> PointAnswered:
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    if command.point_id not in {each.fact.point_id for each in state.points}:
        raise CommandRejected(Rejection.UNKNOWN_POINT)
    require_not_yet(state, Step.SUGGESTION_ANSWER, command.point_id)
    return PointAnswered(
        period=opened.period,
        member_id=opened.member_id,
        point_id=command.point_id,
        text=command.text,
        by=command.hand,
    )


def hold_meeting(state: State, command: HoldMeeting, rules: Rules, *, now: datetime) -> MeetingHeld:
    """Return that a unit reviewed somebody, who had handed in and answered everything before.

    Whoever was absent is reviewed as soon as they are back; no meeting is told in their absence.
    A collective reviews itself, so one of those who lead it may tell of its meeting.
    """
    opened = under_way(state)
    require_four_eyes(own=not state.collective and state.is_of(command.by))
    require_step(state, Step.MEETING)
    if command.place not in state.venues:
        raise CommandRejected(Rejection.NOT_THERE)
    held_by = state.acting_units((command.place,))
    require_competent(command.by, (*held_by, *state.path[-1:]), rules, Step.MEETING)
    require_present(state, command.away)
    require_turn(state, Step.MEETING)
    if command.place not in state.venues_left():
        raise CommandRejected(Rejection.STEP_DONE, step=Step.MEETING)
    if not state.collective:
        _require_turn(command, rules)
    return MeetingHeld(
        period=opened.period,
        member_id=opened.member_id,
        place=command.place,
        by=command.by,
        proposal_due_at=rules.due_at(Step.PROPOSAL, period=opened.period, cause=now),
        text=command.text,
    )


def _require_turn(command: HoldMeeting, rules: Rules) -> None:
    """Raise CommandRejected where the unit itself, or its head, is to be reviewed before."""
    collectives, meetings = rules.rulebook.collectives, rules.rulebook.meetings
    if collectives and collectives.before_members and command.unit_waiting:
        raise CommandRejected(Rejection.UNIT_MEETS_FIRST)
    if meetings and meetings.head_first and command.heads_waiting:
        raise CommandRejected(Rejection.HEAD_MEETS_FIRST)
