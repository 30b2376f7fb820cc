"""Years that came about by the law, and what an auditor finds in a log, told fact after fact."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event, stream_of
from events.definitions.records import Digest, Period, Source
from events.domain.verification import time_law
from events.domain.verification.law import LAWS, wrong_by_law
from events.domain.verification.roster_checks import wrong_by_then
from events.domain.verification.streams import rests_on
from events.domain.verification.told import RulesOf, Told
from events.identifiers import Stream
from tests.support.history import record
from tests.support.sealed import REASONS


class Asked(NamedTuple):
    """A fact that somebody wants told: when it happens, and when it is told if that is another."""

    time: datetime
    fact: Event
    told_at: datetime | None = None


def on(moment: str, *facts: Event, told_on: str = "") -> Iterator[Asked]:
    """Iterate over facts that happen on a day at nine in Hanoi, or at an hour in UTC."""
    told_at = _moment(told_on) if told_on else None
    return (Asked(_moment(moment), each, told_at) for each in facts)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written if "T" in written else f"{written}T02:00:00Z")


def log_of(rules_of: RulesOf, *, whole: bool = True) -> Told:
    """Return an empty log that an auditor begins to read: all of it, or the part in a bundle."""
    return Told(rules_of, whole=whole, reasons_of=lambda _: REASONS if whole else {})


def by_law(wanted: Iterable[Asked], rules_of: RulesOf) -> list[Recorded]:
    """Return facts in the log's order, each as the law decides it where something like it is asked.

    What a wanted fact says of days and of what follows from others is replaced by the law's word.
    """
    log, versions, found = log_of(rules_of), Counter[str](), list[Recorded]()
    now: datetime | None = None
    for each in wanted:
        now = each.told_at or max(each.time, now or each.time)
        versions[stream_of(each.fact)] += 1
        version = versions[stream_of(each.fact)]
        asked = record(each.fact, version=version, time=each.time, told_at=now)
        told = record(decision_on(log, asked), version=version, time=each.time, told_at=now)
        log.tell(told)
        found.append(told)
    return found


def decision_on(log: Told, asked: Recorded) -> Event:
    """Return what the law tells where something like a fact is asked; raises where it refuses."""
    event = asked.event
    if type(event) in time_law.AGAIN:
        found = time_law.AGAIN[type(event)](log, asked)
        return next(each for each in found if _named(each) == _named(event))
    decide = LAWS.get(type(event))
    log.ask(asked)
    return decide(log, asked) if decide else event


def _named(event: Any) -> tuple[object, ...]:
    """Return what of several facts about time tells which one is meant."""
    return type(event), getattr(event, "step", ""), getattr(event, "item", "")


def findings(log: Told, each: Recorded) -> list[str]:
    """Return what an auditor finds wrong in a fact, by all that was told before it."""
    return [*(wrong.what for wrong in wrong_by_then(each, log)), *wrong_by_law(log, each)]


def found_in(history: Iterable[Recorded], rules_of: RulesOf, *, whole: bool = True) -> list[str]:
    """Return what an auditor finds wrong in a log, from its beginning on."""
    log, found = log_of(rules_of, whole=whole), list[str]()
    for each in history:
        found += findings(log, each)
        log.tell(each)
    return found


def bundle_of(history: Sequence[Recorded], period: Period, subject: str) -> list[Recorded]:
    """Return the part of a log that the bundle of a rating holds."""

    def read(stream: Stream) -> list[Recorded]:
        return [each for each in history if each.entry.stream == stream]

    def issuer_of(digest: Digest) -> str:
        told = (each.event for each in history if getattr(each.event, "digest", "") == digest)
        return next(str(getattr(each, "issuer")) for each in told)  # noqa: B009 - a publication's

    rests = rests_on(period, subject, read, issuer_of)
    return [
        each
        for each in history
        if each.entry.stream in rests.whole
        or each.entry.streamversion in rests.parts.get(each.entry.stream, ())
    ]


def source(rulebook: str, calendar: str) -> Source:
    return Source(rulebook=Digest(rulebook), calendar=Digest(calendar))
