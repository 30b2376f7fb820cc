"""The documents that something goes by: a rulebook and a calendar, pinned when it began."""

from datetime import date, datetime, timedelta
from typing import Protocol

import msgspec

from events.definitions.records import Digest, Source
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.periods import cadence_of, year_of
from events.domain.documents.working_days import Calendar, local_day
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step

REACH = timedelta(days=3 * 366)  # of a day that somebody chooses; one beyond is a slip of the pen


class Pinned(Protocol):
    """Whatever names the documents that it was begun under, by their digests."""

    @property
    def rulebook(self) -> Digest: ...

    @property
    def calendar(self) -> Digest: ...


class Rules(msgspec.Struct, frozen=True):
    """A rulebook with the calendar by which its working days are counted."""

    rulebook: Rulebook
    calendar: Calendar
    source: Source  # the digests of both

    def due_at(self, step: str, item: str = "", *, period: str, cause: datetime) -> datetime:
        """Return until when a step is to be taken that became due because of something at `cause`.

        A date that has come already, or comes too soon, gives way to the rulebook's notice.
        """
        terms, begun = self.rulebook.terms_of(step, item), local_day(cause)
        assert terms, "only steps of the rulebook are due"
        if step == Step.DECISION:  # its turn comes on the first day on which it may be taken
            begun = max(begun, self.rulebook.decided_from(period))
        if terms.working_days is not None:
            return self._days_after(begun, terms.working_days)
        dated = self.calendar.due_at(terms.day_in(year_of(period)))
        return max(dated, self._days_after(begun, self.rulebook.notice_working_days))

    def notice_of(self, step: str, item: str = "") -> int:
        """Return how many working days somebody has for a step whose day passed while away."""
        terms = self.rulebook.terms_of(step, item)
        return (terms and terms.working_days) or self.rulebook.notice_working_days

    def after(self, cause: datetime, working_days: int) -> datetime:
        """Return the end of the day so many working days after something happened."""
        return self._days_after(local_day(cause), working_days)

    def due_on(self, day: date, *, now: datetime) -> datetime:
        """Return when a deadline ends on a day that somebody chose.

        Raises:
            CommandRejected: no deadline of these rules lies that far from today, or nobody knows
                yet which days are off then.
        """
        today = local_day(now)
        if abs(day - today) > REACH:
            raise CommandRejected(Rejection.DAY_OUT_OF_REACH, last=today + REACH)
        if day > self.calendar.valid_until:
            raise CommandRejected(
                Rejection.DAY_BEYOND_CALENDAR,
                edition=self._calendar_name,
                last=self.calendar.valid_until,
            )
        return self.end_of(day)

    def require_extension(
        self, due_at: datetime, *, known: datetime, moved: int, now: datetime
    ) -> None:
        """Raise CommandRejected where the edition lets no deadline be moved so often, or so far.

        `known` is when it ends by now, `moved` how often it was moved before.
        """
        terms = self.rulebook.extensions
        if terms is None:
            return
        if moved >= terms.times:
            raise CommandRejected(Rejection.EXTENDED_TOO_OFTEN, most=terms.times)
        latest = self.after(max(known, now), terms.working_days)
        if due_at > latest:
            days = terms.working_days
            raise CommandRejected(Rejection.EXTENDED_TOO_FAR, latest=latest, days=days)

    def end_of(self, day: date) -> datetime:
        """Return when a deadline on a day ends: with it, or with the next working day."""
        return self.calendar.due_at(day)

    def require_known(self, first: date, last: date) -> None:
        """Raise CommandRejected where the calendar does not know all days from one to another."""
        calendar = self.calendar
        if not (calendar.covers(first) and calendar.covers(last)):
            raise CommandRejected(
                Rejection.CALENDAR_ENDS,
                edition=self._calendar_name,
                first=calendar.valid_from,
                last=calendar.valid_until,
                since=first,
                until=last,
            )

    @property
    def _calendar_name(self) -> str:
        return f"{self.calendar.id} {self.calendar.edition}"

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
    year = year_of(period)
    rules.require_known(date(year, 1, 1), date(year, 12, 31))


def require_reaching(period: str, rules: Rules, now: datetime) -> None:
    """Raise CommandRejected where a calendar ends before the days that an edition has for a year.

    What is due some time after something may lie beyond: a newer edition of the calendar moves it.
    """
    year, notice = year_of(period), rules.rulebook.notice_working_days
    noticed = rules.calendar.add_working_days(local_day(now), notice)
    dated = (each.day_in(year) for each in rules.rulebook.steps.values() if each.by)
    rules.require_known(date(year, 1, 1), max(noticed, *dated, date(year, 12, 31)))


def require_decidable(period: str, rules: Rules, now: datetime) -> None:
    """Raise CommandRejected before the first day on which the edition lets a rating be decided."""
    first = rules.rulebook.decided_from(period)
    if local_day(now) < first:
        raise CommandRejected(Rejection.DECIDED_TOO_EARLY, period=period, first=first)
