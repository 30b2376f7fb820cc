"""Who may take a step that waits: by name, by their units, and where nobody there can, who else."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.steps import Step, Turn
from events.domain.year.deadlines import Task
from events.identifiers import UnitId
from services.read_models import roster, stand_ins
from services.web.context import system
from services.web.pages.parts.people import stand_ins_named
from services.web.pages.parts.posts import step_name, taker_name
from services.web.pages.parts.rules import rules_of
from services.web.saying import names
from services.web.saying.languages import say
from services.web.saying.names import by_given_name

NAMED_MAX = 5  # of those who may take a step


class Waiting(NamedTuple):
    """A step that waits for somebody else than the reader."""

    step: Markup  # what it is called
    who: Markup  # may take it; or why nobody there can, and who else
    due_at: datetime | None
    blocked: bool


def others_turns(state: review.State, tasks: Iterable[Task]) -> Iterator[Waiting]:
    """Iterate over steps that wait, each with who may take it."""
    for task in tasks:
        rulebook, blocked = rules_of(state).rulebook, False
        who = taker_name(task.turn, rulebook, task.step, task.item, of_unit=state.collective)
        if task.turn not in (Turn.MEMBER, Turn.FOLLOWER):
            named = names_able(state, task.step, state.takers(task.step, task.item), task.item)
            blocked = not named
            who = say("review.by_whom", who=who, names=named) if named else _who_else(state, task)
        called = step_name(rulebook, task.step, task.item)
        yield Waiting(called, who, task.due_at, blocked)


def names_able(state: review.State, step: Step, units: Sequence[UnitId], item: str = "") -> str:
    """Return who may take a step by an office in some units, as lists tell; empty for nobody."""
    barred = state.barred_from(step, item)
    posts = rules_of(state).rulebook.posts_for(step, item)
    found = {
        each
        for unit_id in units
        for each in roster.holders(system().store.database, unit_id, posts, state.path[-1])
        if each not in barred and not state.is_of(each) and each != opened_review(state).member_id
    }
    known = names.of_subjects(found)
    called = sorted(known.values(), key=by_given_name) + _standing_in(state, step, units, item)
    called += [say("year.somebody") for each in found if each not in known]  # erased
    more = ", …" if len(called) > NAMED_MAX else ""
    return ", ".join(called[:NAMED_MAX]) + more


def _standing_in(state: review.State, step: Step, units: Sequence[UnitId], item: str) -> list[str]:
    """Return who may take a step by standing in for somebody who holds an office, by name."""
    rulebook, barred = rules_of(state).rulebook, state.barred_from(step, item)
    now = system().clock.now()
    able = [
        each
        for each in stand_ins.stand_ins(system().store.database, units, now)
        if each.counts and each.by.post in rulebook.posts_for(step, item)
        if not each.by.is_one_of(barred) and not state.is_of(each.by)
    ]
    return [
        say("year.for_whom", name=each.name, whose=each.whose) for each in stand_ins_named(able)
    ]


def _who_else(state: review.State, task: Task) -> Markup:
    """Return that nobody can take a step where it waits, and who else may."""
    takers = state.takers(task.step, task.item)
    units = names.of_units(takers)
    where = ", ".join(units.get(each, each) for each in takers)
    above = names_able(state, task.step, state.deciding) if task.turn is Turn.SECRETARY else ""
    if above:
        return say("review.blocked", units=where, names=above)
    return say("review.blocked_for_all", units=where)
