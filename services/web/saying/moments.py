"""Times and deadlines as people here read them."""

import functools
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from flask import g
from markupsafe import Markup

from events.definitions.records import Digest
from events.domain.documents import working_days
from events.domain.documents.working_days import Calendar, local_day, local_time, start_of_day
from events.store import documents, reference
from services.queries import publications
from services.web.context import system
from services.web.saying.languages import reader_language, say

SOON_DAYS = 3  # working days within which a deadline is near
_FORMATS = {"vi": "%d/%m/%Y", "en": "%-d %b %Y"}
_OF_THIS_YEAR = {"vi": "%d/%m", "en": "%-d %b"}


class Due(NamedTuple):
    """A deadline as shown: never by colour alone."""

    tone: str  # "late", "soon" or "plain"
    text: Markup


def day(moment: date | datetime) -> str:
    """Return a day as written in the reader's language."""
    shown = local_day(moment) if isinstance(moment, datetime) else moment
    return shown.strftime(_FORMATS[reader_language()])


def clock(moment: datetime) -> str:
    """Return a day and a time of day; of a moment that is told by its day alone, the day."""
    if moment == start_of_day(moment):
        return day(moment)
    return f"{day(moment)} {local_time(moment):%H:%M}"


def today() -> date:
    return local_day(system().clock.now())


def due(due_at: datetime) -> Due:
    """Return a deadline in words and with its date, counted in working days from today."""
    last, now = local_day(due_at), system().clock.now()
    left = holidays().working_days_between(today(), last)
    if due_at < now:
        return Due("late", _countdown("late", -left, last))
    return Due("soon" if left <= SOON_DAYS else "plain", _countdown("left", left, last))


def holidays() -> Calendar:
    """Return the calendar by which a page counts: the newest edition of the one that we ship.

    Deadlines themselves were set by the one that each review goes by.
    """
    if "holidays" not in g:
        digest, shipped = _shipped_calendar()
        newest = publications.newest_edition(system(), shipped, digest)
        published = partial(reference.calendar_of, system().store.database)
        g.holidays = shipped if newest == digest else published(newest)
    found: Calendar = g.holidays
    return found


@functools.cache
def _shipped_calendar() -> tuple[Digest, Calendar]:
    document = reference.shipped_document("calendar", "viet_nam")
    return Digest(documents.digest_of(document)), working_days.read(document)


def _countdown(what: str, count: int, last: date) -> Markup:
    number = {0: "none", 1: "one"}.get(count, "many")
    shown = (
        last.strftime(_OF_THIS_YEAR[reader_language()]) if last.year == today().year else day(last)
    )
    return say(f"due.{what}_{number}", count=count, day=shown)
