"""Told again nothing changes, and at one moment somebody may leave and come back."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.roster import (
    MemberAbsent,
    MemberDisciplined,
    MemberMoved,
    MemberStandingChanged,
    Standing,
    UnitMoved,
)
from events.domain.documents.working_days import start_of_day
from events.domain.organisation import member, unit
from events.domain.organisation.corrections import standing_facts
from events.domain.organisation.member import Member, Post
from events.domain.organisation.unit import Unit
from tests.support.cases import every_case
from tests.support.history import correction, day, history
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
from tests.support.sealed import sealed

AN_HOUR = timedelta(hours=1)


def after(*facts: Told) -> Member:
    return member.view(member.fold(history(*facts)))


def unit_after(*facts: Told) -> Unit:
    return unit.view(unit.fold(history(*facts)))


def in_any_order(before: Sequence[Told], *at_once: Told) -> Member:
    """Return what holds after facts of one moment, which must be the same in any order."""
    first, *others = [after(*before, *order) for order in itertools.permutations(at_once)]
    assert all(each == first for each in others)
    return first


def test_a_member_told_again_is_a_member_since_they_came() -> None:
    told = [(day(1), enrolled()), (day(2), GIVEN), (day(3), ABSENT), (day(4), EXEMPTED)]

    again = after(*told, *((day(20), event) for _, event in told))

    assert again == after(*told)


def test_an_absence_told_again_under_another_commitment_began_when_it_did() -> None:
    again = MemberAbsent(member_id=ME, reason=sealed("sick, told again"))

    state = after((day(1), enrolled()), (day(3), ABSENT), (day(9), again))

    assert (state.absent_since, state.absent) == (day(3), again.reason.sealed)


def test_who_is_told_again_in_another_unit_has_moved() -> None:
    state = after((day(1), enrolled()), (day(9), enrolled(NEW)))

    assert (state.membership_since, state.unit_id, state.unit_since) == (day(1), NEW, day(9))


def test_a_standing_that_is_not_told_again_stays() -> None:
    probation = enrolled(standing=Standing.PROBATIONARY)

    assert after((day(1), probation), (day(9), enrolled())).standing == "probationary"
    official = MemberStandingChanged(member_id=ME, standing=Standing.OFFICIAL)
    assert after((day(1), probation), (day(5), official), (day(9), enrolled())).standing == (
        "official"
    )


def test_who_comes_back_is_official_unless_told_otherwise() -> None:
    told = [(day(1), enrolled(standing=Standing.PROBATIONARY)), (day(5), LEFT)]

    assert after(*told).standing is UNSET
    assert after(*told, (day(9), enrolled())).standing == "official"


def test_a_member_told_late_to_have_left_meanwhile_came_back_when_told_again() -> None:
    told = [(day(1), enrolled()), (day(20), enrolled())]

    assert after(*told, (day(9), LEFT)).membership_since == day(20)


def test_a_discipline_told_again_is_of_the_year_in_which_it_was_first_told() -> None:
    told = MemberDisciplined(member_id=ME, decision=sealed("1-QĐ"), grade=Code("warning"))
    next_year = day(3) + timedelta(days=400)

    (counted,) = after((day(3), told), (next_year, told)).disciplines

    assert (counted.since, counted.period) == (day(3), "2026")


def test_a_year_of_fault_that_is_not_told_again_stays() -> None:
    first = MemberDisciplined(
        member_id=ME, decision=sealed("1-QĐ"), grade=Code("warning"), fault_period=Period("2024")
    )
    again = MemberDisciplined(member_id=ME, decision=sealed("1-QĐ"), grade=Code("warning"))

    (counted,) = after((day(3), first), (day(9), again)).disciplines

    assert counted.period == "2024"


def test_what_was_told_two_ways_of_one_moment_stays_as_it_is_when_both_are_told_again() -> None:
    official, probation = (MemberStandingChanged(member_id=ME, standing=e) for e in Standing)
    told = [(day(1), enrolled()), (day(5), official), (day(5), probation)]

    for again in itertools.permutations(told):
        assert after(*told, *again).standing == "probationary"


def test_a_unit_told_again_stands_since_it_was_formed_and_hangs_where_it_hung() -> None:
    told = [(day(1), formed(ABOVE)), (day(5), UnitMoved(unit_id=OLD, parent_id=NEW))]

    assert unit_after(*told, (day(20), formed())) == unit_after(*told)


AWAY_IN_POST = [(day(1), enrolled()), (day(2), GIVEN), (day(3), ABSENT), (day(4), EXEMPTED)]


@pytest.mark.parametrize("left", [day(8), day(9)])
def test_who_leaves_and_is_enrolled_elsewhere_at_once_was_moved(left: datetime) -> None:
    moved = MemberMoved(member_id=ME, unit_id=ABOVE)

    state = in_any_order(AWAY_IN_POST, (left, LEFT), (day(9), enrolled(ABOVE)))

    assert state == after(*AWAY_IN_POST, (day(9), moved))


def test_who_leaves_and_is_back_at_once_holds_no_post_of_the_unit_that_they_left() -> None:
    told = [*AWAY_IN_POST, (day(5), enrolled(NEW))]

    moved, stayed = (
        in_any_order(told, (day(8), LEFT), (day(9), enrolled(back))) for back in (ABOVE, NEW)
    )

    assert moved.posts == stayed.posts == ()
    assert (moved.absent_since, stayed.exempt_since) == (day(3), day(4))


def test_who_comes_back_later_is_new_in_all_that_is_told_of_them() -> None:
    state = in_any_order(AWAY_IN_POST, (day(5), LEFT), (day(9), enrolled(ABOVE)))

    assert state == after((day(9), enrolled(ABOVE)))


def test_a_post_given_on_the_day_of_a_transfer_goes_on_in_the_unit_that_is_entered() -> None:
    before = [(day(1), enrolled())]
    given = (start_of_day(day(9)), GIVEN)  # told without an hour

    state = in_any_order(before, given, (day(9), LEFT), (day(9) + AN_HOUR, enrolled(NEW)))

    assert state.posts == (Post("secretary", NEW, start_of_day(day(9))),)


def test_what_is_given_at_the_moment_of_coming_back_stays() -> None:
    before = [(day(1), enrolled(NEW)), (day(2), GIVEN)]
    at_once = (LEFT, enrolled(), GIVEN, ABSENT, EXEMPTED)

    state = in_any_order(before, *((day(9), each) for each in at_once))

    assert (state.membership_since, state.unit_since) == (day(1), day(9))
    assert state.posts == (Post("secretary", NEW, day(9)),)
    assert state.absent_since == state.exempt_since == day(9)


def test_what_begins_at_the_moment_of_leaving_ends_with_it() -> None:
    before = [(day(1), enrolled())]

    state = in_any_order(before, *((day(9), each) for each in (LEFT, GIVEN, ABSENT, EXEMPTED)))

    assert state == Member(
        membership="left", membership_since=day(9), unit_id=OLD, unit_since=day(1)
    )


def test_who_was_nobody_and_comes_and_leaves_at_one_moment_is_nobody() -> None:
    state = in_any_order([], (day(9), enrolled()), (day(9), LEFT), (day(9), GIVEN))

    assert (state.membership, state.posts) == ("left", ())


@pytest.mark.parametrize(
    ("begins", "ends", "since"),
    [
        (GIVEN, RELIEVED, lambda state: state.posts[0].since if state.posts else None),
        (ABSENT, BACK, lambda state: state.absent_since or None),
        (EXEMPTED, EXEMPTION_ENDED, lambda state: state.exempt_since or None),
    ],
    ids=["post", "absence", "exemption"],
)
def test_what_ends_and_begins_at_one_moment_goes_on_anew_if_it_went_on(
    begins: Event, ends: Event, since: object
) -> None:
    assert callable(since)
    went_on, did_not = [(day(1), enrolled()), (day(2), begins)], [(day(1), enrolled())]

    anew = in_any_order(went_on, (day(9), begins), (day(9), ends))
    never = in_any_order(did_not, (day(9), begins), (day(9), ends))

    assert (since(anew), since(never)) == (day(9), None)


def test_a_post_that_leaving_ended_does_not_go_on_before_it_is_given_again() -> None:
    before = [(day(1), enrolled(NEW)), (day(2), GIVEN), (day(4), LEFT), (day(5), enrolled())]

    assert in_any_order(before, (day(9), GIVEN), (day(9), RELIEVED)).posts == ()


def test_a_move_holds_beside_an_enrolment_of_the_same_moment() -> None:
    moved = MemberMoved(member_id=ME, unit_id=NEW)

    assert in_any_order([], (day(1), enrolled()), (day(1), moved)).unit_id == NEW


def test_a_unit_dissolved_and_formed_at_one_moment_stands_and_has_no_successor() -> None:
    before, anew = [(day(1), formed(ABOVE))], [(day(9), DISSOLVED), (day(9), formed())]

    states = [unit_after(*before, *order) for order in (anew, anew[::-1])]

    assert states[0] == states[1]
    assert (states[0].formed_at, states[0].dissolved_at) == (day(1), UNSET)
    assert (states[0].successor_id, states[0].parent_id) == (UNSET, ABOVE)


def test_a_unit_that_never_stood_and_is_formed_and_dissolved_at_one_moment_is_dissolved() -> None:
    for order in itertools.permutations([(day(9), DISSOLVED), (day(9), formed())]):
        assert unit_after(*order).successor_id == NEW


def test_posts_were_held_from_when_they_were_given_until_somebody_left() -> None:
    told = [
        (day(1), enrolled(NEW)),
        (day(2), GIVEN),
        (day(3), GIVEN),
        (day(5), LEFT),
        (day(5), enrolled()),
        (day(5), GIVEN),
        (day(8), RELIEVED),
        (day(9), GIVEN),
    ]

    found = list(member.spells(member.fold(history(*told)), ["secretary"]))

    assert found == [(NEW, day(2), day(5)), (NEW, day(5), day(8)), (NEW, day(9), None)]


def test_an_absence_ends_when_somebody_leaves() -> None:
    told = [(day(1), enrolled()), (day(3), ABSENT), (day(5), LEFT), (day(9), enrolled())]

    away = member.absences(member.fold(history(*told)))

    assert [(mark.since, mark.value) for mark in away] == [
        (day(3), ABSENT.reason.sealed),
        (day(5), None),
    ]


def test_where_nothing_waits_what_is_told_ahead_changes_nothing() -> None:
    state = unit.fold(history((day(1), formed())))

    assert state.with_all_ahead() is state


def test_what_stands_is_what_corrections_leave_each_for_its_own_time() -> None:
    moved, gone = correction(2, (day(2), GIVEN)), correction(3)
    told = [
        (day(1), enrolled()),
        (day(3), GIVEN),
        (day(4), ABSENT),
        (day(5), moved),
        (day(5), gone),
    ]

    assert standing_facts(history(*told)) == {1: (enrolled(), day(1)), 2: (GIVEN, day(2))}


def test_who_is_back_the_next_day_is_no_new_member_and_keeps_their_standing() -> None:
    probation = (day(2), MemberStandingChanged(member_id=ME, standing=Standing.PROBATIONARY))
    told = [(day(1), enrolled()), probation, (day(9), LEFT)]
    with every_case() as case:
        for back, since, standing in (
            (day(9), day(1), "probationary"),
            (day(10), day(1), "probationary"),
            (day(11), day(11), "official"),
        ):
            with case(f"{back}"):
                state = after(*told, (back, enrolled(NEW)))
                assert (state.membership_since, state.standing) == (since, standing)


def test_a_unit_formed_again_the_next_day_is_no_new_one() -> None:
    before = [(day(1), formed(ABOVE)), (day(9), DISSOLVED)]

    assert unit_after(*before, (day(10), formed())).formed_at == day(1)
    assert unit_after(*before, (day(11), formed())).formed_at == day(11)
