"""Logs to which somebody appended what nobody told, and what an auditor finds in them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from events.definitions.entry import Recorded
from events.definitions.event import Event, stream_of
from tests.support.history import record
from tests.support.law import MEMBER
from tests.support.lawful import Asked, bundle_of, found_in
from tests.support.lawful_facts import rules_of
from tests.support.lawful_years import history_of
from tests.support.party_rules import YEAR


def places(wanted: Iterable[Asked], kind: type[Event]) -> list[int]:
    """Return where facts of a kind stand."""
    return [n for n, each in enumerate(wanted) if isinstance(each.fact, kind)]


def before(wanted: Sequence[Asked], kind: type[Event]) -> list[Recorded]:
    """Return a lawful year as far as the first fact of a kind."""
    return history_of(wanted)[: places(wanted, kind)[0]]


def until(wanted: Sequence[Asked], kind: type[Event]) -> list[Recorded]:
    """Return a lawful year up to the first fact of a kind, and with it."""
    return history_of(wanted)[: places(wanted, kind)[0] + 1]


def after(history: Sequence[Recorded], *facts: Event, time: str = "") -> list[Recorded]:
    """Return a log to which somebody appended some facts: with the last of it, or at a time."""
    found = list(history)
    for each in facts:
        stream = stream_of(each)
        known = sum(told.entry.stream == stream for told in found)
        now = datetime.fromisoformat(time) if time else found[-1].entry.time
        found.append(record(each, version=known + 1, time=now, told_at=now))
    return found


def wrong(history: Sequence[Recorded], *, whole: bool, subject: str = MEMBER) -> list[str]:
    """Return what an auditor finds in a log, or in the bundle of a rating that is made of it."""
    told = history if whole else bundle_of(history, YEAR, subject)
    return found_in(told, rules_of, whole=whole)


def first_of(wanted: Sequence[Asked], kind: type[Event]) -> Any:
    """Return the first fact of a kind, as the law told it."""
    return until(wanted, kind)[-1].event
