"""What becomes of a year that waits: another deadline, a step waived, an end; with its ground."""

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from events.definitions.event import Code, Event
from events.domain.review import ending, waiving, writing_steps
from events.domain.review.state import State
from events.domain.steps import Step
from events.domain.year.rules import Rules
from events.identifiers import Stream
from services.access.roles import Action
from services.commands import reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.subject import Subject

Tells: TypeAlias = Callable[[Work, State, Rules], Event]  # what the law makes of a command


def move_deadline(
    context: Context,
    asking: Asking,
    subject: Subject,
    step: str,
    day: date,
    text: str,
    item: str = "",
) -> Done:
    """Give a step of a review another deadline, with its ground."""

    def decide(work: Work, state: State, rules: Rules) -> Event:
        by = work.hand_for(state.units_above)
        command = writing_steps.MoveDeadline(
            by=by,
            step=Code(step),
            item=item,
            due_at=rules.due_on(day, now=work.now),
            offices=work.actor.offices_of(by),
            text=reviews.seal(work, subject, text),
        )
        return writing_steps.move_deadline(state, command, rules, now=work.now)

    return _carry_out(context, asking, subject, Action.MOVE_DEADLINE, decide)


def waive_step(
    context: Context, asking: Asking, subject: Subject, step: str, item: str, text: str
) -> Done:
    """Go on without a step that was late, with the reason."""

    def decide(work: Work, state: State, rules: Rules) -> Event:
        by, sealed = work.hand_for(state.deciding, Step.DECISION), reviews.seal(work, subject, text)
        command = waiving.WaiveStep(by=by, step=Code(step), item=item, text=sealed)
        return waiving.waive_step(state, command, rules, now=work.now)

    return _carry_out(context, asking, subject, Action.WAIVE_STEP, decide)


def end_unrated(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """End a year without a level, in which others wait for whoever is reviewed, with the reason."""

    def decide(work: Work, state: State, rules: Rules) -> Event:
        by, sealed = work.hand_for(state.deciding, Step.DECISION), reviews.seal(work, subject, text)
        return ending.end_unrated(state, ending.EndReview(by=by, text=sealed), rules)

    return _carry_out(context, asking, subject, Action.END_REVIEW, decide)


def undo_unrated(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Let a year go on that was ended without a level, with the reason."""

    def decide(work: Work, state: State, rules: Rules) -> Event:
        by, sealed = work.hand_for(state.deciding, Step.DECISION), reviews.seal(work, subject, text)
        command = ending.ResumeReview(by=by, text=sealed)
        return ending.undo_unrated(state, command, rules, now=work.now)

    return _carry_out(context, asking, subject, Action.END_REVIEW, decide)


def _carry_out(
    context: Context, asking: Asking, subject: Subject, action: Action, decide_on: Tells
) -> Done:
    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, action)
        work.tell(subject.stream, decide_on(work, state, reviews.rules_of(work, state)))
        return subject.stream

    return perform(context, asking, decide)
