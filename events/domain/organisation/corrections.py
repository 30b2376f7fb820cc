"""Corrections: what facts tell in the end. Of several that correct one fact, that made last holds.

Made last by their own `time`, whichever arrives last. Of one moment the longer id is the later,
then the greater one: systems that know days without times count their events (decision 0079).
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.roster import FactCorrected


class Correction(msgspec.Struct, frozen=True, array_like=True):
    """When a fact was corrected, and by which event of its sender."""

    made_at: datetime
    id: str
    is_tied: bool = False  # another one was made at that very moment
    came_last: bool = True  # else another one came after it, made before it, and has no effect

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.made_at, len(self.id), self.id

    def beside(self, other: "Correction | None") -> "Correction":
        """Return which of two corrections of one fact holds: this one came after the other."""
        if other is None:
            return self
        last = max(other, self, key=lambda each: each.order)
        is_tied = last.is_tied or (self.made_at == other.made_at and self.id != other.id)
        return msgspec.structs.replace(last, is_tied=is_tied, came_last=last is self)

    def is_after(self, other: "Correction | None") -> bool:
        return other is None or self.order > other.order


def made_in(recorded: Recorded) -> Correction:
    """Return when the correction was made that an entry holds, and by which event."""
    return Correction(recorded.entry.time, recorded.entry.id)


def fact_of(event: Event, time: datetime) -> tuple[Event, datetime]:
    """Return what a fact tells, and for when: of a correction what it tells instead, if any."""
    if isinstance(event, FactCorrected) and event.fact:
        return CATALOGUE.open(event.fact), event.fact.time
    return event, time


def corrections_in(history: Iterable[Recorded]) -> dict[int, Recorded]:
    """Return by the versions of the facts of a stream which correction of each holds."""
    found: dict[int, Recorded] = {}
    for recorded in history:
        if isinstance(recorded.event, FactCorrected):
            held = found.get(recorded.event.corrects)
            if made_in(recorded).is_after(made_in(held) if held else None):
                found[recorded.event.corrects] = recorded
    return found


def standing_facts(history: Iterable[Recorded]) -> dict[int, tuple[Event, datetime]]:
    """Return what the facts of a stream tell in the end and for which time, by their versions."""
    every = tuple(history)
    found = {
        each.entry.streamversion: (each.event, each.entry.time)
        for each in every
        if not isinstance(each.event, FactCorrected)
    }
    for version, each in corrections_in(every).items():
        found.pop(version, None)
        told = fact_of(each.event, each.entry.time)
        if not isinstance(told[0], FactCorrected):
            found[version] = told
    return found
