"""Every step of the table is dealt with on all floors; what is forgotten is told all at once."""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from events.definitions.event import Code, Event
from events.definitions.plan import PlanOpened
from events.definitions.records import Appraisal, Due
from events.definitions.reopening import ReviewReopened
from events.definitions.review import CriticismGiven, PointSuggested, ReviewOpened
from events.domain.escalation import escalation
from events.domain.escalation.lateness import Late, late_with
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import LAPSING, TABLE, Aggregate, Step, Turn, Where, steps_of
from events.domain.verification import four_eyes
from events.domain.year.deadlines import Task
from events.store import reference
from services.access.roles import BY_POST, MAY, TAKING, TURNS
from services.read_models.states import KINDS, Kind
from services.web.saying.languages import phrases
from tests.support.examples import EXAMPLES
from tests.support.law import records
from tests.support.party_rules import RATED, REOPENED
from tests.support.year_examples import DUE_AT

KIND: dict[str, Kind] = {kind.name: kind for kind in KINDS}
IN_PERSON = (Turn.MEMBER, Turn.FOLLOWER)


def example(cls: type[Event]) -> Any:
    return EXAMPLES[cls.definition.type]


BEGINNINGS: dict[Aggregate, tuple[Event, ...]] = {
    Aggregate.REVIEW: (
        dataclasses.replace(
            example(ReviewOpened),
            steps=tuple(Code(step.value) for step in review.STEPS if step not in LAPSING),
            appraisals=(Appraisal(at=Code("authority")),),
            dues=tuple(
                Due(step=Code(step.value), due_at=DUE_AT)
                for step in review.STEPS
                if not step.row.after
            ),
        ),
        example(CriticismGiven),
        example(PointSuggested),
    ),
    Aggregate.PLAN: (dataclasses.replace(example(PlanOpened), collective=False, leaders=()),),
    Aggregate.ESCALATION: (EXAMPLES["escalation.raised"],),
}


class Turned(NamedTuple):
    """That a step waits, in a stream in which every step is taken in its order."""

    kind: Kind
    before: Any  # the state in which it waits
    task: Task
    after: Any  # the state once it was taken


def turned(step: Step) -> Turned | None:
    """Return how a step waits for somebody and is taken; None where it never does."""
    of = step.row.of
    kind, facts = KIND[of], list(BEGINNINGS[of])
    taken = steps_of(of)
    if step in LAPSING:  # it is taken once all others were, and it begins anew
        facts += [example(e.row.taken_by[0]) for e in taken if e not in LAPSING]
        facts.append(example(ReviewReopened))
        taken = (step,)
    for each in taken:
        fact, before = example(each.row.taken_by[0]), kind.fold(records(*facts))
        facts.append(fact)
        if each is step:
            tasks = kind.tasks(before)
            task = next((task for task in tasks if task.step is step), None)
            return Turned(kind, before, task, kind.fold(records(*facts))) if task else None
    return None


def lacks(step: Step) -> Iterator[str]:
    """Iterate over what was forgotten of a step."""
    for where in (f"steps.{step}", f"who.{step.row.turn}", f"who_unit.{step.row.turn}"):
        if not set(phrases().get(f"year.{where}", {})) >= {"vi", "en"}:
            yield f"words year.{where}"
    of_post = BY_POST.get(step.row.role) if step.row.role else None
    taking = {of_post} if of_post else TURNS[step.row.turn]
    if step not in TAKING or not taking <= MAY[TAKING[step]]:
        yield "a right of those whose turn it is"
    found = turned(step)
    if found is None:
        yield "a task"
        return
    if found.before.done(step, found.task.item) or not found.after.done(step, found.task.item):
        yield "a fact that takes it"
    if found.task.due_at is None:
        yield "a day by which it is due, set by a fact before it"
    yield from _without_taker(step, found)
    yield from _without_law(step)


def _without_taker(step: Step, found: Turned) -> Iterator[str]:
    """Iterate over what is missing of whoever is to take a step."""
    if (step.row.turn in IN_PERSON) is bool(found.before.takers(step)):
        yield "units that take it, where it is an office's, and nowhere else"
    names = [column.name for column in found.kind.table("row").columns]
    row = dict(zip(names, found.kind.row("key", 1, found.before), strict=True))
    named = row["actor_id"] if step.row.turn is Turn.FOLLOWER else row["actor_unit"]
    if step.row.turn is not Turn.MEMBER and (row["task"], named) in ((step, None), (None, None)):
        yield "an actor in the projected row"
    watched = found.kind is not KIND["escalation"]
    if watched and late_with(found.before, step) == Late():
        yield "whoever is late with it"


def _without_law(step: Step) -> Iterator[str]:
    """Iterate over what of the row does not hold in the law."""
    facts = [example(cls) for cls in step.row.taken_by]
    if step.row.four_eyes is not all(four_eyes.judges_of(fact) for fact in facts):
        yield "four eyes, as replay looks for them"
    if step.row.rates and review.fold(records(*RATED, REOPENED)).acts_of(step):
        yield "a beginning anew when a review is reopened"
    if step.row.in_editions is not any(step in rulebook["steps"] for rulebook in _editions()):
        yield "its days in an edition"


def _editions() -> Iterator[dict[str, Any]]:
    for name in reference.shipped_names("rulebook"):
        yield reference.shipped_document("rulebook", name)


def test_every_step_is_dealt_with_on_all_floors() -> None:
    forgotten = [f"{step} lacks {what}" for step in Step for what in lacks(step)]

    assert not forgotten, "\n".join(["", *forgotten])


def test_every_step_has_a_row_that_fits_the_others() -> None:
    order = list(TABLE)

    assert order == list(Step)
    for step in order:
        row = step.row
        assert (row.where is Where.NOWHERE) is (row.turn in IN_PERSON)
        assert all(order.index(each) < order.index(step) for each in row.after)
        assert {each.row.of for each in row.after} <= {row.of}


def test_no_step_of_another_kind_waits_in_a_plan_or_an_escalation() -> None:
    for of, state in ((Aggregate.PLAN, plan.EMPTY), (Aggregate.ESCALATION, escalation.EMPTY)):
        assert all(state.done(step) for step in Step if step.row.of is not of)


def test_every_turn_is_that_of_some_role() -> None:
    assert set(TURNS) == set(Turn) == {step.row.turn for step in Step}
    assert all(TURNS.values())
