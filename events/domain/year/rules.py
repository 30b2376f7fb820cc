"""The documents that something goes by: a rulebook and a calendar, pinned when it began."""

from datetime import date, datetime, timedelta

import msgspec

from events.definitions.records import Source
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.periods import cadence_of, year_of
from events.domain.documents.working_days import Calendar, local_day
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step

REACH = timedelta(days=3 * 366)  # of a day that somebody chooses; one beyond is a slip of the pen


class Rules(msgspec.Struct, frozen=True):
    """A rulebook with the calendar by which its working days are counted."""

    rulebook: Rulebook
    calendar: Calendar
    source: Source  # the digests of both

    def due_at(self, step: str, *, period: str, cause: datetime) -> datetime:
        """Return until when a step is to be taken that became due because of something at `cause`.

        A date that has come already, or comes too soon, gives way to the rulebook's notice.
        """
        timing, begun = self.rulebook.timing(step), local_day(cause)
        if step == Step.DECISION:  # its turn comes on the first day on which it may be taken
            begun = max(begun, self.rulebook.decided_from(period))
        if timing.working_days is not None:
            return self._days_after(begun, timing.working_days)
        dated = self.calendar.due_at(timing.day_in(year_of(period)))
        return max(dated, self._days_after(begun, self.rulebook.notice_working_days))

    def notice_of(self, step: str) -> int:
        """Return how many working days somebody has for a step whose day passed while away."""
        timing = self.rulebook.steps.get(step)
        return (timing and timing.working_days) or self.rulebook.notice_working_days

    def after(self, cause: datetime, working_days: int) -> datetime:
        """Return the end of the day so many working days after something happened."""
        return self._days_after(local_day(cause), working_days)

    def due_on(self, day: date, *, now: datetime) -> datetime:
        """Return when a deadline ends on a day that somebody chose.

        Raises:
            CommandRejected: no deadline of these rules lies that far from today.
        """
        today = local_day(now)
        if abs(day - today) > REACH:
            raise CommandRejected(Rejection.DAY_OUT_OF_REACH, last=today + REACH)
        return self.end_of(day)

    def end_of(self, day: date) -> datetime:
        """Return when a deadline on a day ends: with it, or with the next working day."""
        return self.calendar.due_at(day)

    def _days_after(self, day: date, working_days: int) -> datetime:
        return self.end_of(self.calendar.add_working_days(day, working_days))


def require_governed(period: str, rules: Rules) -> None:
    """Raise CommandRejected where an edition, or its calendar, is not the one for a period."""
    rulebook, cadence = rules.rulebook, rules.rulebook.cadence
    edition = f"{rulebook.id} {rulebook.edition}"
    if cadence_of(period) is not cadence:
        raise CommandRejected(
            Rejection.WRONG_CADENCE, edition=edition, cadence=cadence, period=period
        )
    if not rulebook.governs(period):
        raise CommandRejected(
            Rejection.OTHER_EDITION,
            edition=edition,
            first=rulebook.first_year or "",
            last=rulebook.last_year or "",
            since=rulebook.valid_from,
        )
    year, calendar = year_of(period), rules.calendar
    if not (calendar.covers(date(year, 1, 1)) and calendar.covers(date(year, 12, 31))):
        raise CommandRejected(
            Rejection.CALENDAR_ENDS,
            edition=f"{calendar.id} {calendar.edition}",
            first=calendar.valid_from,
            last=calendar.valid_until,
            year=year,
        )


def require_decidable(period: str, rules: Rules, now: datetime) -> None:
    """Raise CommandRejected before the first day on which the edition lets a rating be decided."""
    first = rules.rulebook.decided_from(period)
    if local_day(now) < first:
        raise CommandRejected(Rejection.DECIDED_TOO_EARLY, period=period, first=first)
