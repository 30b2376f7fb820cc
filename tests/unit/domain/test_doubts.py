"""What may be meant otherwise is told of whoever it is about; everything else is no doubt."""

import pytest

from events.definitions.event import Code, Event
from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberMoved,
    UnitMoved,
)
from events.domain.organisation import doubts, member, unit
from events.domain.organisation.doubts import Doubt, Why
from tests.support.history import day, history
from tests.support.roster_facts import (
    ABOVE,
    DISSOLVED,
    LEFT,
    ME,
    NEW,
    OLD,
    Told,
    enrolled,
    formed,
)
from tests.support.sealed import sealed

DISCIPLINED = MemberDisciplined(member_id=ME, decision=sealed("1-QĐ"), grade=Code("warning"))
LIFTED = MemberDisciplineLifted(member_id=ME, decision=sealed("1-QĐ"))


def moved(unit_id: str) -> Event:
    return MemberMoved(member_id=ME, unit_id=unit_id)  # type: ignore[arg-type]


def hung(parent: str) -> Event:
    return UnitMoved(unit_id=OLD, parent_id=parent)  # type: ignore[arg-type]


HERE, STOOD = (day(1), enrolled(OLD)), (day(1), formed(ABOVE))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([HERE, (day(5), LEFT), (day(6), enrolled(OLD))], Why.CAME_BACK),
        ([HERE, (day(6), LEFT), (day(6), enrolled(OLD))], Why.CAME_BACK),
        ([(day(6), enrolled(OLD)), (day(6), LEFT)], Why.NEVER_CAME),
        ([HERE, (day(4), LEFT), (day(5), enrolled(NEW)), (day(6), LEFT)], Why.ENDED_AGAIN),
        ([HERE, (day(6), moved(NEW)), (day(6), moved(ABOVE))], Why.CONTRADICTED),
        ([(day(4), DISCIPLINED), (day(5), LIFTED), (day(6), DISCIPLINED)], Why.DISCIPLINED_AGAIN),
    ],
)
def test_what_is_doubtful_of_a_member_is_told_with_its_day(told: list[Told], why: Why) -> None:
    assert doubts.of_member(member.fold(history(*told))) == (Doubt(day(6), why),)


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (day(5), enrolled(OLD))],
        [HERE, (day(5), LEFT)],
        [HERE, (day(5), LEFT), (day(6), LEFT)],
        [HERE, (day(5), LEFT), (day(5), enrolled(NEW))],
        [HERE, (day(6), enrolled(NEW)), (day(6), moved(ABOVE))],
        [HERE, (day(4), moved(NEW)), (day(4), moved(ABOVE)), (day(6), moved(OLD))],
        [(day(5), DISCIPLINED), (day(6), DISCIPLINED)],
    ],
)
def test_what_is_told_again_or_told_plainly_is_no_doubt(told: list[Told]) -> None:
    assert doubts.of_member(member.fold(history(*told))) == ()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([STOOD, (day(5), DISSOLVED), (day(6), formed())], Why.FORMED_AGAIN),
        ([(day(6), formed()), (day(6), DISSOLVED)], Why.NEVER_STOOD),
        ([STOOD, (day(4), DISSOLVED), (day(5), formed()), (day(6), DISSOLVED)], Why.ENDED_AGAIN),
        ([STOOD, (day(6), hung(NEW)), (day(6), hung(ABOVE))], Why.CONTRADICTED),
    ],
)
def test_what_is_doubtful_of_a_unit_is_told_with_its_day(told: list[Told], why: Why) -> None:
    assert doubts.of_unit(unit.fold(history(*told))) == (Doubt(day(6), why),)


def test_a_unit_told_again_or_dissolved_is_no_doubt() -> None:
    told = [STOOD, (day(5), formed()), (day(6), DISSOLVED)]

    assert doubts.of_unit(unit.fold(history(*told))) == ()
