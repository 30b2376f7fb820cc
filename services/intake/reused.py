"""A number of somebody who left: given to somebody else, it would tell of the wrong person.

It is asked of all that is told, by the log and within the batch, whichever of both comes first: a
leaving told late makes somebody else of whoever was enrolled after it. Of units likewise.
"""

import itertools
import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.roster import (
    MemberEnrolled,
    MemberLeft,
    UnitDissolved,
    UnitFormed,
    UnitRenamed,
)
from events.domain.organisation.corrections import standing_facts
from events.identifiers import Stream
from services.context import Context
from services.intake.budget import Budget
from services.intake.refusals import NumberReused
from services.intake.renumbering import names_differ, told_in
from services.intake.translation import Fact

_FOUNDING: tuple[type[Event], ...] = (MemberEnrolled, UnitFormed)
_ENDING: tuple[type[Event], ...] = (MemberLeft, UnitDissolved)
_COURSE: tuple[type[Event], ...] = (*_FOUNDING, *_ENDING, UnitRenamed)
_OF_THIS_BATCH = 10**9  # beyond any version


class _Said(NamedTuple):
    """That somebody was there, was gone, or is called otherwise, since when."""

    since: datetime
    is_end: bool  # of one moment the end comes last: who is there by it may be somebody else
    order: int
    cls: type[Event]
    name: str | None  # none of an end, and where it was erased


class SamePeople:
    """Whether nobody comes under the number of somebody of another name who had left by then.

    Only streams that tell of a leaving are read: whoever tells everybody again every night asks
    once for all of them.
    """

    def __init__(
        self,
        context: Context,
        budget: Budget,
        facts: Iterable[Fact],
        subjects: Mapping[int, Stream],
    ) -> None:
        """Read what was told of them.

        Raises:
            TooMuchHistory: it was too often for this sender.
        """
        self._context = context
        self._told = defaultdict[Stream, list[Fact]](list)
        for fact in facts:
            if fact.cls in _COURSE:
                self._told[subjects[fact.index]].append(fact)
        told = self._told.items()
        left = {s for s, batch in told if any(fact.cls in _ENDING for fact in batch)}
        for cls in _ENDING:
            left |= context.store.streams_with(self._told, cls.definition.type)
        read = context.store.read_streams(left) if left else {}
        self._histories = {stream: read.get(stream, ()) for stream in sorted(left)}
        self._seen = {s: budget.seen(s, history) for s, history in self._histories.items()}
        for stream, seen in self._seen.items():
            batch = self._told[stream]
            if any(fact.cls in _ENDING for fact in batch) or any(
                isinstance(each.event, _ENDING) for each in seen
            ):  # else it is read for what the sender does not see
                budget.spend(len(batch))
                budget.read(stream, self._histories[stream])

    def require_by_what_is_seen(self) -> None:
        """Raise NumberReused by what the sender sees."""
        for stream, history in self._seen.items():
            _require_same(self._context, self._told[stream], history)

    def require(self) -> None:
        """Raise NumberReused by all that is told."""
        for stream, history in self._histories.items():
            if len(history) > len(self._seen[stream]):
                _require_same(self._context, self._told[stream], history)


def _require_same(context: Context, batch: Sequence[Fact], history: Sequence[Recorded]) -> None:
    before = list(_said_in(context, history))
    here = {_OF_THIS_BATCH + fact.index: fact for fact in batch}
    said = sorted(
        [*before, *(_saying(o, f.cls, f.time, f.values.get("name")) for o, f in here.items())]
    )
    known = {each.order for each in _others(sorted(before))}
    for each in _others(said):
        if each.order in here:
            raise NumberReused(
                "somebody of another name had this number and left: if they came back, correct the "
                "name that was told first; if the number is somebody else's now, correct it in the "
                "facts that gave it to who left, then send this again",
                index=here[each.order].index,
            )
        if each.order not in known:
            ends = (e for e in said if e.is_end and e.order in here and e.since <= each.since)
            raise NumberReused(
                "after this somebody of another name came under the number: if it is one person, "
                "correct the name; if not, take away what was told of the newcomer, correct the "
                "number of who left, and tell both again",
                index=min(here[e.order].index for e in ends),
            )


def _others(said: Sequence[_Said]) -> Iterator[_Said]:
    """Iterate over who came under another name than that of whoever was gone by then."""
    name, gone = None, False  # of whom was there last, and whether they were gone
    for _, moment in itertools.groupby(said, key=operator.attrgetter("since")):
        here = list(moment)
        # Of one moment what founds comes first: a renaming is of whom it founded.
        founders = [each for each in here if each.cls in _FOUNDING]
        named = [each for each in founders if each.name is not None]
        for each in founders:
            was_gone = here[-1].is_end if len(here) > 1 else gone
            before = next((e.name for e in reversed(named) if e.order != each.order), name)
            if was_gone and names_differ(before, each.name):
                yield each
        name = next((each.name for each in reversed(here) if each.name is not None), name)
        gone = here[-1].is_end


def _said_in(context: Context, history: Sequence[Recorded]) -> Iterator[_Said]:
    """Iterate over what stands of a stream."""
    called = told_in(context, tuple(history))
    for version, (event, since) in standing_facts(history).items():
        if isinstance(event, _COURSE):
            name = event.name if isinstance(event, UnitRenamed) else None
            found = called.get(version)
            yield _saying(version, type(event), since, found.name if found else name)


def _saying(order: int, cls: type[Event], since: datetime, name: str | None) -> _Said:
    return _Said(since, cls in _ENDING, order, cls, name)
