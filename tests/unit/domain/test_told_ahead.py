"""What is told ahead waits for its day, and holds once it is told that the day has come."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.roster import (
    FactTookEffect,
    MemberMoved,
    MemberStandingChanged,
    PostGiven,
    PostRelieved,
    Standing,
)
from events.domain.organisation import member
from events.domain.organisation.member import Member
from events.domain.organisation.timelines import AHEAD_MAX, Ahead
from tests.support.cases import every_case
from tests.support.history import correction, day, record
from tests.support.roster_facts import (
    ABSENT,
    BACK,
    EXEMPTED,
    EXEMPTION_ENDED,
    LEFT,
    ME,
    NEW,
    OLD,
    enrolled,
)

TODAY, NEXT_MONTH = day(10), day(10) + timedelta(days=40)
A_DAY, LEAST = timedelta(days=1), timedelta(microseconds=1)
GIVEN = PostGiven(member_id=ME, unit_id=OLD, post=Code("secretary"))

Told = tuple[datetime, datetime, Event]  # for which time, and when


def took_effect(*versions: int) -> FactTookEffect:
    return FactTookEffect(subject=Subject(f"member-{ME}"), versions=versions)


def history(*facts: Told) -> list[Recorded]:
    return [
        record(event, version=version, time=time, told_at=told_at)
        for version, (time, told_at, event) in enumerate(facts, start=1)
    ]


def after(*facts: Told) -> Member:
    return member.view(member.fold(history(*facts)))


HERE: Told = (day(1), day(1), enrolled(OLD))
MOVES: Told = (NEXT_MONTH, TODAY, enrolled(NEW))
CAME: Told = (NEXT_MONTH, NEXT_MONTH, took_effect(2))


def test_what_is_told_ahead_waits() -> None:
    state = after(HERE, MOVES)

    assert (state.unit_id, state.ahead) == (OLD, (Ahead(NEXT_MONTH, (2,)),))


def test_it_holds_from_its_own_time_once_its_day_has_come() -> None:
    state = after(HERE, MOVES, CAME)

    assert (state.unit_id, state.unit_since, state.ahead) == (NEW, NEXT_MONTH, ())


def test_what_lies_ahead_by_no_more_than_clocks_differ_holds_at_once() -> None:
    in_time, ahead = TODAY + AHEAD_MAX, TODAY + AHEAD_MAX + LEAST

    assert after(HERE, (in_time, TODAY, enrolled(NEW))).unit_id == NEW
    assert after(HERE, (ahead, TODAY, enrolled(NEW))).unit_id == OLD


def test_what_was_told_to_have_come_before_its_day_counts_once() -> None:
    assert after(HERE, MOVES, CAME, CAME) == after(HERE, MOVES, CAME)


def test_a_waiting_fact_that_was_told_wrongly_never_holds() -> None:
    taken_back: Told = (TODAY, TODAY, correction(2))

    assert after(HERE, MOVES, taken_back, CAME) == after(HERE)
    assert after(HERE, MOVES, CAME, taken_back) == after(HERE)


def test_a_waiting_fact_may_be_corrected_to_another_day() -> None:
    later, now = NEXT_MONTH + A_DAY, day(9)

    put_off = after(HERE, MOVES, (TODAY, TODAY, correction(2, (later, enrolled(NEW)))))
    at_once = after(HERE, MOVES, (TODAY, TODAY, correction(2, (now, enrolled(NEW)))))

    assert (put_off.unit_id, put_off.ahead) == (OLD, (Ahead(later, (2,)),))
    assert (at_once.unit_id, at_once.unit_since, at_once.ahead) == (NEW, now, ())


def test_a_fact_that_holds_may_be_put_off_by_a_correction() -> None:
    told: list[Told] = [
        HERE,
        (day(5), TODAY, LEFT),
        (TODAY, TODAY, correction(2, (NEXT_MONTH, LEFT))),
    ]

    assert (after(*told).membership, len(after(*told).ahead)) == ("enrolled", 1)
    assert after(*told, CAME).membership == "left"


def test_somebody_may_be_enrolled_ahead() -> None:
    founding: Told = (NEXT_MONTH, TODAY, enrolled())

    assert after(founding).unknown == ("membership", "unit")
    assert after(founding, (NEXT_MONTH, NEXT_MONTH, took_effect(1))).membership == "enrolled"


def test_all_that_waits_is_told_by_its_times() -> None:
    post: Told = (NEXT_MONTH, TODAY, GIVEN)
    leaves: Told = (NEXT_MONTH + A_DAY, TODAY, LEFT)

    state = member.fold(history(HERE, leaves, MOVES, post))

    assert state.ahead == (Ahead(NEXT_MONTH, (3, 4)), Ahead(NEXT_MONTH + A_DAY, (2,)))
    assert state.waits_until == NEXT_MONTH
    foreseen = member.view(state.with_all_ahead())
    assert (foreseen.membership, foreseen.unit_id) == ("left", NEW)


PROBATION = MemberStandingChanged(member_id=ME, standing=Standing.PROBATIONARY)
BEGINNING = {"a post": GIVEN, "absence": ABSENT, "exemption": EXEMPTED, "standing": PROBATION}
LEAVES: Told = (day(11), day(11), LEFT)


def at_once(event: Event, when: datetime) -> Told:
    return when, when, event


def held(state: Member) -> tuple[object, ...]:
    return state.posts, state.absent, state.exempt_since, state.standing


def test_what_was_told_before_leaving_begins_no_more_whenever_they_come_back() -> None:
    before, later = NEXT_MONTH - A_DAY, NEXT_MONTH + A_DAY
    with every_case() as case:
        for name, begins in BEGINNING.items():
            for when, back in (("before its day", before), ("after its day", later)):
                with case(f"{name}, back {when}"):
                    came_back = at_once(enrolled(), back)
                    told = [HERE, (NEXT_MONTH, TODAY, begins), LEAVES]
                    rest = sorted([came_back, CAME], key=lambda each: each[0])
                    plain = after(HERE, LEAVES, came_back)
                    assert held(after(*told, *rest)) == held(plain)


MOVED = MemberMoved(member_id=ME, unit_id=NEW)
ENDING = {
    "a move": MOVED,
    "a leaving": LEFT,
    "a relief": PostRelieved(member_id=ME, unit_id=OLD, post=Code("secretary")),
    "being back": BACK,
    "no exemption": EXEMPTION_ENDED,
}


def test_what_was_told_before_leaving_ends_nothing_that_began_when_they_came_back() -> None:
    """Nor does it move them, nor make them leave once more."""
    again = [at_once(event, day(14)) for event in (enrolled(), GIVEN, ABSENT, EXEMPTED)]
    plain = after(HERE, LEAVES, *again)
    with every_case() as case:
        for name, ends in ENDING.items():
            with case(name):
                told = after(HERE, (NEXT_MONTH, TODAY, ends), LEAVES, *again, CAME)
                assert told == plain
            with case(name, "told after it"):
                came = (NEXT_MONTH, NEXT_MONTH, took_effect(7))
                assert after(HERE, LEAVES, *again, (NEXT_MONTH, day(15), ends), came) != plain


def test_whoever_left_stays_where_they_were_whatever_was_told_ahead_before() -> None:
    move: Told = (NEXT_MONTH, TODAY, MOVED)

    assert after(HERE, move, LEAVES, CAME) == after(HERE, LEAVES)


def test_a_leaving_told_wrongly_lets_them_leave_and_move_as_was_told_ahead() -> None:
    never_left = at_once(correction(3), day(12))

    for event in (LEFT, MOVED):
        told = after(HERE, (NEXT_MONTH, TODAY, event), LEAVES, never_left, CAME)
        assert told == after(HERE, at_once(event, NEXT_MONTH))


def test_what_was_told_after_the_coming_back_begins_on_its_day() -> None:
    back = at_once(enrolled(), day(14))
    came = (NEXT_MONTH, NEXT_MONTH, took_effect(4))
    with every_case() as case:
        for name, begins in BEGINNING.items():
            with case(name):
                told_anew = after(HERE, LEAVES, back, (NEXT_MONTH, day(15), begins), came)
                assert held(told_anew) != held(after(HERE, LEAVES, back))


def test_what_came_to_hold_before_somebody_left_was_held_until_then() -> None:
    left = NEXT_MONTH + A_DAY
    told = (HERE, (NEXT_MONTH, TODAY, GIVEN), CAME, at_once(LEFT, left))

    held = list(member.spells(member.fold(history(*told)), ("secretary",)))

    assert held == [(OLD, NEXT_MONTH, left)]


def test_a_correction_after_the_coming_back_tells_it_anew() -> None:
    back, later = at_once(enrolled(), day(14)), NEXT_MONTH + A_DAY
    anew = (day(15), day(15), correction(2, (later, GIVEN)))

    state = after(HERE, (NEXT_MONTH, TODAY, GIVEN), LEAVES, back, anew, (later, later, CAME[2]))

    assert [each.since for each in state.posts] == [later]


def test_a_leaving_that_was_told_wrongly_ends_nothing_that_waits() -> None:
    never_left = at_once(correction(3), day(12))

    state = after(HERE, (NEXT_MONTH, TODAY, GIVEN), LEAVES, never_left, CAME)

    assert len(state.posts) == 1


def test_an_enrolment_told_before_leaving_brings_them_back_with_what_it_tells() -> None:
    again: Told = (NEXT_MONTH, TODAY, enrolled(NEW, Standing.PROBATIONARY))

    state = after(HERE, again, LEAVES, CAME)

    assert (state.membership, state.unit_id) == ("enrolled", NEW)
    assert state.standing == Standing.PROBATIONARY.value


def test_what_is_due_today_holds_before_it_is_told_that_the_day_came() -> None:
    post, relieved = (
        at_once(GIVEN, day(2)),
        PostRelieved(member_id=ME, unit_id=OLD, post=Code("secretary")),
    )
    due = (enrolled(NEW), relieved, replace(GIVEN, unit_id=NEW))
    ahead: Told = (NEXT_MONTH + LEAST, TODAY, LEFT)
    told = [HERE, post, *((NEXT_MONTH, TODAY, event) for event in due), ahead]
    state = member.fold(history(*told))

    the_eve, then = (member.view(state.with_due(when)) for when in (NEXT_MONTH - LEAST, NEXT_MONTH))

    assert the_eve == member.view(state)
    assert then == after(*told, (NEXT_MONTH, NEXT_MONTH, took_effect(3, 4, 5)))
    assert [each.unit_id for each in then.posts] == [NEW]
    assert then.ahead == (Ahead(NEXT_MONTH + LEAST, (6,)),)


@given(st.permutations([HERE, MOVES, (NEXT_MONTH, TODAY, GIVEN), (NEXT_MONTH, TODAY, LEFT)]))
def test_what_waits_may_be_told_in_any_order(told: list[Told]) -> None:
    every = FactTookEffect(subject=Subject(f"member-{ME}"), versions=(1, 2, 3, 4))

    state = after(*told, (NEXT_MONTH, NEXT_MONTH, every))

    assert (state.membership, state.unit_id, len(state.posts)) == ("enrolled", NEW, 1)


@pytest.mark.parametrize("back", [day(11), day(12)])
def test_a_transfer_written_as_leaving_and_coming_back_ends_nothing_that_waits(
    back: datetime,
) -> None:
    for name, begins in BEGINNING.items():
        told = after(HERE, (NEXT_MONTH, TODAY, begins), LEAVES, at_once(enrolled(NEW), back), CAME)
        assert held(told) != held(after(HERE, LEAVES, at_once(enrolled(NEW), back))), name


@given(st.permutations([(NEXT_MONTH, GIVEN), (day(11), LEFT), (day(20), enrolled(NEW))]))
def test_whether_what_was_told_ahead_holds_is_no_matter_of_what_came_first(
    told: list[tuple[datetime, Event]],
) -> None:
    every = FactTookEffect(subject=Subject(f"member-{ME}"), versions=(2, 3, 4))
    ahead = [(time, TODAY, event) for time, event in told]

    state = after(HERE, *ahead, (NEXT_MONTH, NEXT_MONTH, every))

    assert (state.membership, state.unit_id, state.posts) == ("enrolled", NEW, ())
