"""Whose turn it is in a year, and where it stands, as one reader sees it."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from msgspec import UNSET

from events.domain.aggregate.rejections import Rejection
from events.domain.plan import plan
from events.domain.review import review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.domain.year.deadlines import Task
from services.access.roles import Role, turn_roles
from services.commands import plans
from services.subject import Subject
from services.web.asking.visibility import hand_of_reader
from services.web.context import system
from services.web.pages.parts import step_pages, takers
from services.web.pages.parts.people import name_of
from services.web.pages.parts.posts import step_name
from services.web.pages.parts.rules import rules_of
from services.web.saying.languages import say


class LineStep(NamedTuple):
    """One step of the year's line."""

    name: str
    called: Markup
    tone: str  # "done", "now", "late" or ""
    done_at: datetime | None
    due_at: datetime | None
    waived_at: datetime | None  # since when nobody waits for it
    done_by: str  # whose id it is that took it last, by an office
    after: tuple[Markup, ...]  # what it waits for, before anybody's turn comes


class Turn(NamedTuple):
    """A step that the reader is to take now."""

    label: Markup
    address: str
    due_at: datetime | None


def of_reader(subject: Subject, state: review.State, roles: Collection[Role]) -> dict[str, Any]:
    """Return the reader's turns in a review and its plan, those of others, and the plan's stage.

    In the place of a plan that was never opened stands None.
    """
    planned = plan.fold(system().store.read_stream(plans.stream_of(subject)).events)
    stage = plan.stage(planned) if planned.opened else None
    tasks = review.tasks(state)
    theirs = [
        task
        for task in tasks
        if _is_theirs(task, roles) and why_barred(state, task.step, task.item) is None
    ]
    of_plan = [task for task in plan.tasks(planned) if _is_theirs(task, roles)]
    mine = [_turn(each, subject, state) for each in _urgent_first(theirs)]
    return {
        "tasks": [*mine, *_plan_turns(of_plan, subject, rules_of(state).rulebook)],
        "others": list(takers.others_turns(state, (task for task in tasks if task not in theirs))),
        "all_done": state.notice is not None and stage in (None, "finished"),
        "plan": planned if planned.opened else None,
        "plan_stage": stage,
    }


def steps(state: review.State) -> Iterator[LineStep]:
    """Iterate over the steps of a review, each with how far it is."""
    waiting = {(task.step, task.item) for task in review.tasks(state)}
    rulebook = rules_of(state).rulebook
    for step, item in state.addresses:
        at = state.done_at(step, item)
        waived = [e.at for e in state.waivers_of(step) if e.fact.item == item]
        waived_at = max(waived, default=None) if state.is_waived(step, item) else None
        behind = at is not None or waived_at is not None
        tone = "late" if state.is_late(step, item) else "now" if (step, item) in waiting else ""
        yield LineStep(
            name=step,
            called=step_name(rulebook, step, item),
            tone="done" if behind else tone,
            done_at=at,
            due_at=state.deadlines.due_at(step, item),
            waived_at=waived_at,
            done_by=_hand_of(state, step, item) if at else "",
            after=() if behind or tone else _waited_for(state, step, item),
        )


def why_barred(state: review.State, step: Step, item: str) -> Rejection | None:
    """Return why the reader may not take a step that others of their office may."""
    by, barred = hand_of_reader(state, step, item), state.barred_from(step, item)
    return next((barred[each] for each in by.eyes if each in barred), None) if by else None


def _waited_for(state: review.State, step: Step, item: str) -> tuple[Markup, ...]:
    """Return what a step waits for last, as it is called; nothing where its turn has come."""
    rulebook, left = rules_of(state).rulebook, [str(e.item) for e in state.appraisals_left()]
    before = [
        (each, left[-1] if each is Step.APPRAISAL else "")
        for each in step.row.after
        if state.is_left(each)
    ]
    if step is Step.APPRAISAL and not before:
        before = [(step, each) for each in left[: left.index(item)]]
    return tuple(step_name(rulebook, *each) for each in before[-1:])


def _hand_of(state: review.State, step: Step, item: str) -> str:
    """Return who took a step last by an office, by id; empty where somebody did in person."""
    by = getattr(state.acts_at(step, item)[-1].fact, "by", UNSET)
    return by.member_id if by else ""


def answers_due(state: review.State) -> dict[str, datetime]:
    """Return by when each point and criticism is to be answered that was not answered yet."""
    criticised = [(e.fact.criticism_id, state.answer_due_at(e)) for e in state.criticisms]
    suggested = [(e.fact.point_id, state.answer_due_at(e)) for e in state.points]
    return {
        id_: due_at
        for step, asked in ((Step.ANSWER, criticised), (Step.SUGGESTION_ANSWER, suggested))
        for id_, due_at in asked
        if not state.done(step, id_)
    }


def _turn(task: Task, subject: Subject, state: review.State) -> Turn:
    label = step_name(rules_of(state).rulebook, task.step, task.item)
    by = hand_of_reader(state, task.step, task.item)
    if by and by.for_id:
        label = Markup("{} · {}").format(label, say("inbox.for_whom", name=name_of(by.for_id)))
    return Turn(label, step_pages.address(task.step, subject, task.item), task.due_at)


def _plan_turns(tasks: Iterable[Task], subject: Subject, rulebook: Rulebook) -> Iterator[Turn]:
    """Iterate over turns in a plan: the page of the plan has a form for each."""
    for task in tasks:
        label = step_name(rulebook, task.step)
        at, item = step_pages.of_plan(subject), task.item
        if task.turn is not task.step.row.turn:  # its follower's, and nobody follows the plan
            yield Turn(say("inbox.unfollowed", id=item), f"{at}#follower", task.due_at)
            continue
        called = Markup("{} {}").format(label, item) if item else label
        yield Turn(called, f"{at}#milestone-{item}" if item else at, task.due_at)


def _is_theirs(task: Task, roles: Collection[Role]) -> bool:
    return not turn_roles(task.step, task.turn).isdisjoint(roles)


def _urgent_first(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks in the order of their deadlines; those without come last."""
    return sorted(tasks, key=lambda each: (each.due_at is None, each.due_at))
