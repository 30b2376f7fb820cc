"""Whether a unit lies below another one all the while, however often a sender told of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.event import Code, Event, Number
from events.definitions.roster import UnitDissolved, UnitFormed, UnitMoved
from events.domain.organisation import succession, timelines, unit
from events.domain.organisation.timelines import EMPTY, State, Telling
from events.identifiers import Stream, UnitId, unit_stream
from services.intake import budget as budgets
from services.intake import tree
from services.intake.budget import Budget
from services.intake.refusals import TooMuchHistory
from services.intake.tree import Course, Span, Tree

TOP, A, B, SUB, ELSEWHERE = (UnitId(each * 26) for each in ("t", "a", "b", "s", "e"))
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def told(*facts: tuple[int, Event]) -> State:
    """Return what facts come to that are told later, each of a minute."""
    state = EMPTY
    for version, (minute, event) in enumerate(facts, 1):
        at = Telling(version, FIRST + minute * MINUTE, FIRST + timedelta(days=400))
        state = timelines.after(state, event, at, unit.marks_of)
    return state


def formed(unit_id: UnitId, parent: UnitId | None = None) -> tuple[int, Event]:
    above = parent or UNSET
    number, kind = Number("1"), Code("group")
    fact = UnitFormed(unit_id=unit_id, number=number, name="Tổ", kind=kind, parent_id=above)
    return 0, fact


def moves(count: int) -> State:
    """Return a unit that is moved to and fro, every minute."""
    to_and_fro = [(n, UnitMoved(unit_id=SUB, parent_id=(A, B)[n % 2])) for n in range(1, count)]
    return told(formed(SUB, A), *to_and_fro)


def tree_below(root: UnitId, budget: Budget, **of: State) -> Tree:
    told_of: Mapping[Stream, State] = {unit_stream(UnitId(k)): state for k, state in of.items()}
    return Tree({root}, lambda stream: told_of.get(stream, EMPTY), budget)


def looks_at(count: int) -> int:
    """Return how much is looked at to see that a unit lay below all the while."""
    budget = Budget()
    below = tree_below(TOP, budget, **organisation(moves(count)))
    assert below.holds_throughout(Span(SUB, FIRST, None))
    return budgets.LOOKS_MAX - budget.left


def organisation(sub: State) -> dict[str, State]:
    return {A: told(formed(A, TOP)), B: told(formed(B, TOP)), SUB: sub}


def test_what_a_long_history_costs_grows_with_it_and_not_with_its_square() -> None:
    assert looks_at(2_000) <= 2 * looks_at(1_000)


def test_a_moment_outside_is_found_among_thousands() -> None:
    strayed = timelines.after(
        moves(1_000),
        UnitMoved(unit_id=SUB, parent_id=ELSEWHERE),
        Telling(1_001, FIRST + 500 * MINUTE + timedelta(seconds=1), FIRST + timedelta(days=400)),
        unit.marks_of,
    )
    below = tree_below(TOP, Budget(), **organisation(strayed))

    assert not below.holds_throughout(Span(SUB, FIRST, None))
    assert below.holds_throughout(Span(SUB, FIRST, FIRST + 500 * MINUTE))
    assert below.holds_throughout(Span(SUB, FIRST + 501 * MINUTE, None))


def test_what_is_looked_at_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "LOOKS_MAX", looks_at(100) - 1)

    with pytest.raises(TooMuchHistory):
        looks_at(100)


MINUTES = st.integers(0, 5)
UNITS = st.sampled_from((A, B, TOP))
FACTS = st.one_of(
    st.just(formed(SUB, A)[1]),
    UNITS.map(lambda to: UnitMoved(unit_id=SUB, parent_id=to)),
    UNITS.map(lambda to: UnitDissolved(unit_id=SUB, successor_id=to)),
)


@given(facts=st.lists(st.tuples(MINUTES, FACTS), max_size=8), minute=MINUTES)
def test_what_held_at_a_moment_is_what_was_told_until_then(
    facts: list[tuple[int, Event]], minute: int
) -> None:
    state, at = told(*facts), FIRST + minute * MINUTE

    course = Course(state)

    assert course.value(tree.PARENT, at) == state.until(at).value("parent")
    assert course.successor(at) == succession.successor_in(state.until(at))
