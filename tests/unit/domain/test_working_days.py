"""A deadline is the end of a local day, and never of a day on which nobody works."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.documents import working_days
from events.domain.documents.problems import DocumentInvalid
from events.domain.documents.working_days import (
    ZONE,
    end_of_day,
    local_day,
    months_after,
    start_of_day,
)
from events.domain.rulebook.terms import MONTHS_MAX
from events.store import reference

CALENDAR = working_days.read(reference.shipped_document("calendar", "viet_nam"))
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
COUNTS = st.integers(0, 60)

FRIDAY = date(2026, 12, 4)
TET = date(2026, 2, 17)
SWAPPED_SATURDAY = date(2026, 8, 22)
DAY_OFF_FOR_IT = date(2026, 8, 31)


def changed(**parts: Any) -> dict[str, Any]:
    return {**reference.shipped_document("calendar", "viet_nam"), **parts}


@pytest.mark.parametrize("day", [FRIDAY, SWAPPED_SATURDAY, date(2026, 11, 23)])
def test_people_work_on_weekdays_and_on_swapped_saturdays(day: date) -> None:
    assert CALENDAR.is_working(day)


@pytest.mark.parametrize("day", [TET, DAY_OFF_FOR_IT, date(2026, 12, 5), date(2026, 12, 6)])
def test_people_are_free_on_holidays_and_weekends(day: date) -> None:
    assert not CALENDAR.is_working(day)


def test_a_day_begins_and_ends_where_people_here_live() -> None:
    evening = datetime.fromisoformat("2026-12-05T17:00:00Z")  # the 6th, in Hà Nội
    before = evening - timedelta(seconds=1)

    assert start_of_day(evening) == evening
    assert start_of_day(before) == evening - timedelta(days=1)
    assert end_of_day(before) == before
    assert local_day(end_of_day(evening)) == date(2026, 12, 6)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("0001-01-01T00:00:00+14:00", date(1900, 1, 1)),
        ("0001-01-01T00:00:00Z", date(1900, 1, 1)),
        ("9999-12-31T23:59:59-12:00", date(2199, 12, 31)),
    ],
)
def test_a_moment_of_another_age_is_one_of_the_first_or_last_day(moment: str, day: date) -> None:
    """An old fact may be dated so, and the year of whoever it is about is opened all the same."""
    told = datetime.fromisoformat(moment)

    assert local_day(told) == day
    assert start_of_day(told) < end_of_day(told)
    assert months_after(local_day(told), MONTHS_MAX) > day


def test_a_deadline_is_the_end_of_its_local_day_in_utc() -> None:
    assert CALENDAR.due_at(FRIDAY) == datetime(2026, 12, 4, 16, 59, 59, tzinfo=UTC)


def test_a_deadline_on_a_weekend_falls_on_monday() -> None:
    assert local_day(CALENDAR.due_at(date(2026, 12, 5))) == date(2026, 12, 7)


def test_a_deadline_in_a_holiday_falls_on_the_next_working_day() -> None:
    assert local_day(CALENDAR.due_at(TET)) == date(2026, 2, 23)


def test_working_days_after_a_friday_skip_the_weekend() -> None:
    assert CALENDAR.add_working_days(FRIDAY, 3) == date(2026, 12, 9)


def test_a_swapped_saturday_counts_as_a_working_day() -> None:
    assert CALENDAR.add_working_days(date(2026, 8, 21), 1) == SWAPPED_SATURDAY


def test_deadlines_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="counted forward"):
        CALENDAR.add_working_days(FRIDAY, -1)


def test_a_deadline_passed_is_so_many_working_days_late() -> None:
    assert CALENDAR.working_days_between(date(2026, 12, 9), FRIDAY) == -3


@pytest.mark.parametrize(
    "tet", ["2024-02-10", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2031-01-23"]
)
def test_no_deadline_ends_at_tet_in_a_year_that_a_calendar_reaches(tet: str) -> None:
    first = date.fromisoformat(tet)

    due = [local_day(CALENDAR.due_at(first + timedelta(days=n))) for n in range(-1, 3)]

    assert all(each >= first + timedelta(days=3) for each in due)


def test_a_calendar_says_which_of_its_days_were_announced() -> None:
    everything = working_days.read(changed(announced_until=CALENDAR.valid_until.isoformat()))

    assert CALENDAR.told_until == date(2026, 12, 31)
    assert everything.told_until == CALENDAR.valid_until
    of_others = msgspec.structs.replace(CALENDAR, announced_until=None)
    assert of_others.told_until == CALENDAR.valid_until


@pytest.mark.parametrize("parts", [{}, {"announced_until": date(2027, 12, 31)}])
def test_an_edition_takes_the_place_of_one_that_knew_no_more(parts: dict[str, Any]) -> None:
    later = msgspec.structs.replace(CALENDAR, edition="3", **parts)

    assert later.supplements(CALENDAR, FRIDAY)


@pytest.mark.parametrize(
    "parts",
    [
        {"announced_until": date(2026, 11, 30)},
        {"valid_until": date(2030, 12, 31)},
        {"valid_from": date(2027, 1, 1)},
        {"issuer": "another"},
        {"id": "another"},
    ],
)
def test_an_edition_that_knows_less_or_is_another_calendar_takes_no_place(
    parts: dict[str, Any],
) -> None:
    other = msgspec.structs.replace(CALENDAR, edition="3", **parts)

    assert not other.supplements(CALENDAR, FRIDAY)


def test_beyond_the_calendar_only_weekends_are_free_and_it_says_so() -> None:
    new_year = date(2032, 1, 1)

    assert CALENDAR.is_working(new_year)
    assert not CALENDAR.covers(new_year)
    assert CALENDAR.covers(FRIDAY)


@given(DAYS, COUNTS)
def test_what_is_added_lies_between(day: date, count: int) -> None:
    reached = CALENDAR.add_working_days(day, count)

    assert CALENDAR.is_working(reached)
    if count:
        assert CALENDAR.working_days_between(day, reached) == count
        assert CALENDAR.working_days_between(reached, day) == -count


@given(DAYS, COUNTS, COUNTS)
def test_working_days_add_up(day: date, first: int, then: int) -> None:
    in_two = CALENDAR.add_working_days(CALENDAR.add_working_days(day, first + 1), then + 1)

    assert in_two == CALENDAR.add_working_days(day, first + then + 2)


@given(DAYS)
def test_a_deadline_ends_on_the_first_working_day_that_is_not_earlier(day: date) -> None:
    due = local_day(CALENDAR.due_at(day))

    assert due >= day
    skipped = (day + timedelta(days=n) for n in range((due - day).days))
    assert not any(map(CALENDAR.is_working, skipped))
    assert CALENDAR.is_working(due)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_deadline_is_kept_until_its_local_day_is_over(now: datetime) -> None:
    due = CALENDAR.due_at(local_day(now))

    assert due.astimezone(ZONE).strftime("%H:%M:%S") == "23:59:59"
    assert due >= now.replace(microsecond=0)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"valid_until": "2026-01-01"}, "holidays.2026-01-02"),
        ({"working_weekends": ["2026-08-24"]}, "working_weekends.2026-08-24"),
        ({"working_weekends": ["2026-08-22", "2026-08-22"]}, "working_weekends.2026-08-22"),
        ({"working_weekends": ["2025-02-01"]}, "working_weekends.2025-02-01"),
        ({"citation": ""}, "citation"),
        ({"announced_until": "2032-01-01"}, "announced_until"),
        (
            {"holidays": [{"date": "2026-13-01", "name": {"vi": "a", "en": "b"}}]},
            "holidays[0].date",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(parts: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        working_days.read(changed(**parts))

    assert path in [problem.path for problem in refused.value.problems]


def test_a_holiday_stands_once() -> None:
    holidays = reference.shipped_document("calendar", "viet_nam")["holidays"]

    with pytest.raises(DocumentInvalid, match=r"holidays\.2024-01-01: stands twice"):
        working_days.read(changed(holidays=[holidays[0], *holidays]))


def test_a_calendar_reads_back_as_it_was_written() -> None:
    assert working_days.read(msgspec.to_builtins(CALENDAR)) == CALENDAR
