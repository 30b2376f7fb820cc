"""A newer edition of the calendar reaches deadlines that run: which of them end later.

The government says in autumn which days around Tết are swapped, when deadlines in January and
February were told long ago. Nobody has less time than they were told, and nobody's time ends on a
day off: a deadline moves later or stays.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from events.definitions.deadline import CalendarSupplemented
from events.definitions.event import Subject
from events.definitions.records import Due, Period
from events.domain.documents.periods import year_of
from events.domain.documents.working_days import local_day
from events.domain.year.rules import Rules


class Waits(NamedTuple):
    """The deadlines of a stream that wait: neither kept nor told to have run out."""

    dues: tuple[Due, ...]
    chosen: tuple[Due, ...] = ()  # those on a day that somebody chose
    period: Period | None = None  # in whose year steps with a date are due; none: all are counted


def supplement(
    waits: Waits, subject: str, old: Rules, new: Rules, *, now: datetime
) -> CalendarSupplemented:
    """Return that a stream goes by a newer calendar, with the deadlines that this moves.

    Whoever has so many working days keeps those that they have left now; a day of the edition, or
    one that somebody chose, stays, unless it is a day off by now.
    """
    return CalendarSupplemented(
        subject=Subject(subject),
        calendar=new.source.calendar,
        dues=tuple(_later_dues(waits, old, new, local_day(now))),
    )


def _later_dues(waits: Waits, old: Rules, new: Rules, today: date) -> Iterator[Due]:
    for due in waits.dues:
        told = day = local_day(due.due_at)
        if today < told and not (due in waits.chosen or _is_dated(due, old, waits.period)):
            left = old.calendar.working_days_between(today, told)
            day = max(told, new.calendar.add_working_days(today, left))
        due_at = new.end_of(day)
        if local_day(due_at) > told:
            yield Due(step=due.step, item=due.item, due_at=due_at)


def _is_dated(due: Due, rules: Rules, period: Period | None) -> bool:
    """Tell whether a deadline ends on the day that the edition has for its step."""
    terms = rules.rulebook.terms_of(due.step, due.item)
    if period is None or terms is None or terms.by is None:
        return False
    return rules.calendar.due_at(terms.day_in(year_of(period))) == due.due_at
