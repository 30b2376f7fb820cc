"""Who a member is, is folded from facts that may come late, twice, or be corrected."""

from datetime import datetime

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event, Number, Sealed
from events.definitions.records import Period
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberEnrolled,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
    MemberMoved,
    MemberStandingChanged,
    MemberStateRated,
    PostGiven,
    PostRelieved,
    Standing,
    UnitRenamed,
)
from events.domain.organisation import member
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.member import Member, Post
from events.domain.organisation.timelines import EMPTY
from events.identifiers import MemberId, UnitId
from tests.support.examples import commitment
from tests.support.history import correction, day, history, record
from tests.support.sealed import sealed

ME = MemberId("m" * 26)
OLD, NEW, THIRD = (UnitId(letter * 26) for letter in "abc")
WARNING, SECRETARY, DEPUTY = Code("warning"), Code("secretary"), Code("deputy_secretary")

LEFT = MemberLeft(member_id=ME, reason=sealed(LeavingReason.RESIGNED))
ABSENT = MemberAbsent(member_id=ME, reason=sealed(AbsenceReason.SICK))
BACK = MemberBack(member_id=ME)
EXEMPTED = MemberExempted(member_id=ME)
DISCIPLINED = MemberDisciplined(member_id=ME, decision=sealed("12-QĐ"), grade=WARNING)
LIFTED = MemberDisciplineLifted(member_id=ME, decision=sealed("12-QĐ"))


def enrolled(unit_id: UnitId = OLD) -> MemberEnrolled:
    number: Sealed[Number] = Sealed(commitment("n"))
    return MemberEnrolled(
        member_id=ME, unit_id=unit_id, number=number, name=Sealed(commitment("m"))
    )


def moved(unit_id: UnitId) -> MemberMoved:
    return MemberMoved(member_id=ME, unit_id=unit_id)


def given(unit_id: UnitId, post: Code) -> PostGiven:
    return PostGiven(member_id=ME, unit_id=unit_id, post=post)


def rated(period: str, level: str) -> MemberStateRated:
    return MemberStateRated(member_id=ME, period=Period(period), level=Code(level))


def after(*facts: tuple[datetime, Event]) -> Member:
    return member.view(member.fold(history(*facts)))


def test_a_member_belongs_where_they_were_enrolled() -> None:
    assert after((day(1), enrolled())) == Member(
        membership="enrolled",
        membership_since=day(1),
        standing="official",
        unit_id=OLD,
        unit_since=day(1),
    )


def test_a_member_who_moved_belongs_to_the_new_unit() -> None:
    state = after((day(1), enrolled()), (day(5), moved(NEW)))

    assert (state.unit_id, state.unit_since) == (NEW, day(5))
    assert state.membership_since == day(1)


def test_a_fact_told_late_falls_into_its_place() -> None:
    state = after((day(1), enrolled()), (day(9), moved(NEW)), (day(5), moved(THIRD)))

    assert (state.unit_id, state.unit_since) == (NEW, day(9))


def test_of_two_facts_at_the_same_time_the_later_told_holds() -> None:
    state = after((day(1), enrolled()), (day(5), moved(NEW)), (day(5), moved(THIRD)))

    assert state.unit_id == THIRD


def test_a_correction_puts_another_fact_in_the_place_of_the_first() -> None:
    told = [(day(1), enrolled()), (day(5), moved(NEW))]

    state = after(*told, (day(20), correction(2, (day(4), moved(THIRD)))))

    assert state == after((day(1), enrolled()), (day(4), moved(THIRD)))


def test_a_correction_takes_away_all_marks_of_its_fact_and_no_others() -> None:
    told = [(day(1), enrolled()), (day(2), given(OLD, SECRETARY)), (day(3), ABSENT)]

    state = after(*told, (day(20), correction(1)))

    assert state == Member(
        posts=(Post("secretary", OLD, day(2)),),
        absent=sealed("sick").sealed,
        absent_since=day(3),
        unknown=("membership", "unit"),
    )


def test_a_corrected_fact_makes_way_for_what_held_before() -> None:
    told = [(day(1), enrolled()), (day(5), moved(NEW)), (day(9), moved(THIRD))]

    assert after(*told, (day(20), correction(3))).unit_id == NEW


def test_a_corrected_fact_keeps_its_rank_among_facts_of_the_same_time() -> None:
    told = [(day(1), enrolled()), (day(5), moved(NEW)), (day(5), moved(THIRD))]

    assert after(*told, (day(20), correction(2, (day(5), moved(OLD))))).unit_id == THIRD


def test_a_fact_may_be_corrected_again() -> None:
    told = [(day(1), enrolled()), (day(5), moved(NEW))]
    first, second = correction(2, (day(6), moved(THIRD))), correction(2, (day(7), moved(NEW)))

    state = after(*told, (day(20), first), (day(21), second))

    assert state == after((day(1), enrolled()), (day(7), moved(NEW)))


def test_a_fact_may_come_true_after_all() -> None:
    told = [(day(1), enrolled()), (day(5), moved(NEW))]

    state = after(*told, (day(20), correction(2)), (day(21), correction(2, (day(5), moved(NEW)))))

    assert (state.unit_id, state.unit_since) == (NEW, day(5))


def test_a_correction_may_tell_a_fact_of_another_type() -> None:
    told = [(day(1), enrolled()), (day(5), LEFT)]

    state = after(*told, (day(20), correction(2, (day(6), ABSENT))))

    assert (state.membership, state.absent, state.absent_since) == (
        "enrolled",
        sealed("sick").sealed,
        day(6),
    )


def test_a_member_holds_the_posts_given_and_not_relieved() -> None:
    state = after(
        (day(1), given(NEW, SECRETARY)),
        (day(2), given(OLD, SECRETARY)),
        (day(3), given(OLD, DEPUTY)),
        (day(4), PostRelieved(member_id=ME, unit_id=OLD, post=SECRETARY)),
    )

    assert state.posts == (Post("deputy_secretary", OLD, day(3)), Post("secretary", NEW, day(1)))


def test_a_member_is_absent_until_they_are_back() -> None:
    away = after((day(3), ABSENT))
    back = after((day(3), ABSENT), (day(8), BACK))

    assert (away.absent, away.absent_since) == (sealed("sick").sealed, day(3))
    assert (back.absent, back.absent_since) == (UNSET, UNSET)


def test_an_exemption_lasts_until_it_ends() -> None:
    ended = MemberExemptionEnded(member_id=ME)

    assert after((day(3), EXEMPTED)).exempt_since == day(3)
    assert after((day(3), EXEMPTED), (day(8), ended)).exempt_since is UNSET


def test_the_reasons_of_all_absences_are_found_for_whoever_opens_them() -> None:
    training = MemberAbsent(member_id=ME, reason=sealed(AbsenceReason.TRAINING))
    told = history((day(3), ABSENT), (day(5), BACK), (day(8), training))

    assert member.absence_reasons(member.fold([])) == ()
    assert member.absence_reasons(member.fold(told)) == (
        sealed("sick").sealed,
        sealed("training").sealed,
    )


def test_a_discipline_stands_until_it_is_lifted() -> None:
    other = MemberDisciplined(member_id=ME, decision=sealed("13-QĐ"), grade=Code("reprimand"))
    told = [(day(3), DISCIPLINED), (day(4), other)]

    assert after(*told).disciplines == (
        Discipline(sealed("12-QĐ").sealed, "warning", day(3), period="2026"),
        Discipline(sealed("13-QĐ").sealed, "reprimand", day(4), period="2026"),
    )
    (left,) = after(*told, (day(5), LIFTED)).disciplines
    assert left.decision == sealed("13-QĐ").sealed


def test_a_discipline_is_counted_in_the_year_of_the_fault() -> None:
    late = MemberDisciplined(
        member_id=ME,
        decision=sealed("14-QĐ"),
        grade=Code("warning"),
        self_detected=True,
        fault_period=Period("2024"),
    )

    (told,) = after((day(3), late)).disciplines

    assert (told.period, told.self_detected) == ("2024", True)


def test_who_left_is_a_member_no_more_and_may_come_back() -> None:
    told = [(day(1), enrolled()), (day(5), LEFT)]

    left, back = after(*told), after(*told, (day(9), enrolled(NEW)))

    assert (left.membership, left.membership_since) == ("left", day(5))
    assert (back.membership, back.membership_since) == ("enrolled", day(9))
    assert back.unit_id == NEW


def test_a_member_has_the_standing_that_was_told_last() -> None:
    probationary = MemberStandingChanged(member_id=ME, standing=Standing.PROBATIONARY)

    assert after((day(1), enrolled()), (day(2), probationary)).standing == "probationary"


def test_state_ratings_are_kept_by_period() -> None:
    state = after((day(1), rated("2024", "good")), (day(2), rated("2025", "fair")))

    assert state.state_ratings == {"2024": "good", "2025": "fair"}


def test_what_was_never_told_is_named_as_unknown() -> None:
    assert after() == Member(unknown=("membership", "unit"))
    assert after((day(5), moved(NEW))).unknown == ("membership",)


def test_a_fact_about_something_else_marks_nothing() -> None:
    state = member.fold([record(UnitRenamed(unit_id=OLD, name="x"), version=4)])

    assert (state.version, state.timelines) == (4, {})


@pytest.mark.parametrize("event", [enrolled(), correction(1)], ids=["fact", "correction"])
def test_a_fact_that_is_known_already_changes_nothing(event: Event) -> None:
    state = member.fold(history((day(1), enrolled()), (day(2), moved(NEW))))

    assert member.evolve(state, record(event, version=2)) is state


def test_names_and_numbers_are_kept_as_commitments() -> None:
    state = member.fold(history((day(1), enrolled())))

    assert (state.value("name"), state.value("number")) == (commitment("m"), commitment("n"))
    assert EMPTY.value("name") is None


def test_what_held_at_a_time_leaves_out_what_came_after_it() -> None:
    state = member.fold(history((day(1), enrolled()), (day(5), ABSENT), (day(9), moved(NEW))))

    then, before = member.view(state.until(day(5))), state.until(day(1).replace(year=2025))

    assert (then.unit_id, then.absent) == (OLD, sealed(AbsenceReason.SICK).sealed)
    assert (before.version, before.timelines) == (state.version, {})
