"""Held to a unit's level is whoever headed it for at least half of the period so far."""

from datetime import date, datetime

import pytest

from events.definitions.event import Code, Event
from events.definitions.roster import LeavingReason, MemberLeft, PostGiven, PostRelieved
from events.domain.documents import periods
from events.domain.organisation import member
from events.domain.review import counted_facts
from events.identifiers import UnitId
from tests.support.law import CELL, MEMBER, TOP, at, records
from tests.support.sealed import sealed

DECEMBER = date(2026, 12, 15)
SINCE_LONG = (
    at(5, 1, year=2021),
    PostGiven(member_id=MEMBER, unit_id=CELL, post=Code("secretary")),
)


def given(
    when: datetime, unit_id: UnitId = CELL, post: str = "secretary"
) -> tuple[datetime, Event]:
    return when, PostGiven(member_id=MEMBER, unit_id=unit_id, post=Code(post))


def relieved(when: datetime, unit_id: UnitId = CELL) -> tuple[datetime, Event]:
    return when, PostRelieved(member_id=MEMBER, unit_id=unit_id, post=Code("secretary"))


def headed(
    *facts: tuple[datetime, Event], period: str = "2026", today: date = DECEMBER
) -> tuple[UnitId, ...]:
    roster = member.fold(records(*facts))
    return counted_facts.units_headed(roster, ("secretary", "head"), period, today)


def test_who_is_relieved_days_before_the_rating_is_held_to_the_unit_still() -> None:
    assert headed(SINCE_LONG, relieved(at(9, 12))) == (CELL,)


def test_who_is_made_head_days_before_the_rating_is_not() -> None:
    assert headed(given(at(9, 12))) == ()


def test_who_was_relieved_long_ago_is_not() -> None:
    assert headed(SINCE_LONG, relieved(at(1, 2))) == ()
    assert headed(SINCE_LONG, relieved(at(1, 12, year=2025))) == ()


@pytest.mark.parametrize(("since", "found"), [(6, (CELL,)), (7, ())])
def test_half_of_the_period_so_far_is_enough(since: int, found: tuple[UnitId, ...]) -> None:
    assert headed(given(at(since, 1)), today=date(2026, 1, 10)) == found


def test_the_day_of_a_handover_is_the_next_ones() -> None:
    fourth_of_eight = relieved(at(5, 1))

    assert headed(SINCE_LONG, fourth_of_eight, today=date(2026, 1, 8)) == (CELL,)
    assert headed(SINCE_LONG, fourth_of_eight, today=date(2026, 1, 9)) == ()


def test_spells_add_up_and_days_in_two_posts_of_a_unit_count_once() -> None:
    twice = (given(at(1, 1)), relieved(at(1, 4)), given(at(1, 9)))
    both = (given(at(1, 11)), given(at(1, 11), post="head"))

    assert headed(*twice) == (CELL,)
    assert headed(*both) == ()


def test_other_posts_head_nothing_and_each_unit_counts_for_itself() -> None:
    assert headed(given(at(1, 1), post="deputy_secretary")) == ()
    assert headed(given(at(1, 1)), given(at(1, 2), TOP)) == tuple(sorted((CELL, TOP)))


def test_who_leaves_heads_nothing_from_then_on() -> None:
    left = (at(1, 2), MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.RESIGNED)))

    assert headed(SINCE_LONG, left) == ()


def test_a_quarter_counts_its_own_days_and_one_that_has_not_begun_none() -> None:
    late_in_march = given(at(20, 3))

    assert headed(late_in_march, period="2026-q1") == ()
    assert headed(late_in_march, period="2026-q2") == (CELL,)
    assert headed(SINCE_LONG, period="2027") == ()


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026", (1, 1), (12, 31)),
        ("2026-q1", (1, 1), (3, 31)),
        ("2026-q2", (4, 1), (6, 30)),
        ("2026-q3", (7, 1), (9, 30)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(
    period: str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    assert periods.days_of(period) == (date(2026, *first), date(2026, *last))
