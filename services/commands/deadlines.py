"""What becomes of a year that waits: another deadline, a step waived, an end; with its ground."""

from datetime import date

from events.definitions.event import Code
from events.domain.review import ending, waiving, writing_steps
from events.identifiers import Stream
from services.access.roles import Action
from services.commands import reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.subject import Subject


def move_deadline(
    context: Context, asking: Asking, subject: Subject, step: str, day: date, text: str
) -> Done:
    """Give a step of a review another deadline, with its ground."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.MOVE_DEADLINE)
        rules = reviews.rules_of(work, state)
        command = writing_steps.MoveDeadline(
            by=work.hand_for(state.units_above),
            step=Code(step),
            due_at=rules.due_on(day, now=work.now),
            offices=work.actor.office_units,
            text=reviews.seal(work, subject, text),
        )
        moved = writing_steps.move_deadline(state, command, rules, now=work.now)
        work.tell(subject.stream, moved)
        return subject.stream

    return perform(context, asking, decide)


def waive_step(
    context: Context, asking: Asking, subject: Subject, step: str, item: str, text: str
) -> Done:
    """Go on without a step that was late, with the reason."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.WAIVE_STEP)
        command = waiving.WaiveStep(
            by=work.hand_for(state.deciding),
            step=Code(step),
            item=item,
            text=reviews.seal(work, subject, text),
        )
        waiver = waiving.waive_step(state, command, reviews.rules_of(work, state), now=work.now)
        work.tell(subject.stream, waiver)
        return subject.stream

    return perform(context, asking, decide)


def end_unrated(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """End a year without a level, in which others wait for whoever is reviewed, with the reason."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.END_REVIEW)
        by = work.hand_for(state.deciding)
        command = ending.EndReview(by=by, text=reviews.seal(work, subject, text))
        ended = ending.end_unrated(state, command, reviews.rules_of(work, state))
        work.tell(subject.stream, ended)
        return subject.stream

    return perform(context, asking, decide)


def undo_unrated(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Let a year go on that was ended without a level, with the reason."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.END_REVIEW)
        by = work.hand_for(state.deciding)
        command = ending.ResumeReview(by=by, text=reviews.seal(work, subject, text))
        rules = reviews.rules_of(work, state)
        work.tell(subject.stream, ending.undo_unrated(state, command, rules, now=work.now))
        return subject.stream

    return perform(context, asking, decide)
