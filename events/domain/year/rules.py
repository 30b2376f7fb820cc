"""The documents that something goes by: a rulebook and a calendar, pinned when it began."""

from datetime import date, datetime, timedelta

import msgspec

from events.definitions.records import Source
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.periods import year_of
from events.domain.documents.working_days import Calendar, local_day
from events.domain.rulebook.rulebook import Rulebook

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
        timing = self.rulebook.timing(step)
        if timing.working_days is not None:
            return self.after(cause, timing.working_days)
        dated = self.calendar.due_at(timing.day_in(year_of(period)))
        return max(dated, self.after(cause, self.rulebook.notice_working_days))

    def notice_of(self, step: str) -> int:
        """Return how many working days somebody has for a step whose day passed while away."""
        timing = self.rulebook.steps.get(step)
        return (timing and timing.working_days) or self.rulebook.notice_working_days

    def after(self, cause: datetime, working_days: int) -> datetime:
        """Return the end of the day so many working days after something happened."""
        return self.end_of(self.calendar.add_working_days(local_day(cause), working_days))

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
