"""Whatever is told: points help, and what a condition says depends on no implementation of CEL."""

import re
from collections.abc import Iterable, Iterator

import celpy
import msgspec
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.records import Facts
from events.domain.rulebook import cases, conditions, rating
from events.domain.rulebook.conditions import Value
from events.domain.rulebook.rulebook import FIGURE_MAX, Criterion
from events.store import reference
from tests.support.editions import EDITIONS, clauses_of, facts_of, marks_of
from tests.support.effort import fewer

CONDITIONS = sorted({each.when for book in EDITIONS.values() for each in clauses_of(book)})
of_editions = fewer(3)  # each of nine editions is rated some fifty times an example
of_conditions = fewer(3)  # a condition has few variables, and values lie near its own numbers
TRUTHS = {"disciplined"}  # what conditions see as true or false; all else is a whole number
ENVIRONMENT = celpy.Environment()
SECOND_OPINION = {each: ENVIRONMENT.program(ENVIRONMENT.compile(each)) for each in CONDITIONS}


@st.composite
def values_for(draw: st.DrawFn, condition: str) -> dict[str, Value]:
    """What a condition may be shown: any numbers, often equal ones, or near those that it names."""
    named = [int(each) for each in re.findall("[0-9]+", condition)]
    near = [max(0, each + step) for each in (0, *named) for step in (-1, 0, 1)]
    some = draw(st.lists(st.integers(0, FIGURE_MAX), min_size=1, max_size=2))
    numbers = st.sampled_from(near) | st.sampled_from(some) | st.integers(0, FIGURE_MAX)
    return {
        name: draw(st.booleans() if name in TRUTHS else numbers)
        for name in conditions.variables(condition)
    }


def raised(told: Facts, criteria: Iterable[Criterion]) -> Iterator[Facts]:
    """Iterate over facts with ever more points, one criterion after the other up to its most."""
    points = dict(told.points)
    for criterion in criteria:
        for mark in marks_of(criterion):
            if mark >= points[criterion.id]:
                points[criterion.id] = mark
                yield msgspec.structs.replace(told, points=dict(points))


@pytest.mark.parametrize("name", EDITIONS)
@of_editions
@given(data=st.data())
def test_more_points_never_lower_a_grade(name: str, data: st.DataObject) -> None:
    """No rule of an edition that we ship says otherwise; one that did would have to be cited."""
    rulebook = EDITIONS[name]
    worked = [each.facts for each in cases.read(reference.shipped_cases(name)).cases]
    told = data.draw(facts_of(rulebook) | st.sampled_from(worked))  # some of these reach the top
    criteria = rulebook.criteria_for(told.group or "")
    few = {each.id: data.draw(st.sampled_from(marks_of(each))) for each in criteria}
    order = data.draw(st.permutations(criteria))

    ranks = [
        rulebook.rank(rating.outcome(rulebook, facts).level)
        for facts in raised(msgspec.structs.replace(told, points=few), order)
    ]

    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("condition", CONDITIONS)
@of_conditions
@given(data=st.data())
def test_a_second_cel_implementation_finds_the_same(condition: str, data: st.DataObject) -> None:
    values = data.draw(values_for(condition))

    second = SECOND_OPINION[condition].evaluate(
        {name: json_to_cel(value) for name, value in values.items()}
    )

    assert bool(second) is conditions.holds("this rule", condition, values)
