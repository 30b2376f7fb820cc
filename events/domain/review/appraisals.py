"""How the appraisals of a proposal follow one another: whose turn it is, and until when.

An edition may have several, each by its own takers. Each waits for the one before it, unless that
was waived; the decision waits for all.
"""

from collections.abc import Iterator
from datetime import datetime

from events.definitions.event import Code
from events.definitions.records import Due, Hand, Label
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.state import State
from events.domain.review.writing_steps import under_way
from events.domain.steps import Step
from events.domain.year.rules import Rules


def require_asked(state: State, item: str) -> None:
    """Raise CommandRejected where a review has no such appraisal."""
    if item not in {each.item for each in state.appraisals_asked}:
        raise CommandRejected(Rejection.NO_SUCH_STEP, step=Step.APPRAISAL)


def require_open(state: State, item: str) -> None:
    """Raise CommandRejected while an appraisal waits for another one."""
    if item not in {each.item for each in state.appraisals_open()}:
        raise CommandRejected(Rejection.STEP_MISSING, step=Step.APPRAISAL)


def require_not_barred(state: State, by: Hand, step: Step, item: str = "") -> None:
    """Raise CommandRejected where somebody took what another one is to take of this rating."""
    barred = state.barred_from(step, item)
    for eye in by.eyes:
        if eye in barred:
            raise CommandRejected(barred[eye])


def first_due_at(state: State, rules: Rules, now: datetime) -> datetime | None:
    """Return until when the first appraisal of a proposal is to be given; None without any."""
    first = next(iter(state.appraisals_asked), None)
    return due_at(state, Step.APPRAISAL, rules, now, first.item) if first else None


def decision_due_at(state: State, rules: Rules, now: datetime) -> datetime:
    """Return until when a proposal is decided on: once each appraisal had its days, one by one."""
    for asked in state.appraisals_asked:
        now = due_at(state, Step.APPRAISAL, rules, now, asked.item)
    return due_at(state, Step.DECISION, rules, now)


def next_due(state: State, item: str, rules: Rules, now: datetime) -> Iterator[Due]:
    """Iterate over the deadline of the appraisal that waited for one, unless it runs already."""
    step = Step.APPRAISAL
    items = [each.item for each in state.appraisals_left() if each.item != item]
    for following in items[:1]:
        if state.deadlines.due_at(step, following) is None:
            at = due_at(state, step, rules, now, following)
            yield Due(step=Code(step.value), item=Label(following), due_at=at)


def due_at(state: State, step: Step, rules: Rules, now: datetime, item: str = "") -> datetime:
    """Return when a step is due; once a review was reopened, no day of its year binds any more."""
    terms = rules.rulebook.terms_of(step, item)
    if state.reopening and terms and terms.by:
        return rules.after(now, rules.rulebook.notice_working_days)
    return rules.due_at(step, item, period=under_way(state).period, cause=now)
