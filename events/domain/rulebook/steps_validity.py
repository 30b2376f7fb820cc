"""Whether the steps of a rulebook are sound: each is known, due some day, and taken by somebody."""

from collections.abc import Iterator, Mapping
from datetime import date

from events.domain.documents.periods import Cadence
from events.domain.documents.problems import Problem
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.step_terms import StepTerms, Without
from events.domain.steps import IN_EDITIONS, OPTIONAL, SEVERAL, WAIVABLE, Aggregate, Step

COMMON_YEAR = 2023  # a deadline's day must be there in every year
OF_PLANS = tuple(step for step in IN_EDITIONS if step.row.of is Aggregate.PLAN)
OF_OTHERS = "place", "posts", "after"  # what is said of a step alone that there may be several of


def problems(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with the steps, and with how they follow one another."""
    for step in IN_EDITIONS:
        if not rulebook.has(step) and step not in OPTIONAL:
            yield Problem(f"steps.{step}", "step_missing")
    for id_, terms in rulebook.steps.items():
        path, kind = f"steps.{id_}", terms.address_under(id_)[0]
        if kind not in IN_EDITIONS:
            yield Problem(path, "no_step", known=", ".join(IN_EDITIONS))
            continue
        yield from _kind(path, id_, terms, Step(kind))
        yield from _takers(path, terms, Step(kind), rulebook)
        yield from _timing(path, terms, rulebook.cadence)
    yield from _order(rulebook)
    yield from _plan(rulebook)
    yield from _labels(rulebook.steps)
    if not rulebook.rungs:
        yield Problem("rungs", "no_rungs")


def _kind(path: str, id_: str, terms: StepTerms, kind: Step) -> Iterator[Problem]:
    """Iterate over what is wrong with which step it is, and what it is called."""
    if id_ != kind and id_ in tuple(Step):
        yield Problem(f"{path}.kind", "id_of_another_kind", kind=kind, id=id_)
    if id_ != kind and terms.label is None:
        yield Problem(path, "step_without_label")
    if terms.without is not Without.WAITS and kind not in WAIVABLE:
        yield Problem(f"{path}.without", "not_waivable", known=", ".join(WAIVABLE))


def _takers(path: str, terms: StepTerms, kind: Step, rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with who takes it."""
    if terms.who is not (whose := kind.row.turn):
        yield Problem(f"{path}.who", "step_of_another", who=terms.who, whose=whose)
    if kind not in SEVERAL:
        for name in OF_OTHERS:
            if getattr(terms, name):
                yield Problem(f"{path}.{name}", "takers_fixed", known=", ".join(SEVERAL))
        return
    known = rulebook.roles.of(kind.row.role) if kind.row.role else rulebook.offices
    for post in sorted(set(terms.posts) - set(known)):
        yield Problem(f"{path}.posts", "no_office", office=post, known=", ".join(known))


def _timing(path: str, terms: StepTerms, cadence: Cadence) -> Iterator[Problem]:
    if (terms.by is None) is (terms.working_days is None):
        yield Problem(path, "due_undecided")
    if terms.year_after and terms.by is None:
        yield Problem(path, "year_after_without_by")
    if terms.by is not None and not _is_day(terms.by):
        yield Problem(f"{path}.by", "no_such_day")
    if terms.by is not None and cadence is not Cadence.YEAR:
        yield Problem(f"{path}.by", "day_in_quarter")


def _order(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over steps of a kind of which none comes first, or two follow the same one."""
    for kind in filter(rulebook.has, Step):
        ids = [i for i, each in rulebook.steps.items() if each.address_under(i)[0] == kind]
        if kind not in SEVERAL and len(ids) > 1:
            yield Problem(f"steps.{ids[-1]}", "kind_twice", kind=kind, known=", ".join(SEVERAL))
        elif kind in SEVERAL and len(rulebook.items_of(kind)) < len(ids):
            yield Problem(f"steps.{ids[-1]}.after", "no_row", known=", ".join(ids))


def _plan(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is missing of plans: there is all of them, steps and terms, or nothing."""
    there = [step for step in OF_PLANS if rulebook.has(step)]
    if there and rulebook.plan is None:
        yield Problem("plan", "plan_without_terms", known=", ".join(there))
    elif there or rulebook.plan:
        for step in OF_PLANS:
            if not rulebook.has(step):
                yield Problem(f"steps.{step}", "step_missing")


def _labels(steps: Mapping[str, StepTerms]) -> Iterator[Problem]:
    """Iterate over steps that are called like another one."""
    called = dict[str, str]()
    for id_, terms in steps.items():
        for said in {terms.label.vi, terms.label.en} if terms.label else ():
            if called.setdefault(said, id_) != id_:
                yield Problem(f"steps.{id_}.label", "label_twice", label=said, other=called[said])


def _is_day(month_day: str) -> bool:
    try:
        date.fromisoformat(f"{COMMON_YEAR}-{month_day}")
    except ValueError:
        return False
    return True
