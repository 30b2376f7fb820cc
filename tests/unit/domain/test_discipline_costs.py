"""Somebody with many disciplines costs what each of them costs, and no more for the others."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import FrameType

import pytest

from events.definitions.event import Code, Event
from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    UnitDisciplined,
    UnitDisciplineLifted,
)
from events.domain.organisation import doubts, member, unit
from events.domain.organisation.retelling import tells_nothing_new
from events.domain.organisation.timelines import State, Telling
from tests.support.history import correction, day, history
from tests.support.roster_facts import ME, OLD, Told
from tests.support.sealed import sealed

FEW, MANY = 50, 150
SPREAD = 1.1  # what is sorted costs a little more

WARNING = Code("warning")


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions something calls, ours and Python's: looks, but no time."""
    count = 0

    def look(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def told_of(kind: str, count: int) -> Iterator[Told]:
    """Iterate over disciplines: of three one stands, one is lifted, one was put right."""
    decisions = [sealed(f"{number}-QĐ") for number in range(2 * count)]
    told = [disciplined(kind, decisions[number]) for number in range(count)]
    yield from ((day(1), each) for each in told)
    for number in range(0, count, 3):
        yield day(2), lifted(kind, decisions[number])
    for number in range(1, count, 3):
        right = disciplined(kind, decisions[count + number])
        yield day(3), correction(number + 1, (day(1), right))
        yield day(4), told[number]  # as before it was put right


def disciplined(kind: str, decision: object) -> Event:
    if kind == "unit":
        return UnitDisciplined(unit_id=OLD, decision=decision, grade=WARNING)  # type: ignore[arg-type]
    return MemberDisciplined(member_id=ME, decision=decision, grade=WARNING)  # type: ignore[arg-type]


def lifted(kind: str, decision: object) -> Event:
    if kind == "unit":
        return UnitDisciplineLifted(unit_id=OLD, decision=decision)  # type: ignore[arg-type]
    return MemberDisciplineLifted(member_id=ME, decision=decision)  # type: ignore[arg-type]


def told_again(kind: str) -> Callable[[State], object]:
    again = disciplined(kind, sealed("0-QĐ"))

    def ask(state: State) -> object:
        telling = Telling(state.version + 1, day(5), day(5) + timedelta(hours=1))
        return tells_nothing_new(state, again, telling)

    return ask


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        ("member", member.view),
        ("member", doubts.of_member),
        ("member", told_again("member")),
        ("unit", unit.view),
        ("unit", doubts.of_unit),
        ("unit", told_again("unit")),
    ],
)
def test_whoever_looks_at_three_times_as_many_disciplines_looks_three_times_as_often(
    kind: str, ask: Callable[[State], object]
) -> None:
    law = unit if kind == "unit" else member
    few, many = (law.fold(history(*told_of(kind, count))) for count in (FEW, MANY))

    looks = calls_of(lambda: ask(few))

    assert looks > FEW
    assert calls_of(lambda: ask(many)) <= looks * MANY / FEW * SPREAD
