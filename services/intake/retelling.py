"""What tells nothing new is no fact: it is known, by the fact that says it already.

Systems tell everybody again every night. Appended, that would outgrow all that is told. So its id
is kept beside the log with the fact of the same source that says the same, and the sender gets the
place of that one. Once a late fact makes it matter that something was told again, it is appended
before that, as it was told: so it comes to the same in any order. What corrects a fact corrects
what repeats it (decision 0065).

It is asked of the streams as they are read. Of two senders at once one may keep what the other
makes matter; the next fact of that stream puts it right, as does the next night.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event, FactVersion
from events.definitions.roster import FactCorrected
from events.domain.organisation import member, timelines, unit
from events.domain.organisation.retelling import tells_nothing_new
from events.domain.organisation.timelines import Telling
from events.identifiers import Stream
from events.store.batch import Retold
from services.access import words
from services.context import Context
from services.intake.repeats import Digests
from services.intake.sayings import (
    Clear,
    Saying,
    content_of,
    fact_told_by,
    origins_in,
    say_the_same,
    sealed_in,
    standing_in,
)
from services.intake.translation import Fact, FactKey


class Given(NamedTuple):
    """A fact of a batch, of whom it is, and what it tells."""

    fact: Fact
    stream: Stream
    event: Event


class Recalled(NamedTuple):
    """What was told again and is to be a fact after all, and what it tells."""

    told: Retold
    event: Event


class Settled(NamedTuple):
    """What becomes of a batch."""

    kept: list[Given]  # to be appended, in their order
    retold: list[tuple[Given, Saying]]  # what tells nothing new, and what says it
    recalled: dict[Stream, list[Recalled]]  # comes before what is kept of its stream


class Retelling:
    """Which facts of a batch tell nothing new, and which earlier ones must stand after all."""

    def __init__(
        self, context: Context, histories: Mapping[Stream, Sequence[Recorded]], *, now: datetime
    ) -> None:
        """Begin with the streams as they are, and with what corrections recall of them."""
        self._context = context
        self._histories = histories
        self._now = now
        self._courses = self._begin()

    def settle(
        self, batch: Sequence[Given], clear: Clear, recalled: Mapping[Stream, Sequence[Recalled]]
    ) -> Settled:
        """Return what becomes of facts, which come in the order in which they are appended.

        In the clear are their own words; recalled is already what corrections among them name.
        """
        clear = {**clear, **self._open(batch)}
        needed = {each.fact.corrects for each in batch if each.fact.is_correction}
        while True:
            kept, retold = self._part(batch, clear, needed)
            more = {each.fact.key for each, said in retold if self._needs(each, said)}
            if not more:
                break
            needed |= more
            self._courses = self._begin()
        every = self._recalled_by(kept, recalled)
        moves = {s: len(rows) - len(recalled.get(s, ())) for s, rows in every.items()}
        return Settled(
            [self._move(each, moves) for each in kept],
            [(each, self._move_saying(each.stream, said, moves)) for each, said in retold],
            every,
        )

    def _begin(self) -> "dict[Stream, _Course]":
        return {stream: _Course(stream, told) for stream, told in self._histories.items()}

    def _part(
        self, batch: Sequence[Given], clear: Clear, needed: Collection[FactKey]
    ) -> tuple[list[Given], list[tuple[Given, Saying]]]:
        """Return what tells anything new, or is needed, and the rest with what says it already."""
        kept, retold = list[Given](), list[tuple[Given, Saying]]()
        for each in batch:
            course = self._course(each.stream)
            given = each._replace(event=course.count(each.event))
            said = None
            if given.fact.key not in needed:
                said = course.said_already(given, self._now, clear)
            if said:
                retold.append((given, said))
            else:
                course.take(given, self._now)
                kept.append(given)
        return kept, retold

    def _needs(self, given: Given, said: Saying) -> bool:
        """Tell whether what comes later in a batch makes a fact of it tell something after all."""
        if given.fact.is_correction:
            return False
        course = self._course(given.stream)
        return course.needs(said.version, given.fact.time, self._now) is not None

    def _open(self, batch: Iterable[Given]) -> Clear:
        """Return the words of earlier facts that may say what those of a batch say."""
        wanted = {
            commitment
            for each in batch
            for said in self._course(each.stream).like(each)
            for commitment in sealed_in(said.event)
        }
        opened = words.open_all(self._context, wanted).words if wanted else {}
        return {commitment: word.text for commitment, word in opened.items()}

    def _recalled_by(
        self, kept: Iterable[Given], recalled: Mapping[Stream, Sequence[Recalled]]
    ) -> dict[Stream, list[Recalled]]:
        """Return what must stand after all, beside what is recalled already."""
        found = {stream: list(rows) for stream, rows in recalled.items()}
        known = {each.told for rows in found.values() for each in rows}
        for told in self._context.store.retold_in({each.stream for each in kept}):
            course = self._course(Stream(told.stream))
            if told not in known and (said := course.needs(told.version, told.time, self._now)):
                found.setdefault(Stream(told.stream), []).append(Recalled(told, said.event))
        return found

    def _move(self, given: Given, moves: Mapping[Stream, int]) -> Given:
        """Return a fact of the batch; what corrects another of it names its version in the end."""
        event, move = given.event, moves.get(given.stream, 0)
        if isinstance(event, FactCorrected) and event.corrects > self._course(given.stream).came:
            corrects = FactVersion(event.corrects + move)
            return given._replace(event=dataclasses.replace(event, corrects=corrects))
        return given

    def _move_saying(self, stream: Stream, said: Saying, moves: Mapping[Stream, int]) -> Saying:
        move = moves.get(stream, 0) if said.version > self._course(stream).came else 0
        return said._replace(version=said.version + move)

    def _course(self, stream: Stream) -> "_Course":
        return self._courses.setdefault(stream, _Course(stream, ()))


class _Course:
    """One stream, and what becomes of it by the facts of a batch."""

    def __init__(self, stream: Stream, history: Sequence[Recorded]) -> None:
        self.came = self._version = history[-1].entry.streamversion if history else 0
        self._law = unit if stream.startswith("unit-") else member
        self._state = self._law.fold(history)
        self._standing = standing_in(history)
        self._origins = origins_in(history)
        self._counted = 0  # of the batch, but for corrections
        self._places: dict[int, int] = {}  # where each of these stands, if it is appended
        self._since: datetime | None = None  # from when on the batch tells anything

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
        plain = content_of(fact_told_by(given.event), {})
        for each in self._standing.values():
            if each.source == given.fact.source and content_of(each.event, {}) == plain:
                yield each

    def said_already(self, given: Given, now: datetime, clear: Clear) -> Saying | None:
        """Return what says all that a fact tells, if it tells nothing new."""
        event, time = timelines.fact_of(given.event, given.fact.time)
        said = [each for each in self.like(given) if say_the_same(each.event, event, clear)]
        if isinstance(given.event, FactCorrected):
            stands = self._standing.get(given.event.corrects)
            return stands if stands in said and stands.time == time else None
        before = [each for each in said if each.time <= time]
        last = max(before, key=lambda each: (each.time, each.version), default=None)
        told = Telling(self._version + 1, time, now)
        return last if last and tells_nothing_new(self._state, last.event, told) else None

    def take(self, given: Given, now: datetime) -> None:
        """Append a fact."""
        self._version += 1
        told = Telling(self._version, given.fact.time, now)
        self._state = timelines.after(self._state, given.event, told, self._law.marks_of)
        event, time = timelines.fact_of(given.event, given.fact.time)
        origin, times = self._version, [time, self._since]
        if isinstance(given.event, FactCorrected):
            origin = self._origins[self._version] = given.event.corrects
            gone = self._standing.pop(origin, None)
            times.append(gone and gone.time)
        else:
            self._places[self._counted] = self._version
        if not isinstance(event, FactCorrected):
            self._standing[origin] = Saying(event, time, given.fact.source, self._version, now)
        self._since = min(each for each in times if each)

    def needs(self, version: int, time: datetime, now: datetime) -> Saying | None:
        """Return what told nothing new, by what says it, if it tells something by now; it is told.

        What corrected that has corrected it as well, and may have taken it away.
        """
        said = self._standing.get(self._origins.get(version, version))
        if said is None or self._since is None or time < max(self._since, said.time):
            return None
        told = Telling(self.came, time, now)
        if tells_nothing_new(self._state, said.event, told):
            return None
        self._state = timelines.after(self._state, said.event, told, self._law.marks_of)
        return said


def rows_of(settled: Settled, principal: str, digests: Digests) -> tuple[Retold, ...]:
    """Return what is to be remembered of what tells nothing new."""
    return tuple(
        Retold(
            source=fact.source,
            id=fact.id,
            stream=stream,
            version=said.version,
            type=fact.cls.definition.type,
            time=fact.time,
            recorded_at=said.recorded_at,
            principal=principal,
            request_digest=digests[fact.index],
        )
        for (fact, stream, _), said in settled.retold
    )
