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
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event, FactVersion
from events.definitions.roster import FactCorrected
from events.domain.organisation.corrections import Correction
from events.identifiers import Stream
from events.store.batch import Retold
from services.access import words
from services.context import Context
from services.intake.budget import Budget
from services.intake.course import Course, Given
from services.intake.repeats import Digests
from services.intake.sayings import (
    Clear,
    Saying,
    sealed_in,
)
from services.intake.translation import FactKey


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
        self,
        context: Context,
        budget: Budget,
        histories: Mapping[Stream, Sequence[Recorded]],
        *,
        now: datetime,
    ) -> None:
        """Begin with the streams as they are, and with what corrections recall of them."""
        self._context = context
        self._budget = budget
        self._histories = histories
        self._now = now
        self._hidden: dict[Stream, int] = {}  # how much of each the sender does not see
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
            every = self._recalled_by(kept, recalled)  # may make matter what is told again here
            more = {each.fact.key for each, said in retold if self._needs(each, said)}
            if not more:
                break
            needed |= more
            self._courses = self._begin()
        moves = {s: len(rows) - len(recalled.get(s, ())) for s, rows in every.items()}
        return Settled(
            [self._move(each, moves) for each in kept],
            [(each, self._move_saying(each.stream, said, moves)) for each, said in retold],
            every,
        )

    def _begin(self) -> dict[Stream, Course]:
        courses = dict[Stream, Course]()
        for stream, told in self._histories.items():
            seen = {each.entry.streamversion for each in self._budget.read(stream, told)}
            course = courses[stream] = Course(stream, told)
            hidden = {each.entry.streamversion for each in told} - seen
            self._hidden[stream] = course.size_of(hidden) if hidden else 0
        return courses

    def _part(
        self, batch: Sequence[Given], clear: Clear, needed: Collection[FactKey]
    ) -> tuple[list[Given], list[tuple[Given, Saying]]]:
        """Return what tells anything new, or is needed, and the rest with what says it already."""
        kept, retold = list[Given](), list[tuple[Given, Saying]]()
        for each in batch:
            course = self._course(each.stream)
            self._spend(each.stream)
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
        wanted = set[str]()
        for each in batch:
            self._spend(each.stream)
            for said in self._course(each.stream).like(each):
                wanted.update(sealed_in(said.event))
        opened = words.open_all(self._context, wanted).words if wanted else {}
        return {commitment: word.text for commitment, word in opened.items()}

    def _spend(self, stream: Stream) -> None:
        """Spend what looking at all costs that stands of a stream, as far as the sender sees it."""
        self._budget.spend(max(0, self._course(stream).size - self._hidden.get(stream, 0)))

    def _recalled_by(
        self, kept: Iterable[Given], recalled: Mapping[Stream, Sequence[Recalled]]
    ) -> dict[Stream, list[Recalled]]:
        """Return what must stand after all, beside what is recalled already."""
        found = {stream: list(rows) for stream, rows in recalled.items()}
        known = {each.told for rows in found.values() for each in rows}
        retold = self._context.store.retold_in({each.stream for each in kept})
        corrections = [each for each in retold if each.type == FactCorrected.definition.type]
        for told in sorted(corrections, key=_made_by, reverse=True):  # the last made alone may hold
            if event := self._course(Stream(told.stream)).correct_again(told, self._now):
                found.setdefault(Stream(told.stream), []).append(Recalled(told, event))
        for told in retold:
            if told in known or told in corrections:
                continue
            if said := self._course(Stream(told.stream)).needs(told.version, told.time, self._now):
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

    def _course(self, stream: Stream) -> Course:
        if stream not in self._courses:
            self._courses[stream] = Course(stream, ())
        return self._courses[stream]


def _made_by(told: Retold) -> tuple[Any, ...]:
    return Correction(told.time, told.id).order


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
