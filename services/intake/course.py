"""One stream of a batch: what stands in it, and what becomes of it fact by fact."""

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event, FactVersion
from events.definitions.roster import FactCorrected
from events.domain.documents.working_days import start_of_day
from events.domain.organisation import member, timelines, unit
from events.domain.organisation.corrections import Correction, fact_of
from events.domain.organisation.retelling import tells_nothing_new
from events.domain.organisation.timelines import Telling
from events.identifiers import Stream
from events.store.batch import Retold
from services.intake.sayings import (
    Clear,
    Saying,
    as_compared,
    fact_told_by,
    origins_in,
    say_alike,
    say_the_same,
    standing_in,
    withdrawn_in,
)
from services.intake.translation import Fact, telling_instead


class Given(NamedTuple):
    """A fact of a batch, of whom it is, and what it tells."""

    fact: Fact
    stream: Stream
    event: Event


class Course:
    """One stream, and what becomes of it by the facts of a batch."""

    def __init__(self, stream: Stream, history: Sequence[Recorded]) -> None:
        self._stream = stream
        self.came = self._version = history[-1].entry.streamversion if history else 0
        self._law = unit if stream.startswith("unit-") else member
        self._state = self._law.fold(history)
        self._history = {each.entry.streamversion: each for each in history}
        self._standing = standing_in(history)
        self._withdrawn = withdrawn_in(history)
        self._origins = origins_in(history)
        self._corrected = set[int]()  # by the batch
        self._counted = 0  # of the batch, but for corrections
        self._places: dict[int, int] = {}  # where each of these stands, if it is appended
        self._since: datetime | None = None  # from when on the batch tells anything

    @property
    def size(self) -> int:
        """Return how much is looked at to see whether a fact tells anything new."""
        return len(self._standing) + sum(map(len, self._state.timelines.values()))

    def size_of(self, versions: Collection[int]) -> int:
        """Return how much of that some facts are, by their versions."""
        marks = chain(*self._state.timelines.values())
        told = sum(each.version in versions for each in marks)
        return told + sum(each in versions for each in self._standing)

    def count(self, event: Event) -> Event:
        """Return a fact of the batch; what corrects another of it names where that one stands.

        It was made as if all of them were appended.
        """
        if not isinstance(event, FactCorrected):
            self._counted += 1
            return event
        corrects = self._places.get(event.corrects - self.came)
        return dataclasses.replace(event, corrects=FactVersion(corrects)) if corrects else event

    def like(self, given: Given) -> Iterator[Saying]:
        """Iterate over what stands of a fact's type and source, and differs by no clear field."""
        plain = as_compared(fact_told_by(given.event), {})
        for each in self._standing.values():
            if each.source == given.fact.source and as_compared(each.event, {}) == plain:
                yield each

    def said_already(self, given: Given, now: datetime, clear: Clear) -> Saying | None:
        """Return what says all that a fact tells, if it tells nothing new.

        A number or name written otherwise is told once: some write 001 and 1 on alternate nights.
        """
        event, time = fact_of(given.event, given.fact.time)
        like = [each for each in self.like(given) if say_alike(each.event, event, clear)]
        said = [each for each in like if say_the_same(each.event, event, clear)]
        if isinstance(given.event, FactCorrected):
            if not given.event.fact:
                return self._withdrawn.get(given.event.corrects)
            stands = self._standing.get(given.event.corrects)
            return stands if stands in said and stands.time == time else None
        if not any(each.time <= time for each in said):
            return None
        before = [each for each in like if each.time <= time]
        last = max(before, key=lambda each: (each.time, each.version), default=None)
        told = Telling(self._version + 1, time, now)
        return last if last and tells_nothing_new(self._state, last.event, told) else None

    def take(self, given: Given, now: datetime) -> None:
        """Append a fact."""
        self._version += 1
        told = Telling(self._version, given.fact.time, now, given.fact.id)
        if isinstance(given.event, FactCorrected):
            self._correct(given.event, told, given.fact.source)
            return
        self._places[self._counted] = self._version
        self._state = timelines.after(self._state, given.event, told, self._law.marks_of)
        self._standing[self._version] = Saying(
            given.event, told.time, given.fact.source, self._version, now
        )
        self._tell_since(told.time)

    def _correct(self, event: FactCorrected, told: Telling, source: str) -> None:
        """Append a correction, which tells nothing if a later one was told before."""
        origin = self._origins[told.version] = event.corrects
        is_last = Correction(told.time, told.id).is_after(self._state.correction_of(origin))
        self._state = timelines.after(self._state, event, told, self._law.marks_of)
        if not is_last:
            return
        self._corrected.add(origin)
        gone = self._standing.pop(origin, None) or self._withdrawn.pop(origin, None)
        instead, time = fact_of(event, told.time)
        says = self._standing if event.fact else self._withdrawn
        says[origin] = Saying(instead, time, source, told.version, told.recorded_at)
        self._tell_since(time, *([gone.time] if gone else ()))

    def _tell_since(self, *times: datetime) -> None:
        self._since = min([*times, *([self._since] if self._since else ())])

    def correct_again(self, told: Retold, now: datetime) -> FactCorrected | None:
        """Return a correction that told nothing new, if the batch makes it matter; it is told.

        It was made after one of the batch, which would take away what it repeats.
        """
        origin = self._origins.get(told.version, told.version)
        made_last = Correction(told.time, told.id).is_after(self._state.correction_of(origin))
        if origin not in self._corrected or not made_last:
            return None
        said, event = self._history[told.version], self._history[told.version].event
        if not isinstance(event, FactCorrected):
            event = telling_instead(self._stream, origin, event, said.entry.time)
        self._correct(event, Telling(self.came, told.time, now, told.id, alone=True), told.source)
        return event

    def needs(self, version: int, time: datetime, now: datetime) -> Saying | None:
        """Return what told nothing new, by what says it, if it tells something by now; it is told.

        What corrected that has corrected it as well, and may have taken it away.
        """
        said = self._standing.get(self._origins.get(version, version))
        if said is None or self._since is None:
            return None
        if time == said.time or time < max(start_of_day(self._since), said.time):
            return None  # of that very moment it stands; what a day ended may be doubtful
        told = Telling(self.came, time, now, alone=True)
        if tells_nothing_new(self._state, said.event, told):
            return None
        self._state = timelines.after(self._state, said.event, told, self._law.marks_of)
        return said
