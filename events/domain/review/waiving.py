"""A way on without a step that was not taken in time: by whom, or of itself, as the edition says.

Whatever is waived may be taken all the same; it only holds up nobody. No rating comes of it:
somebody proposes and decides as ever.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from events.definitions.event import Code, Sealed
from events.definitions.records import Due, Hand, Label
from events.definitions.review import StepWaived
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review import appraisals
from events.domain.review.review import tasks
from events.domain.review.state import State
from events.domain.review.writing_steps import require_before_decision, under_way
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.step_terms import Without
from events.domain.steps import LAPSING, Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.deadlines import DeadlineFact
from events.domain.year.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveStep:
    by: Hand
    step: Code
    text: Sealed[str]
    item: str = ""  # which point or appraisal


def waive_step(state: State, command: WaiveStep, rules: Rules, *, now: datetime) -> StepWaived:
    """Return that those who decide go on without a step, once its time was over."""
    under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.deciding, rules, Step.DECISION)
    require_before_decision(state)
    left = rules.rulebook.without(command.step, command.item) is Without.AUTHORITY
    if not left and command.step not in LAPSING:
        raise CommandRejected(Rejection.NOT_WAIVABLE, step=command.step)
    over = {(each.step, each.item) for each in left_to_authority(state, rules.rulebook)}
    if (command.step, command.item) not in over:
        raise CommandRejected(Rejection.NOT_LATE, step=command.step)
    fact = _waiver_of(state, command.step, Label(command.item), rules, now)
    return dataclasses.replace(fact, by=command.by, text=command.text)


def waived_by_edition(
    state: State, rules: Rules, *, now: datetime
) -> Iterator[tuple[Due, StepWaived]]:
    """Iterate over what is waived of itself: the steps that are late and wait for nobody's word."""
    if state.decision or state.ending:
        return
    for due in late_dues(state):
        if rules.rulebook.without(due.step, due.item) is Without.WAIVED:
            yield due, _waiver_of(state, due.step, due.item, rules, now)


def left_to_authority(state: State, rulebook: Rulebook) -> tuple[Due, ...]:
    """Return the steps that those who decide may go on without, each with its deadline.

    They are late; or nobody is to blame for one that lapses else, and may be for ever: whoever is
    rated again is away.
    """
    if state.decision or state.ending:
        return ()
    late, excused = late_dues(state), state.deadlines.excused_dues(tasks(state))
    lapsing = (e for e in excused if e.step in LAPSING and not state.is_waived(e.step))
    waits = (e for e in late if rulebook.without(e.step, e.item) is Without.AUTHORITY)
    return (*waits, *lapsing)


def late_dues(state: State) -> tuple[Due, ...]:
    """Return which missed steps are neither taken nor waived yet, each with its deadline."""
    missed = state.deadlines.overdue(state.done)
    return tuple(each for each in missed if not state.is_waived(each.step, each.item))


def after_deadlines(state: State, *told: DeadlineFact) -> State:
    """Return a review after facts that are about to be told of its deadlines."""
    deadlines = state.deadlines
    for each in told:
        deadlines = deadlines.after(each)
    return msgspec.structs.replace(state, deadlines=deadlines)


def _waiver_of(state: State, step: Code, item: Label, rules: Rules, now: datetime) -> StepWaived:
    opened = under_way(state)
    return StepWaived(
        period=opened.period,
        member_id=opened.member_id,
        step=step,
        item=item,
        dues=tuple(_next_due(state, Step(step), item, rules, now)),
    )


def _next_due(state: State, step: Step, item: str, rules: Rules, now: datetime) -> Iterator[Due]:
    """Iterate over the deadline of what waited for a step, unless it runs already."""
    if step is Step.APPRAISAL:
        yield from appraisals.next_due(state, item, rules, now)
    waits = (each for each in state.steps if step.row.once and step in each.row.after)
    following = next(waits, None)
    if following and state.deadlines.due_at(following) is None:
        due_at = appraisals.due_at(state, following, rules, now)
        yield Due(step=Code(following.value), due_at=due_at)
