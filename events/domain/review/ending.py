"""How a review ends without a level, and goes on where that is undone.

It ends by itself once there is nobody left to be reviewed; and those who decide may end one in
which whoever is reviewed did not do theirs in time. Neither is a rating.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from events.definitions.event import Code, Sealed
from events.definitions.records import Due, Hand
from events.definitions.reopening import ReviewEnded, ReviewResumed
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.review import tasks
from events.domain.review.state import State
from events.domain.review.waiving import late_dues
from events.domain.review.writing_steps import opened_review, require_before_decision, under_way
from events.domain.steps import Step, Turn
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.rules import Rules
from events.identifiers import MemberId

DISSOLVED, LEFT, UNRATED = Code("dissolved"), Code("left"), Code("unrated")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReview:
    """Let somebody's year end without a level."""

    by: Hand
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeReview:
    """Let a year go on that was ended unrated."""

    by: Hand
    text: Sealed[str]


def end_review(state: State) -> ReviewEnded:
    """Return that the review of whoever left, or of a dissolved unit, has ended.

    One that is decided stays as it is. A member's that is rated again goes on: it puts right what
    was decided of them, wherever they are.
    """
    opened = under_way(state)
    require_before_decision(state)
    if not opened.collective and state.reopening:
        raise CommandRejected(Rejection.REVIEW_STAYS)
    reason = DISSOLVED if opened.collective else LEFT
    return ReviewEnded(period=opened.period, member_id=opened.member_id, reason=reason)


def resume_review(state: State, rules: Rules, *, now: datetime) -> ReviewResumed | None:
    """Return that the review of who is there after all goes on; None if it does, or was unrated."""
    if state.ending is None or ended_unrated(state):
        return None
    opened = opened_review(state)
    return ReviewResumed(
        period=opened.period, member_id=opened.member_id, dues=_dues_left(state, rules, now)
    )


def end_unrated(state: State, command: EndReview, rules: Rules) -> ReviewEnded:
    """Return that those who decide end a year in which whoever is reviewed is late with theirs."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.deciding, rules, Step.DECISION)
    require_before_decision(state)
    if not may_end_unrated(state, command.by.eyes):
        raise CommandRejected(Rejection.NOTHING_LATE)
    return ReviewEnded(
        period=opened.period,
        member_id=opened.member_id,
        reason=UNRATED,
        by=command.by,
        text=command.text,
    )


def may_end_unrated(state: State, eyes: Collection[MemberId]) -> bool:
    """Tell whether others wait for whoever is reviewed, whose time was over; be it excused or not.

    Never once they are rated, or while what was decided of them is put right. Whoever was given
    another day since, as they were back, has time. Nobody ends it for want of an answer to a point
    of their own: they would make their own ground.
    """
    if state.ending or state.decision or state.reopening or state.proposal:
        return False
    own = {each.fact.point_id for each in state.points if each.fact.by.is_one_of(eyes)}
    over = (*late_dues(state), *state.deadlines.excused_dues(tasks(state)))
    steps = (Step(each.step) for each in over if each.item not in own)
    return any(e.row.waivable and state.turn_of(e) is Turn.MEMBER for e in steps)


def ended_unrated(state: State) -> bool:
    """Tell whether those who decide ended it, and may let it go on."""
    return state.ending is not None and state.ending.fact.reason == UNRATED


def undo_unrated(
    state: State, command: ResumeReview, rules: Rules, *, now: datetime
) -> ReviewResumed:
    """Return that those who decide let a year go on that was ended unrated."""
    opened = opened_review(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.deciding, rules, Step.DECISION)
    if not ended_unrated(state):
        raise CommandRejected(Rejection.NOT_ENDED)
    return ReviewResumed(
        period=opened.period,
        member_id=opened.member_id,
        dues=_dues_left(state, rules, now),
        by=command.by,
        text=command.text,
    )


def _dues_left(state: State, rules: Rules, now: datetime) -> tuple[Due, ...]:
    """Return until when what is left is to be done, now that it goes on.

    By the day that it had, or by as many working days from now as the step gives, whichever is
    later: nobody could do it meanwhile, nor answer a criticism.
    """
    left = (due for due in state.ran if not state.done(due.step, due.item))
    return tuple(
        msgspec.structs.replace(
            due, due_at=max(due.due_at, rules.after(now, rules.notice_of(due.step, due.item)))
        )
        for due in (*left, *_answers_due(state))
    )


def _answers_due(state: State) -> Iterator[Due]:
    """Iterate over until when each criticism may be answered that was not."""
    for each in state.unanswered_criticisms():
        due_at = state.answer_due_at(each)
        yield Due(step=Code(Step.ANSWER.value), item=each.fact.criticism_id, due_at=due_at)
