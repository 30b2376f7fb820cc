"""A year that came about by the law: each fact as it is decided on what was told before it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from events.definitions.entry import Recorded
from events.definitions.event import Event, stream_of
from events.definitions.records import Source
from events.domain.verification.law import LAWS
from events.domain.verification.told import Told
from events.domain.year.rules import Rules
from tests.support.history import record
from tests.support.law import RULES, at

Wanted = Event | tuple[datetime, Event]


def rules_of(_: Source) -> Rules:
    return RULES


def by_law(wanted: Iterable[Wanted], *, told: Told | None = None) -> list[Recorded]:
    """Return facts in the log's order, each as the law decides it where something like it is asked.

    What a wanted fact says of days and of what follows from others is replaced by the law's word.
    """
    told, versions, found = told or Told(rules_of), Counter[str](), list[Recorded]()
    for each in wanted:
        time, fact = each if isinstance(each, tuple) else (at(18), each)
        versions[stream_of(fact)] += 1
        asked = record(fact, version=versions[stream_of(fact)], time=time)
        decide = LAWS.get(type(fact))
        fact = decide(told, asked) if decide else fact
        found.append(record(fact, version=versions[stream_of(fact)], time=time))
        told.tell(found[-1])
    return found
