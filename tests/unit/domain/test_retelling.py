"""Whether a fact tells anything new: by all that is told, whenever it was."""

from datetime import timedelta

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.roster import (
    IssuerNamed,
    IssuerNameEnded,
    MemberMoved,
    MemberStandingChanged,
    MemberStateRated,
    Standing,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitMoved,
    UnitRenamed,
)
from events.domain.organisation import member, unit
from events.domain.organisation.retelling import tells_nothing_new
from events.domain.organisation.timelines import State, Telling
from tests.support.cases import every_case
from tests.support.history import day, history, record
from tests.support.roster_facts import (
    ABOVE,
    ABSENT,
    BACK,
    DISSOLVED,
    EXEMPTED,
    EXEMPTION_ENDED,
    GIVEN,
    LEFT,
    ME,
    NEW,
    OLD,
    RELIEVED,
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
    state = member.fold(history(*TOLD, (day(9), LEFT), (day(11), enrolled())))

    assert not known(state, GIVEN, 12)
    assert known(state, LEFT, 9)


def test_what_went_on_over_a_transfer_told_by_a_leaving_is_told_again_to_no_effect() -> None:
    state = member.fold(history(*TOLD, (day(9), LEFT), (day(10), enrolled(ABOVE))))

    for event in (GIVEN, ABSENT, EXEMPTED, enrolled(ABOVE)):
        assert known(state, event, 12)


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


HERE, THERE = (MemberMoved(member_id=ME, unit_id=unit_id) for unit_id in (OLD, NEW))
OFFICIAL, PROBATION = (MemberStandingChanged(member_id=ME, standing=each) for each in Standing)
GOOD, POOR = (
    MemberStateRated(member_id=ME, period=Period("2025"), level=Code(each)) for each in "ab"
)
RAISED, SUNK = (UnitMoved(unit_id=OLD, parent_id=each) for each in (ABOVE, NEW))
ONE, OTHER = (UnitRenamed(unit_id=OLD, name=each) for each in ("Một", "Hai"))
DECIDES, DECIDES_NOT = UnitAuthorised(unit_id=OLD), UnitAuthorityEnded(unit_id=OLD)
NAMED = IssuerNamed(unit_id=OLD, issuer=Code("x"))
UNNAMED = IssuerNameEnded(unit_id=OLD, issuer=Code("x"))
TURNS: tuple[tuple[Event, Event], ...] = (  # what is so by turns; either may be told ahead
    (enrolled(), LEFT),
    (HERE, THERE),
    (GIVEN, RELIEVED),
    (ABSENT, BACK),
    (EXEMPTED, EXEMPTION_ENDED),
    (OFFICIAL, PROBATION),
    (GOOD, POOR),
    (formed(), DISSOLVED),
    (RAISED, SUNK),
    (ONE, OTHER),
    (DECIDES, DECIDES_NOT),
    (NAMED, UNNAMED),
)


def test_what_was_so_before_and_is_to_be_so_again_is_told_ahead_as_something_new() -> None:
    next_month = day(20) + timedelta(days=20)
    with every_case() as case:
        for turn in TURNS:
            for first, then in (turn, turn[::-1]):
                with case(f"{type(first).__name__} after {type(then).__name__}"):
                    told = [(day(1), turn[0]), *zip((day(2), day(4)), (first, then), strict=True)]
                    fold = unit.fold if first.definition.about == "unit" else member.fold
                    state = fold(history(*told))
                    ahead = Telling(state.version + 1, next_month, day(20))

                    assert not tells_nothing_new(state, first, ahead)
                    assert tells_nothing_new(state, then, ahead)
