"""Working days, and when a deadline ends.

A deadline is the end of a local day, kept in UTC; one that falls on a weekend or a holiday ends
with the next working day. Local time exists only here and in what people see.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from events.definitions.years import FIRST_YEAR, LAST_YEAR
from events.domain.documents.conversion import convert
from events.domain.documents.document import Bilingual, Document, Part
from events.domain.documents.problems import (
    DocumentInvalid,
    Problem,
    first_problems,
    repetitions,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
END_OF_DAY = time(23, 59, 59, tzinfo=ZONE)  # still the day itself, so pages show the right date
SATURDAY = 5  # as date.weekday() counts
ONE_DAY = timedelta(days=1)
_FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_LAST = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


class Holiday(Part, frozen=True, kw_only=True):
    date: date
    name: Bilingual


class Calendar(Document, frozen=True, kw_only=True, tag="calendar", dict=True):
    """The holidays of a country, as announced; and further, as the law lets them be computed."""

    valid_until: date  # the last day that it knows
    announced_until: date | None = None  # later days are computed; none: all were announced
    holidays: tuple[Holiday, ...]  # every day off that is no plain weekend
    working_weekends: tuple[date, ...] = ()  # Saturdays and Sundays worked in exchange

    def covers(self, day: date) -> bool:
        """Tell whether the holidays around a day are known; beyond, only weekends are."""
        return self.valid_from <= day <= self.valid_until

    @property
    def told_until(self) -> date:
        """Return the last day whose holidays were announced: later ones may come otherwise."""
        return self.announced_until or self.valid_until

    def supplements(self, earlier: "Calendar", today: date) -> bool:
        """Tell whether this calendar takes the place of an earlier edition, from today on.

        It is the same issuer's of the same name, and knows no less than that of the days to come.
        """
        same = (self.issuer, self.id) == (earlier.issuer, earlier.id)
        reaches = self.valid_from <= today and self.valid_until >= earlier.valid_until
        return same and reaches and self.told_until >= earlier.told_until

    def is_working(self, day: date) -> bool:
        """Tell whether people work on a day."""
        if day.weekday() >= SATURDAY:
            return day in self._days_worked
        return day not in self._days_off

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`th working day after a day; with 0 the day, or the next working day.

        Raises:
            ValueError: a negative count.
        """
        if count < 0:
            raise ValueError("deadlines are counted forward; give 0 or more working days")
        reached = day if count else day - ONE_DAY
        for _ in range(max(count, 1)):
            reached = next(self._working_after(reached))
        return reached

    def due_at(self, day: date) -> datetime:
        """Return when a deadline on a day ends: with that day, or with the next working day."""
        working = self.add_working_days(day, 0)
        return datetime.combine(working, END_OF_DAY).astimezone(UTC)

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days follow `start`, up to and with `end`.

        Negative when `end` lies before: so many working days late.
        """
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(map(self.is_working, days))

    def _working_after(self, day: date) -> Iterator[date]:
        while True:
            day += ONE_DAY
            if self.is_working(day):
                yield day

    @cached_property
    def _days_off(self) -> frozenset[date]:
        return frozenset(holiday.date for holiday in self.holidays)

    @cached_property
    def _days_worked(self) -> frozenset[date]:
        return frozenset(self.working_weekends) - self._days_off


def local_time(moment: datetime) -> datetime:
    """Return what clocks here show at a moment; before all years, and after, their first and last.

    An old fact may be dated so; of what is sent, the year is asked.
    """
    return max(_FIRST, min(moment, _LAST)).astimezone(ZONE)


def local_day(moment: datetime) -> date:
    """Return the day on which people here live through a moment.

    >>> local_day(datetime(2026, 12, 5, 16, 59, 59, tzinfo=UTC))
    datetime.date(2026, 12, 5)
    >>> local_day(datetime(2026, 12, 5, 17, 0, 0, tzinfo=UTC))
    datetime.date(2026, 12, 6)
    """
    return local_time(moment).date()


def start_of_day(moment: datetime) -> datetime:
    """Return when the day began on which people here live through a moment.

    >>> start_of_day(datetime(2026, 12, 5, 16, 59, 59, tzinfo=UTC))
    datetime.datetime(2026, 12, 4, 17, 0, tzinfo=datetime.timezone.utc)
    """
    return start_of(local_day(moment))


def start_of(day: date) -> datetime:
    """Return when a day begins here."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def end_of_day(moment: datetime) -> datetime:
    """Return when the day ends on which people here live through a moment.

    >>> end_of_day(datetime(2026, 12, 5, 17, 0, 0, tzinfo=UTC))
    datetime.datetime(2026, 12, 6, 16, 59, 59, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(local_day(moment), END_OF_DAY).astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """Return the day so many months later; the last of the month where it has no such day.

    >>> months_after(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read(document: Any) -> Calendar:
    """Return a calendar from a document's plain values.

    Raises:
        DocumentInvalid: it has not the shape of a calendar, or contradicts itself.
    """
    calendar: Calendar = convert(document, Calendar)
    if problems := validate(calendar):
        raise DocumentInvalid(problems)
    return calendar


def validate(calendar: Calendar) -> tuple[Problem, ...]:
    """Return what is wrong in a calendar, up to PROBLEMS_MAX."""
    off = [holiday.date for holiday in calendar.holidays]
    days_off = frozenset(off)
    problems = repetitions([str(day) for day in off], "holidays")
    problems += repetitions([str(day) for day in calendar.working_weekends], "working_weekends")
    problems += [
        Problem(f"holidays.{day}", "outside_calendar")
        for day in (*off, *calendar.working_weekends)
        if not calendar.covers(day)
    ]
    problems += [
        Problem(f"working_weekends.{day}", "no_free_weekend")
        for day in calendar.working_weekends
        if day.weekday() < SATURDAY or day in days_off
    ]
    if not calendar.covers(calendar.told_until):
        problems.append(Problem("announced_until", "outside_calendar"))
    if not calendar.citation:
        problems.append(Problem("citation", "no_citation"))
    return first_problems(problems)
