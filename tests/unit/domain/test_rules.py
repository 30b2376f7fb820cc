"""A deadline that somebody sets lies within reach of today, whatever year they typed."""

from datetime import date

import msgspec
import pytest

from events.domain.documents.working_days import ONE_DAY, local_day
from events.domain.year.rules import REACH
from tests.support.law import RULES, at, rejection_of

NOW = at(3)


@pytest.mark.parametrize("day", [date.min, date.max, date(205, 12, 31)])
def test_a_day_far_from_today_is_a_slip_of_the_pen(day: date) -> None:
    no = rejection_of(lambda: RULES.due_on(day, now=NOW), "day_out_of_reach")

    assert no.needed.startswith("a day by 20")


@pytest.mark.parametrize("sign", [-1, 1])
def test_up_to_three_years_away_a_day_is_taken_as_it_is(sign: int) -> None:
    last = local_day(NOW) + sign * REACH

    assert RULES.due_on(last, now=NOW) == RULES.end_of(last)
    rejection_of(lambda: RULES.due_on(last + sign * ONE_DAY, now=NOW), "day_out_of_reach")


def test_a_day_beyond_the_calendar_is_refused_for_it_may_be_a_day_off() -> None:
    ends = msgspec.structs.replace(RULES.calendar, valid_until=date(2027, 12, 31))
    rules = msgspec.structs.replace(RULES, calendar=ends)

    no = rejection_of(lambda: rules.due_on(date(2028, 1, 1), now=NOW), "day_beyond_calendar")

    assert no.needed.startswith("a day by 2027-12-31, where the calendar viet_nam 2 ends")
    assert rules.due_on(ends.valid_until, now=NOW) == rules.end_of(ends.valid_until)
