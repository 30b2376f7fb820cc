"""What may be meant otherwise is told of whoever it is about; everything else is no doubt."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec import UNSET, structs

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Period
from events.definitions.roster import (
    FactTookEffect,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberMoved,
    MemberStandingChanged,
    PostDelegated,
    Standing,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitMoved,
    UnitRenamed,
)
from events.domain.documents.working_days import start_of_day
from events.domain.organisation import doubts, ends, member, unit
from events.domain.organisation.doubt import Doubt, Why
from events.identifiers import MemberId
from tests.support.history import correction, day, history, record
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
    SECRETARY,
    Told,
    enrolled,
    formed,
)
from tests.support.sealed import sealed

DISCIPLINED = MemberDisciplined(member_id=ME, decision=sealed("1-QĐ"), grade=Code("warning"))
OF_A_DAY = replace(DISCIPLINED, decided_on=date(2025, 12, 1))
PUT_RIGHT = replace(DISCIPLINED, decision=sealed("2-QĐ"))
LAST_YEAR = day(1) - timedelta(days=30)
LIFTED = MemberDisciplineLifted(member_id=ME, decision=sealed("1-QĐ"))


def moved(unit_id: str) -> Event:
    return MemberMoved(member_id=ME, unit_id=unit_id)  # type: ignore[arg-type]


def hung(parent: str) -> Event:
    return UnitMoved(unit_id=OLD, parent_id=parent)  # type: ignore[arg-type]


DELEGATED = PostDelegated(
    member_id=ME, unit_id=NEW, post=SECRETARY, for_id=MemberId("other"), until=date(2026, 6, 30)
)
LONGER = replace(DELEGATED, until=date(2026, 7, 31))
HERE, STOOD = (day(1), enrolled(OLD)), (day(1), formed(ABOVE))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([HERE, (day(5), LEFT), (day(6), enrolled(OLD))], Why.CAME_BACK),
        ([HERE, (day(6), LEFT), (day(6), enrolled(OLD))], Why.CAME_BACK),
        ([(day(6), enrolled(OLD)), (day(6), LEFT)], Why.NEVER_CAME),
        ([HERE, (day(4), LEFT), (day(5), enrolled(NEW)), (day(6), LEFT)], Why.ENDED_AGAIN),
        ([HERE, (day(6), moved(NEW)), (day(6), moved(ABOVE))], Why.CONTRADICTED),
        ([HERE, (day(6), DELEGATED), (day(6), LONGER)], Why.CONTRADICTED),
        ([(day(4), DISCIPLINED), (day(5), LIFTED), (day(6), DISCIPLINED)], Why.DISCIPLINED_AGAIN),
        ([(LAST_YEAR, DISCIPLINED), (day(6), DISCIPLINED)], Why.YEAR_UNSAID),
        (
            [(day(4), DISCIPLINED), (day(6), LIFTED), (day(8), correction(1, (day(4), PUT_RIGHT)))],
            Why.LIFTED_BEFORE,
        ),
        (
            [
                (day(4), DISCIPLINED),
                (day(5), correction(1, (day(4), PUT_RIGHT))),
                (day(6), DISCIPLINED),
            ],
            Why.TOLD_AS_BEFORE,
        ),
        ([(LAST_YEAR, OF_A_DAY), (day(6), DISCIPLINED)], Why.YEAR_UNSAID),
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
        [
            (day(4), DISCIPLINED),
            (day(5), correction(1, (day(4), PUT_RIGHT))),
            (day(6), replace(DISCIPLINED, grade=Code("dismissal"))),
        ],
        [(day(4), DISCIPLINED), (day(5), correction(1)), (day(6), DISCIPLINED)],
        [
            (day(4), DISCIPLINED),
            (day(5), correction(1, (day(4), PUT_RIGHT))),
            (day(6), replace(DISCIPLINED, grade=Code("dismissal"))),
            (day(7), LIFTED),
        ],
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


def test_facts_that_contradict_each_other_of_an_earlier_moment_are_doubtful_if_one_holds() -> None:
    at_once = ((day(4), moved(NEW)), (day(4), moved(ABOVE)))
    for order in (at_once, at_once[::-1]):
        for later in (moved(NEW), enrolled(NEW)):
            told = member.fold(history(HERE, *order, (day(6), later)))
            assert doubts.of_member(told) == (Doubt(day(4), Why.CONTRADICTED),)
    hangs = history(STOOD, (day(4), hung(NEW)), (day(4), hung(ABOVE)), (day(6), hung(NEW)))
    assert doubts.of_unit(unit.fold(hangs)) == (Doubt(day(4), Why.CONTRADICTED),)


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (day(5), LEFT), (day(6), moved(NEW))],
        [HERE, (day(5), LEFT), (day(6), GIVEN)],
        [HERE, (day(5), LEFT), (day(6), ABSENT), (day(7), BACK)],
        [HERE, (day(5), LEFT), (day(6), EXEMPTED)],
        [HERE, (day(5), LEFT), (day(6), moved(NEW)), (day(8), LEFT)],  # told again, by a list
        [HERE, (day(6) - timedelta(hours=2), LEFT), (day(6), GIVEN)],
        [HERE, (day(6), LEFT), (day(6), GIVEN)],
        [HERE, (day(6), GIVEN), (day(6) + timedelta(hours=2), LEFT)],
    ],
)
def test_what_is_told_of_a_day_after_somebody_had_left_is_doubtful_in_any_order(
    told: list[Told],
) -> None:
    for order in (told, told[::-1]):
        found = doubts.of_member(member.fold(history(*order)))
        assert found == (Doubt(day(6), Why.TOLD_AFTER),)


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (day(5), LEFT), (day(9), BACK), (day(9), EXEMPTION_ENDED), (day(9), RELIEVED)],
        [HERE, (day(2), GIVEN), (day(6) - timedelta(hours=2), GIVEN), (day(6), LEFT)],
        [HERE, (day(5), LEFT), (day(9), DISCIPLINED)],  # of what they did while they belonged
    ],
)
def test_what_ends_after_a_leaving_or_is_told_again_before_it_is_no_doubt(
    told: list[Told],
) -> None:
    assert doubts.of_member(member.fold(history(*told))) == ()


@pytest.mark.parametrize("left", [day(20), day(27)])
def test_what_was_told_ahead_and_is_outlived_is_doubtful_before_its_day_and_after(
    left: datetime,
) -> None:
    ahead = record(moved(NEW), version=2, time=day(28), told_at=day(16))
    gone = record(LEFT, version=3, time=left)
    came = FactTookEffect(subject=Subject(f"member-{ME}"), versions=(2,))
    waits = [*history(HERE), ahead, gone]
    later = (day(29), enrolled(OLD))  # of all that waited before it, nothing comes back

    for told in (waits, [*waits, record(came, version=4, time=day(28))]):
        assert doubts.of_member(member.fold(told)) == (Doubt(day(28), Why.TOLD_AFTER),)
    back = member.fold([*waits, *history(*[later] * 5)[4:]])
    assert Doubt(day(28), Why.TOLD_AFTER) in doubts.of_member(back)


def test_a_unit_that_changes_or_decides_after_it_was_dissolved_is_doubtful() -> None:
    renamed, decides = UnitRenamed(unit_id=OLD, name="B"), UnitAuthorised(unit_id=OLD)
    for event in (renamed, hung(NEW), decides):
        for order in (
            ((day(5), DISSOLVED), (day(6), event)),
            ((day(6), event), (day(5), DISSOLVED)),
        ):
            found = doubts.of_unit(unit.fold(history(STOOD, *order)))
            assert found == (Doubt(day(6), Why.TOLD_AFTER),)
    ahead = record(hung(NEW), version=2, time=day(28), told_at=day(16))
    dissolved = record(DISSOLVED, version=3, time=day(20))
    assert doubts.of_unit(unit.fold([*history(STOOD), ahead, dissolved])) == (
        Doubt(day(28), Why.TOLD_AFTER),
    )


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([(day(6), enrolled(NEW))], (Doubt(day(6), Why.TOLD_AFTER),)),
        ([HERE, (day(6), GIVEN)], (Doubt(day(6), Why.TOLD_AFTER),)),
        ([(day(6), GIVEN)], (Doubt(day(6), Why.TOLD_AFTER),)),  # nobody told yet where they are
        ([HERE, (day(4), GIVEN), (day(6), GIVEN)], ()),
        ([(day(6), enrolled(NEW)), (day(8), LEFT)], ()),
    ],
)
def test_whoever_is_told_to_be_or_to_act_in_a_unit_that_was_dissolved_is_doubtful(
    told: list[Told], found: tuple[Doubt, ...]
) -> None:
    assert doubts.of_places(member.fold(history(*told)), {NEW: day(5)}) == found


def test_a_unit_told_again_or_dissolved_is_no_doubt() -> None:
    told = [STOOD, (day(5), formed()), (day(6), DISSOLVED)]

    assert doubts.of_unit(unit.fold(history(*told))) == ()


AN_HOUR = timedelta(hours=1)
THE_DAY = start_of_day(day(6))  # told without an hour


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (THE_DAY, enrolled(NEW)), (day(6), LEFT)],
        [HERE, (day(2), enrolled(NEW)), (day(6), LEFT)],
        [HERE, (day(2), moved(NEW)), (day(6), LEFT)],
        [HERE, (day(6), moved(NEW)), (day(6), LEFT)],
        [HERE, (day(1), moved(NEW)), (day(6), LEFT)],  # on the day on which they came
        [HERE, (THE_DAY, enrolled(OLD)), (day(6), LEFT)],
        [HERE, (day(2), GIVEN), (THE_DAY, GIVEN), (day(6), RELIEVED)],
        [HERE, (day(2), GIVEN), (THE_DAY, GIVEN), (day(6), RELIEVED), (day(8), RELIEVED)],
        [HERE, (day(2), ABSENT), (THE_DAY, ABSENT), (day(6), BACK)],
        [HERE, (day(2), EXEMPTED), (THE_DAY, EXEMPTED), (day(6), EXEMPTION_ENDED)],
    ],
)
def test_what_ended_shortly_after_it_was_told_elsewhere_or_anew_is_doubtful_in_any_order(
    told: list[Told],
) -> None:
    for order in (told, told[::-1]):
        found = doubts.of_member(member.fold(history(*order)))
        assert found == (Doubt(day(6), Why.ENDED_ANEW),)


@pytest.mark.parametrize(
    "told",
    [
        [STOOD, (THE_DAY, formed(NEW)), (day(6), DISSOLVED)],
        [STOOD, (day(2), hung(NEW)), (day(6), DISSOLVED)],
        [
            (day(2), UnitAuthorised(unit_id=OLD)),
            (THE_DAY, UnitAuthorised(unit_id=OLD)),
            (day(6), UnitAuthorityEnded(unit_id=OLD)),
        ],
    ],
)
def test_of_a_unit_that_ended_shortly_after_that_likewise(told: list[Told]) -> None:
    for order in (told, told[::-1]):
        found = doubts.of_unit(unit.fold(history(*order)))
        assert found == (Doubt(day(6), Why.ENDED_ANEW),)


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (day(6) - AN_HOUR, enrolled(OLD)), (day(6), LEFT)],  # by the hour: it came first
        [HERE, (day(2), moved(NEW)), (day(2) + ends.LIST_MAX + AN_HOUR, LEFT)],
        [(day(4), enrolled(OLD)), (day(6), LEFT)],
        [HERE, (day(2), GIVEN), (day(6) - AN_HOUR, GIVEN), (day(6), RELIEVED)],
        [HERE, (day(2), GIVEN), (day(5), GIVEN), (day(6), RELIEVED)],
    ],
)
def test_what_ended_long_after_that_or_plainly_after_it_is_no_doubt(told: list[Told]) -> None:
    assert doubts.of_member(member.fold(history(*told))) == ()


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(GIVEN, RELIEVED), (ABSENT, BACK), (EXEMPTED, EXEMPTION_ENDED), (enrolled(OLD), LEFT)],
)
def test_what_was_told_ahead_and_ended_before_it_began_is_doubtful_until_it_began_and_after(
    begins: Event, ends: Event
) -> None:
    ahead = record(begins, version=1, time=day(28), told_at=day(16))
    never_began = record(ends, version=2, time=day(20))
    began = FactTookEffect(subject=Subject(f"member-{ME}"), versions=(1,))
    came = record(began, version=3, time=day(28))

    for told in ([ahead, never_began], [ahead, never_began, came]):
        assert doubts.of_member(member.fold(told)) == (Doubt(day(28), Why.ENDED_BEFORE),)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(GIVEN, RELIEVED), (ABSENT, BACK), (EXEMPTED, EXEMPTION_ENDED)],
)
def test_an_end_without_its_hour_that_ended_nothing_is_doubtful(begins: Event, ends: Event) -> None:
    earlier: list[Told] = [(day(2), begins), (day(3), ends)]
    for ended in (THE_DAY, start_of_day(day(5))):
        for told in ([(ended, ends), (day(6), begins)], [(day(6), begins), (ended, ends)]):
            for before in ([HERE], [HERE, *earlier]):
                found = doubts.of_member(member.fold(history(*before, *told)))
                assert found == (Doubt(day(6), Why.ENDED_NOTHING),)


@pytest.mark.parametrize(
    "told",
    [
        [HERE, (day(4), BACK), (day(6), ABSENT)],  # long before
        [HERE, (day(2), ABSENT), (THE_DAY, BACK), (day(6), ABSENT)],  # it ended what went on
        [HERE, (THE_DAY, BACK), (day(6), ABSENT), (day(8), BACK)],  # it does not go on
        [HERE, (day(3), LEFT), (THE_DAY, LEFT), (day(6), enrolled(NEW))],
        [HERE, (day(3), ABSENT), (day(5), BACK), (day(5), BACK), (day(6), ABSENT)],  # told twice
    ],
)
def test_an_end_that_ended_something_or_lies_long_before_is_no_doubt(told: list[Told]) -> None:
    assert doubts.of_member(member.fold(history(*told))) == ()


AT_ONCE = ((THE_DAY, THE_DAY), (day(6), day(6)), (THE_DAY, day(6)))


def test_a_post_that_ended_as_it_began_or_on_the_day_of_which_it_was_told_is_doubtful() -> None:
    for begun, ended in AT_ONCE:
        for told in ([(begun, GIVEN), (ended, RELIEVED)], [(ended, RELIEVED), (begun, GIVEN)]):
            found = doubts.of_member(member.fold(history(HERE, *told)))
            assert found == (Doubt(begun, Why.ENDED_AT_ONCE),)
    plain = [HERE, (day(6), GIVEN), (day(6) + AN_HOUR, RELIEVED)]
    assert doubts.of_member(member.fold(history(*plain))) == ()


@pytest.mark.parametrize(("begins", "ends"), [(ABSENT, BACK), (EXEMPTED, EXEMPTION_ENDED)])
def test_an_absence_or_exemption_of_one_day_is_doubtful_where_another_ended_that_day(
    begins: Event, ends: Event
) -> None:
    earlier, back = [HERE, (day(2), begins), (day(4), ends)], (THE_DAY - AN_HOUR / 60, ends)
    other_ended = [HERE, (day(2), begins), (THE_DAY, ends)]
    for begun, ended in AT_ONCE:
        a_day = [(begun, begins), (ended, ends)]
        for told in ([HERE, *a_day], [*earlier, *a_day], [HERE, (day(2), begins), back, *a_day]):
            assert doubts.of_member(member.fold(history(*told))) == ()
    anew = [*other_ended, (day(6), begins), (day(6), ends)]
    assert doubts.of_member(member.fold(history(*anew))) == (Doubt(day(6), Why.ENDED_AT_ONCE),)


def test_of_a_unit_likewise() -> None:
    told = [STOOD, (day(6), UnitAuthorised(unit_id=OLD)), (day(6), UnitAuthorityEnded(unit_id=OLD))]

    assert doubts.of_unit(unit.fold(history(*told))) == (Doubt(day(6), Why.ENDED_AT_ONCE),)


@pytest.mark.parametrize("begins", [GIVEN, ABSENT, EXEMPTED])
def test_what_began_on_the_day_on_which_its_member_left_is_doubtful_once_they_are_back(
    begins: Event,
) -> None:
    told = [HERE, (THE_DAY, begins), (day(6), LEFT), (day(9), enrolled(NEW))]

    found = doubts.of_member(member.fold(history(*told)))

    assert found == (Doubt(THE_DAY, Why.ENDED_AT_ONCE),)


def test_a_leaving_or_dissolution_of_the_day_on_which_nothing_was_there_yet_is_doubtful() -> None:
    came = member.fold(history((THE_DAY, LEFT), (day(6), enrolled(OLD))))
    stands = unit.fold(history((THE_DAY, DISSOLVED), (day(6), formed())))

    assert doubts.of_member(came) == (Doubt(day(6), Why.ENDED_NOTHING),)
    assert Doubt(day(6), Why.ENDED_NOTHING) in doubts.of_unit(stands)


def test_what_ended_something_or_was_told_to_end_before_it_was_told_ahead_is_no_doubt() -> None:
    ahead = record(GIVEN, version=3, time=day(28), told_at=day(16))

    for told in ([HERE, (day(14), RELIEVED)], [HERE, (day(2), GIVEN)]):
        assert doubts.of_member(member.fold([*history(*told), ahead])) == ()
    held = [*history(HERE, (day(2), GIVEN)), ahead, record(RELIEVED, version=4, time=day(20))]
    assert doubts.of_member(member.fold(held)) == ()


def test_what_was_told_twice_to_have_ended_ended_nothing_that_was_told_ahead() -> None:
    told = history(HERE, (day(20), LEFT), (day(20), LEFT))
    ahead = record(enrolled(NEW), version=4, time=day(28), told_at=day(16))

    assert doubts.of_member(member.fold([*told, ahead])) == ()


def test_a_unit_dissolved_before_it_was_to_be_formed_is_doubtful() -> None:
    ahead = record(formed(), version=1, time=day(28), told_at=day(16))

    found = doubts.of_unit(unit.fold([ahead, record(DISSOLVED, version=2, time=day(20))]))

    assert found == (Doubt(day(28), Why.ENDED_BEFORE),)


@pytest.mark.parametrize("gone", [day(6), day(6) + AN_HOUR, start_of_day(day(7)), day(7)])
@pytest.mark.parametrize("came", [day(6), THE_DAY])
def test_who_came_and_left_by_the_next_day_is_doubtful_and_so_is_a_unit(
    came: datetime, gone: datetime
) -> None:
    told = [(came, enrolled(OLD)), (gone, LEFT)]
    stood = [(came, formed()), (gone, DISSOLVED)]

    assert doubts.of_member(member.fold(history(*told))) == (Doubt(came, Why.NEVER_CAME),)
    assert doubts.of_unit(unit.fold(history(*stood))) == (Doubt(came, Why.NEVER_STOOD),)


PROBATION = MemberStandingChanged(member_id=ME, standing=Standing.PROBATIONARY)
LASTING = (GIVEN, ABSENT, EXEMPTED, PROBATION)
WEEKEND = [(day(5), LEFT), (day(8), enrolled(ABOVE))]


@pytest.mark.parametrize("begins", LASTING)
def test_what_a_leaving_alone_ended_of_somebody_who_was_soon_back_is_doubtful_in_any_order(
    begins: Event,
) -> None:
    told = [HERE, (day(2), begins), *WEEKEND]

    for order in (told, told[::-1]):
        found = doubts.of_member(member.fold(history(*order)))
        assert found == (Doubt(day(8), Why.ENDED_BY_LEAVING),)


@pytest.mark.parametrize("begins", [GIVEN, ABSENT, EXEMPTED])
def test_what_is_told_between_two_leavings_of_one_transfer_is_doubtful_in_any_order(
    begins: Event,
) -> None:
    """Both units tell the leaving, each of its own day."""
    told = [HERE, (day(5), LEFT), (day(6), begins), (day(7), LEFT), (day(9), enrolled(ABOVE))]

    for order in (told, told[::-1]):
        found = doubts.of_member(member.fold(history(*order)))
        assert Doubt(day(9), Why.ENDED_BY_LEAVING) in found


@pytest.mark.parametrize("told_at", [start_of_day(day(5)), day(5), day(5) + AN_HOUR])
def test_probation_told_of_the_day_of_the_leaving_is_doubtful_once_they_are_official(
    told_at: datetime,
) -> None:
    told = [HERE, (told_at, PROBATION), (day(5) + AN_HOUR, LEFT), (day(8), enrolled(ABOVE))]

    found = doubts.of_member(member.fold(history(*told)))

    assert Doubt(day(8), Why.ENDED_BY_LEAVING) in found


@pytest.mark.parametrize("back", [day(6), day(8), day(30)])
def test_a_post_in_the_unit_left_ended_so_where_they_came_back_to_it(back: datetime) -> None:
    told = [(day(1), enrolled(NEW)), (day(2), GIVEN), (day(5), LEFT), (back, enrolled(NEW))]

    found = doubts.of_member(member.fold(history(*told)))

    assert found == (Doubt(back, Why.CAME_BACK), Doubt(back, Why.ENDED_BY_LEAVING))


LONG_AWAY = [(day(5), LEFT), (day(5) + ends.HARDLY_AWAY + AN_HOUR, enrolled(ABOVE))]


@pytest.mark.parametrize(
    "told",
    [
        [(day(1), enrolled(NEW)), (day(2), GIVEN), *WEEKEND],  # of the unit that they left
        [HERE, (day(2), GIVEN), (day(4), RELIEVED), *WEEKEND],
        [HERE, (day(2), GIVEN), (day(5), RELIEVED), *WEEKEND],
        [HERE, (day(2), GIVEN), *WEEKEND, (day(9), RELIEVED)],  # it ended, whichever day
        [HERE, (day(2), GIVEN), *WEEKEND, (day(9), GIVEN)],  # it goes on
        [HERE, (day(2), GIVEN), *LONG_AWAY],
        [HERE, (day(2), GIVEN), (day(5), LEFT), (day(6), enrolled(ABOVE))],  # a move
        [(day(1), enrolled(OLD, Standing.OFFICIAL)), *WEEKEND],
        [
            (day(1), enrolled(OLD, Standing.PROBATIONARY)),
            (day(5), LEFT),
            (day(8), enrolled(ABOVE, Standing.PROBATIONARY)),
        ],
    ],
)
def test_what_ended_otherwise_or_goes_on_over_a_leaving_is_no_doubt(told: list[Told]) -> None:
    assert doubts.of_member(member.fold(history(*told))) == ()


@pytest.mark.parametrize("begins", LASTING)
@pytest.mark.parametrize(
    "until_back",
    [
        [(day(5), LEFT), (day(20), moved(ABOVE))],  # who is told of meanwhile was there
        [(day(5), LEFT), (day(20), LEFT)],
        [(day(4), moved(ABOVE)), (day(5), LEFT)],  # the leaving was doubtful by itself
        [(day(3), LEFT), (day(3), enrolled(OLD)), (day(5), LEFT)],
    ],
)
def test_it_is_doubtful_whenever_they_were_back_if_they_may_never_have_been_away(
    begins: Event, until_back: list[Told]
) -> None:
    back = LONG_AWAY[-1]

    found = doubts.of_member(member.fold(history(HERE, (day(2), begins), *until_back, back)))

    assert Doubt(back[0], Why.ENDED_BY_LEAVING) in found


def test_a_post_given_in_the_unit_left_after_the_leaving_was_told_is_not_meant_to_end() -> None:
    came, gone = (day(1), enrolled(NEW)), [(day(5), LEFT), (day(7), LEFT)]

    for given, is_doubtful in ((day(4), False), (day(6), True)):
        told = [came, (given, GIVEN), *gone, (day(9), enrolled(ABOVE))]
        found = {each.why for each in doubts.of_member(member.fold(history(*told)))}
        assert (Why.ENDED_BY_LEAVING in found) == is_doubtful


def test_of_who_left_again_it_is_no_matter_what_the_leaving_before_ended() -> None:
    told = [HERE, (day(2), GIVEN), *WEEKEND, (day(20), LEFT)]

    found = doubts.of_member(member.fold(history(*told)))

    assert found == (Doubt(day(20), Why.ENDED_AGAIN),)


UNTIL = replace(ABSENT, expected_back=date(2026, 1, 20))
EXPECTED, LONG_AFTER = date(2026, 1, 20), date(2027, 1, 5)


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ([(day(3), UNTIL)], EXPECTED),
        ([(day(3), ABSENT), (day(5), UNTIL)], EXPECTED),
        ([(day(3), UNTIL), (day(5), ABSENT)], EXPECTED),
        (
            [(day(3), replace(UNTIL, expected_back=EXPECTED.replace(day=9))), (day(5), UNTIL)],
            EXPECTED,
        ),
        ([(day(4), ABSENT)], LONG_AFTER),
        ([(day(2), UNTIL), (day(3), BACK), (day(4), ABSENT)], LONG_AFTER),
    ],
)
def test_who_is_away_longer_than_expected_or_than_a_year_is_doubtful(
    told: list[Told], last: date
) -> None:
    state = member.fold(history(HERE, *told))

    assert doubts.of_absence(state, last) == ()
    (found,) = doubts.of_absence(state, last + timedelta(days=1))
    assert found.why is Why.STILL_AWAY


@pytest.mark.parametrize(
    "told", [[], [(day(3), UNTIL), (day(4), BACK)], [(day(3), UNTIL), (day(4), LEFT)]]
)
def test_who_is_not_away_is_not_doubted_for_it(told: list[Told]) -> None:
    state = member.fold(history(HERE, *told))

    assert doubts.of_absence(state, LONG_AFTER + timedelta(days=9)) == ()


LATE: tuple[tuple[Event, Event], ...] = (
    (GIVEN, RELIEVED),
    (ABSENT, BACK),
    (EXEMPTED, EXEMPTION_ENDED),
    (enrolled(OLD), MemberMoved(member_id=ME, unit_id=NEW)),
    (
        enrolled(OLD, Standing.PROBATIONARY),
        MemberStandingChanged(member_id=ME, standing=Standing.OFFICIAL),
    ),
)
LATE_OF_UNITS: tuple[tuple[Event, Event], ...] = (
    (UnitAuthorised(unit_id=OLD), UnitAuthorityEnded(unit_id=OLD)),
    (formed(ABOVE), hung(NEW)),
    (formed(ABOVE), UnitRenamed(unit_id=OLD, name="Chi bộ thôn Đông")),
)


@pytest.mark.parametrize(("told", "ended"), LATE)
def test_what_ended_and_was_told_meanwhile_as_it_was_is_doubtful(told: Event, ended: Event) -> None:
    nights = [(day(number), told) for number in (2, 20, 21)]
    late, in_time = [HERE, *nights, (day(3), ended)], [HERE, *nights[:1], (day(3), ended)]

    assert doubts.of_member(member.fold(history(*late))) == (Doubt(day(20), Why.UNDONE),)
    assert doubts.of_member(member.fold(history(*in_time, (day(22), told)))) == ()


def at_once(*told: Told) -> list[Recorded]:
    """Return facts that were told at once, such as a first file that tells of years."""
    numbered = enumerate(told, start=1)
    return [record(e, version=n, time=time, told_at=day(28)) for n, (time, e) in numbered]


def one_by_one(*told: Told) -> list[Recorded]:
    """Return facts that were told one after the other."""
    numbered = enumerate(told, start=1)
    return [record(e, version=n, time=at, told_at=day(28) + n * AN_HOUR) for n, (at, e) in numbered]


@pytest.mark.parametrize(("told", "ended"), LATE)
def test_what_is_told_at_once_was_told_before_none_of_it(told: Event, ended: Event) -> None:
    before, end = [HERE, (day(2), told), (day(20), told)], (day(3), ended)
    late = record(ended, version=4, time=day(3), told_at=day(29))

    assert doubts.of_member(member.fold(at_once(*before, end))) == ()
    assert doubts.of_member(member.fold([*at_once(*before), late])) == (Doubt(day(20), Why.UNDONE),)


@pytest.mark.parametrize(("told", "ended"), LATE)
def test_what_a_late_end_recalled_was_told_before_it(told: Event, ended: Event) -> None:
    """It was told in a night of its own, and is appended by the request that told of the end."""
    here, first, again, end = at_once(HERE, (day(2), told), (day(20), told), (day(3), ended))
    entry = structs.replace(again.entry, correlationid=UNSET)
    recalled = Recorded(entry, again.event)

    state = member.fold([here, first, recalled, end])

    assert doubts.of_member(state) == (Doubt(day(20), Why.UNDONE),)
    assert [state.first_beside(version) for version in range(1, 5)] == [1, 1, 3, 4]


def test_who_came_back_after_years_by_a_first_file_that_told_of_both_is_no_doubt() -> None:
    back = (day(3) + 2 * ends.LIST_MAX, enrolled(OLD))
    assert doubts.of_member(member.fold(at_once(HERE, back, (day(3), LEFT)))) == ()


def test_facts_told_at_once_are_known_from_those_before_and_after_them() -> None:
    nights = ((1, 20), (2, 21), (3, 21), (4, 21), (5, 22), (6, 23), (7, 23))
    told = [record(GIVEN, version=n, time=day(n), told_at=day(night)) for n, night in nights]

    state = member.fold(told)

    assert [state.first_beside(n) for n in range(1, 8)] == [1, 2, 2, 2, 5, 6, 6]


@pytest.mark.parametrize(("told", "ended"), LATE_OF_UNITS)
def test_of_units_likewise(told: Event, ended: Event) -> None:
    nights = [(day(number), told) for number in (2, 20, 21)]

    state = unit.fold(history(STOOD, *nights, (day(3), ended)))

    assert doubts.of_unit(state) == (Doubt(day(20), Why.UNDONE),)


@pytest.mark.parametrize(("told", "ended"), [(GIVEN, RELIEVED), (EXEMPTED, EXEMPTION_ENDED)])
def test_what_ended_on_the_very_day_on_which_it_was_told_again_is_doubtful(
    told: Event, ended: Event
) -> None:
    state = member.fold(one_by_one(HERE, (day(2), told), (day(5), told), (day(5), ended)))

    assert doubts.of_member(state) == (Doubt(day(5), Why.UNDONE),)


@pytest.mark.parametrize(("told", "ended"), [(GIVEN, RELIEVED), (EXEMPTED, EXEMPTION_ENDED)])
def test_what_begins_anew_when_it_ended_goes_on_without_a_doubt(told: Event, ended: Event) -> None:
    """A new term is told after the end of the other, or with it in any order."""
    before, term = [HERE, (day(2), told)], [(day(5), ended), (day(5), told)]

    assert doubts.of_member(member.fold(one_by_one(*before, *term))) == ()
    for order in (term, term[::-1]):
        assert doubts.of_member(member.fold(at_once(*before, *order))) == ()


@pytest.mark.parametrize("days", [2, 40, 95, 360])
def test_a_list_told_again_after_a_leaving_that_it_may_not_know_is_doubtful(days: int) -> None:
    then = day(3) + timedelta(days=days)
    told = [HERE, (day(3), LEFT), (then, enrolled(OLD))]

    assert doubts.of_member(member.fold(history(*told))) == (Doubt(then, Why.CAME_BACK),)


def test_who_comes_back_elsewhere_or_after_years_is_no_doubt() -> None:
    for back, unit_id in ((day(3) + timedelta(days=40), NEW), (day(3) + 2 * ends.LIST_MAX, OLD)):
        told = [HERE, (day(3), LEFT), (back, enrolled(unit_id))]
        assert doubts.of_member(member.fold(history(*told))) == ()


def test_a_leaving_that_was_told_late_is_doubtful_however_late_the_list_was() -> None:
    quarter = day(3) + timedelta(days=80)
    told = [HERE, (quarter, enrolled(OLD)), (day(3), LEFT)]

    assert doubts.of_member(member.fold(history(*told))) == (Doubt(quarter, Why.CAME_BACK),)


def test_a_unit_told_anew_under_another_name_and_parent_may_be_another_one() -> None:
    another = replace(formed(NEW), name="Chi bộ hoàn toàn khác")
    moved_only = [STOOD, (day(6), formed(NEW))]

    assert doubts.of_unit(unit.fold(history(STOOD, (day(6), another)))) == (
        Doubt(day(6), Why.TOLD_ANOTHER),
    )
    assert doubts.of_unit(unit.fold(history(*moved_only))) == ()


OTHERWISE: tuple[dict[str, Any], ...] = (
    {"decided_on": date(2025, 12, 22)},
    {"decided_on": date(2025, 12, 22), "grade": Code("reprimand")},
    {"grade": Code("reprimand")},
    {"fault_period": Period("2025")},
    {"self_detected": True},
)


@pytest.mark.parametrize("otherwise", OTHERWISE)
@pytest.mark.parametrize("again", [4, 6])
def test_a_decision_told_otherwise_may_be_two_and_that_is_doubtful(
    otherwise: dict[str, Any], again: int
) -> None:
    """Cells write `no number`, and a decision and a conclusion may have one number."""
    usual = replace(OF_A_DAY, fault_period=Period("2026"))
    told, other = [HERE, (day(4), usual)], replace(usual, **otherwise)

    for order in ((usual, other), (other, usual)):
        state = member.fold(history(HERE, (day(4), order[0]), (day(again), order[1])))
        assert doubts.of_member(state) == (Doubt(day(again), Why.TOLD_OTHERWISE),)
    assert doubts.of_member(member.fold(history(*told, (day(6), usual)))) == ()


def test_what_is_not_told_again_of_a_decision_is_not_told_otherwise() -> None:
    usual = replace(OF_A_DAY, fault_period=Period("2026"))
    without = replace(usual, fault_period=UNSET, decided_on=UNSET)

    state = member.fold(history(HERE, (LAST_YEAR, usual), (LAST_YEAR + timedelta(days=1), without)))

    assert doubts.of_member(state) == ()
