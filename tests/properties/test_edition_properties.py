"""Whatever is told: points help, and what a condition says depends on no implementation of CEL."""

import celpy
import msgspec
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given
from hypothesis import strategies as st

from events.domain import conditions, rating
from events.domain.conditions import Value
from events.domain.rulebook import FIGURE_MAX
from tests.support.editions import EDITIONS, clauses_of, facts_of, marks_of

CONDITIONS = sorted({each.when for book in EDITIONS.values() for each in clauses_of(book)})
TRUTHS = {"disciplined"}  # what conditions see as true or false; all else is a whole number
ENVIRONMENT = celpy.Environment()
SECOND_OPINION = {each: ENVIRONMENT.program(ENVIRONMENT.compile(each)) for each in CONDITIONS}


@st.composite
def values_for(draw: st.DrawFn, condition: str) -> dict[str, Value]:
    """What a condition may be shown: any numbers, often the same ones, tens and their like."""
    some = draw(st.lists(st.integers(0, FIGURE_MAX), min_size=1, max_size=2))
    numbers = st.sampled_from(some) | st.integers(0, 100) | st.integers(0, FIGURE_MAX)
    return {
        name: draw(st.booleans() if name in TRUTHS else numbers)
        for name in conditions.variables(condition)
    }


@pytest.mark.parametrize("name", EDITIONS)
@given(data=st.data())
def test_more_points_never_lower_a_grade(name: str, data: st.DataObject) -> None:
    """No rule of an edition that we ship says otherwise; one that did would have to be cited."""
    rulebook = EDITIONS[name]
    told = data.draw(facts_of(rulebook))
    criterion = data.draw(st.sampled_from(rulebook.criteria_for(told.group or "")))

    ranks = []
    for points in marks_of(criterion):
        given_more = {**told.points, criterion.id: points}
        facts = msgspec.structs.replace(told, points=given_more)
        ranks.append(rulebook.rank(rating.outcome(rulebook, facts).level))

    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("condition", CONDITIONS)
@given(data=st.data())
def test_a_second_cel_implementation_finds_the_same(condition: str, data: st.DataObject) -> None:
    values = data.draw(values_for(condition))

    second = SECOND_OPINION[condition].evaluate(
        {name: json_to_cel(value) for name, value in values.items()}
    )

    assert bool(second) is conditions.holds("this rule", condition, values)
