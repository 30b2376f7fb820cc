"""Whether a fact tells anything new: by all that is told, whenever it was."""

import pytest

from events.definitions.event import Event
from events.definitions.roster import UnitMoved
from events.domain.organisation import member, unit
from events.domain.organisation.retelling import tells_nothing_new
from events.domain.organisation.timelines import State, Telling
from tests.support.history import day, history, record
from tests.support.roster_facts import (
    ABOVE,
    ABSENT,
    DISSOLVED,
    EXEMPTED,
    GIVEN,
    LEFT,
    NEW,
    OLD,
    Told,
    enrolled,
    formed,
)

TOLD = [(day(1), enrolled()), (day(2), GIVEN), (day(3), ABSENT), (day(4), EXEMPTED)]


def known(state: State, event: Event, number: int) -> bool:
    return tells_nothing_new(state, event, Telling(state.version + 1, day(number), day(20)))


@pytest.mark.parametrize("event", [event for _, event in TOLD])
def test_what_goes_on_is_told_again_to_no_effect(event: Event) -> None:
    assert known(member.fold(history(*TOLD)), event, 9)


def test_a_unit_told_again_is_known_unless_it_moved_meanwhile() -> None:
    told: list[Told] = [(day(1), formed(ABOVE)), (day(8), UnitMoved(unit_id=OLD, parent_id=NEW))]
    state = unit.fold(history(*told))

    assert known(state, formed(ABOVE), 5)
    assert not known(state, formed(ABOVE), 9)
    assert known(state, formed(), 9)


def test_what_is_told_of_an_earlier_time_is_new() -> None:
    assert not known(member.fold(history((day(5), enrolled()))), enrolled(), 3)


def test_what_ended_by_leaving_begins_anew() -> None:
    state = member.fold(history(*TOLD, (day(9), LEFT), (day(10), enrolled())))

    assert not known(state, GIVEN, 12)
    assert known(state, LEFT, 9)


def test_what_is_formed_at_the_moment_of_its_dissolution_goes_on_by_that() -> None:
    state = unit.fold(history((day(1), formed()), (day(9), DISSOLVED)))

    assert not known(state, formed(), 9)


def test_what_waits_is_told_again_to_no_effect_and_what_held_before_comes_back_by_it() -> None:
    ahead = record(enrolled(NEW), version=2, time=day(25), told_at=day(10))
    state = member.fold([*history((day(1), enrolled())), ahead])

    assert known(state, enrolled(), 12)
    assert known(state, enrolled(NEW), 25)
    assert known(state, enrolled(NEW), 28)
    assert not known(state, enrolled(), 28)
