"""How the state of a member or unit is kept: marks on a few timelines.

A fact sets marks: on the timeline `unit` the value of the new unit, since the fact's time. What
holds is each timeline's last mark by time, so a fact told late falls into its place, and of those
that correct a fact the last made takes away exactly its marks. Nothing is refused here, so `evolve`
is defined on every subsequence of a stream.

Told again is not anew: what holds, holds since the first of the marks that say the same. Nor is
arrival a fact. Of what is told of one moment, whatever founds its subject comes before what changes
it; and where something ended and began at one moment, what was there before says which came first:
what went on ended and began anew, what did not began and ended (decision 0065).

It is over 300 lines, for what a mark is, in which order marks hold and which go is read together.

What is told ahead waits beside what holds, until a fact of ours says that its day has come: no fold
knows a clock (decision 0066).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.roster import FactCorrected, FactTookEffect
from events.domain.documents.working_days import local_day
from events.domain.organisation.corrections import Correction

BREAK_MAX = timedelta(days=1)  # who is back so soon was never away: feeds write transfers so
EVER = "ever "  # begins timelines of what was told at all: no correction takes that away
AHEAD_MAX = timedelta(minutes=5)  # what is told later than this before its time waits for it
AS_TOLD = datetime.min.replace(tzinfo=UTC)  # a moment by which nothing that waits has come

MarksOf = Callable[[Event], Iterable[tuple[str, str | None]]]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """From `since` on, a timeline has `value`; None when what was there ended."""

    since: datetime
    version: int  # of the fact in its stream that set it
    value: str | None
    founding: bool = False  # set by a fact that founds its subject
    foretold: datetime | None = None  # when it was told, if ahead of its time


Kept = dict[str, tuple[Mark, ...]]  # the marks of each timeline
Named = tuple[str, Mark]  # a mark with its timeline
EndsOf = Callable[[str], "Sequence[End]"]  # when everything ended that went on in a timeline


class End(NamedTuple):
    """A time at which everything ended that went on."""

    at: datetime
    takes_all: bool  # also what began at that very time


NEVER: Sequence[End] = ()


def never_ends(_timeline: str) -> Sequence[End]:
    """Return no end, of any timeline."""
    return NEVER


class Ahead(msgspec.Struct, frozen=True):
    """Facts that were told ahead of one time, and wait for it."""

    since: datetime
    versions: tuple[int, ...]  # in the stream


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything told about one member or unit, as far as `version` of its stream."""

    version: int = 0
    timelines: Kept = {}  # by time, founding ones first, then by version
    waiting: Kept = {}  # likewise, of what was told ahead
    corrected: dict[str, Correction] = {}  # which holds of each fact, by its version as JSON has it
    told_at: datetime = AS_TOLD  # when its version was recorded, unless it was told alone
    together: tuple[tuple[int, int], ...] = ()  # from which version to which was told at once

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        """Return which facts wait, by the times for which they do."""
        versions = defaultdict[datetime, set[int]](set)
        for mark in (each for marks in self.waiting.values() for each in marks):
            versions[mark.since].add(mark.version)
        return tuple(Ahead(at, tuple(sorted(versions[at]))) for at in sorted(versions))

    @property
    def waits_until(self) -> datetime | None:
        """Return when the first of what waits comes to hold."""
        return min((e.since for marks in self.waiting.values() for e in marks), default=None)

    def with_all_ahead(self) -> "State":
        """Return what will hold, by all that was told, once nothing waits any more."""
        return self.with_ahead(lambda _name, _mark: True)

    def with_due(self, now: datetime) -> "State":
        """Return what holds at a moment, be it not yet told that the day came of what waited."""
        return self.with_ahead(lambda _name, mark: mark.since <= now)

    def with_ahead(self, comes: Callable[[str, Mark], bool]) -> "State":
        """Return what will hold, once some of the marks that wait do so no more."""
        came = [each for each in _every_mark(self.waiting) if comes(*each)]
        if not came:
            return self
        waiting = where(self.waiting, lambda name, mark: not comes(name, mark))
        timelines = _add_marks(self.timelines, came)
        return msgspec.structs.replace(self, timelines=timelines, waiting=waiting)

    def first_beside(self, version: int) -> int:
        """Return the first version that was told at once with one: arrival orders none of these."""
        place = bisect_right(self.together, version, key=lambda each: each[0])
        begun = self.together[place - 1 : place] if place else ()
        return next((first for first, last in begun if version <= last), version)

    def correction_of(self, version: int) -> Correction | None:
        """Return which correction holds of what a fact told."""
        return self.corrected.get(f"{version}")

    def marks(self, timeline: str, *, ends: Sequence[End] = NEVER) -> tuple[Mark, ...]:
        """Return the marks of a timeline in the order in which they hold; ends are marks too."""
        return _settle(self.timelines.get(timeline, ()), ends)

    def last(self, timeline: str, *, ends: Sequence[End] = NEVER) -> Mark | None:
        """Return what holds on a timeline and since when, or None when nothing was ever told."""
        marks = self.marks(timeline, ends=ends)
        return _from_beginning(marks, lambda each: each.value == marks[-1].value) if marks else None

    def value(self, timeline: str) -> str | None:
        marks = self.marks(timeline)
        return marks[-1].value if marks else None

    def until(self, when: datetime) -> "State":
        """Return what held at a time, by all that was told of it, be it later."""
        if all(marks[-1].since <= when for marks in self.timelines.values() if marks):
            return self
        held = {
            name: marks[: bisect_right(marks, when, key=lambda mark: mark.since)]
            for name, marks in self.timelines.items()
        }
        marks = {name: marks for name, marks in held.items() if marks}
        return msgspec.structs.replace(self, timelines=marks)

    def open_marks(
        self, prefix: str, *, ends_of: EndsOf = never_ends
    ) -> Iterator[tuple[str, Mark]]:
        """Iterate, sorted by name, over what goes on in the timelines under `prefix`.

        Each since it began, whatever was told of it meanwhile. The names come without the prefix.
        """
        for name in sorted(self.timelines):
            marks = self.marks(name, ends=ends_of(name)) if name.startswith(prefix) else ()
            if marks and marks[-1].value is not None:
                yield (
                    name.removeprefix(prefix),
                    _from_beginning(marks, lambda each: each.value is not None),
                )

    def spells(
        self, timeline: str, *, ends: Sequence[End] = NEVER
    ) -> Iterator[tuple[datetime, datetime | None]]:
        """Iterate over from when until when something went on; until None where it still does."""
        since: datetime | None = None
        for mark in self.marks(timeline, ends=ends):
            if mark.value is not None:
                since = since or mark.since
            elif since:
                yield since, mark.since
                since = None
        if since:
            yield since, None

    def goes_on_since(self, timeline: str) -> datetime | None:
        """Return since when something goes on, short breaks or none; None where it does not."""
        since = ended = None
        for begun, until in self.spells(timeline):
            since = since if since and ended and is_short_break(ended, begun) else begun
            ended = until
        return None if ended else since


EMPTY = State()


def evolve(state: State, recorded: Recorded | Sequenced, marks_of: MarksOf) -> State:
    """Return the state after one fact more. A fact that it knows already changes nothing."""
    entry = recorded.entry
    if entry.streamversion <= state.version:
        return state
    alone = entry.correlationid is UNSET
    told = Telling(entry.streamversion, entry.time, entry.recordedat, entry.id, alone=alone)
    return after(state, recorded.event, told, marks_of)


class Telling(NamedTuple):
    """How a fact was told, or would be: as which of its stream, for which time, when, by what."""

    version: int
    time: datetime
    recorded_at: datetime
    id: str = ""  # of the event, where it may be a correction
    alone: bool = False  # by no request that told others with it, such as what one recalled


def after(state: State, event: Event, told: Telling, marks_of: MarksOf) -> State:
    """Return the state after what was told, or would be."""
    match event:
        case FactTookEffect(versions=versions):
            then = state.with_ahead(lambda _name, mark: mark.version in versions)
        case FactCorrected():
            then = _correct(state, event, told, marks_of)
        case _:
            then = _with_marks(state, _marks(event, told, marks_of), told)
    together = _with_last(state, told)
    told_at = AS_TOLD if told.alone else told.recorded_at
    return msgspec.structs.replace(then, version=told.version, told_at=told_at, together=together)


def _with_last(state: State, told: Telling) -> tuple[tuple[int, int], ...]:
    """Return which versions were told at once, with the one told last."""
    if told.alone or told.recorded_at != state.told_at:
        return state.together
    first = state.first_beside(state.version)
    before = state.together[:-1] if first < state.version else state.together
    return (*before, (first, told.version))


def _correct(state: State, event: FactCorrected, told: Telling, marks_of: MarksOf) -> State:
    """Return the state after a correction, which tells nothing if a later one was told before."""
    version, fact = event.corrects, event.fact
    made, before = Correction(told.time, told.id), state.correction_of(version)
    corrected = {**state.corrected, f"{version}": made.beside(before)}
    if made.is_after(before):
        others = partial(where, holds=lambda _name, mark: mark.version != version)
        ever = {name: marks for name, marks in state.timelines.items() if name.startswith(EVER)}
        kept = others(state.timelines) | ever
        state = msgspec.structs.replace(state, timelines=kept, waiting=others(state.waiting))
    state = msgspec.structs.replace(state, corrected=corrected)
    if not fact or not made.is_after(before):
        return state
    instead = Telling(version, fact.time, told.recorded_at)
    return _with_marks(state, _marks(CATALOGUE.open(fact), instead, marks_of), instead)


def is_short_break(ended: datetime, begun: datetime) -> bool:
    """Tell whether what ended began again on the same day or the next."""
    return local_day(begun) - local_day(ended) <= BREAK_MAX


def is_ahead(time: datetime, recorded_at: datetime) -> bool:
    """Tell whether a fact waits for its time: the sender's clock may be ahead of ours a little."""
    return time > recorded_at + AHEAD_MAX


def fold(history: Iterable[Recorded], marks_of: MarksOf) -> State:
    """Return the state that a history, in the order of its versions, comes to."""
    state = EMPTY
    for recorded in history:
        state = evolve(state, recorded, marks_of)
    return state


def _marks(event: Event, told: Telling, marks_of: MarksOf) -> list[Named]:
    founding = event.definition.founds is not None
    foretold = told.recorded_at if is_ahead(told.time, told.recorded_at) else None
    return [
        (name, Mark(told.time, told.version, value, founding, foretold))
        for name, value in marks_of(event)
    ]


def _every_mark(timelines: Kept) -> Iterator[Named]:
    """Iterate over all marks, each with its timeline."""
    return ((name, mark) for name, marks in timelines.items() for mark in marks)


def _with_marks(state: State, marks: Iterable[Named], told: Telling) -> State:
    """Return a state with marks added to what holds, or to what waits."""
    if is_ahead(told.time, told.recorded_at):
        return msgspec.structs.replace(state, waiting=_add_marks(state.waiting, marks))
    return msgspec.structs.replace(state, timelines=_add_marks(state.timelines, marks))


def _add_marks(timelines: Kept, marks: Iterable[Named]) -> Kept:
    changed = dict(timelines)
    for name, mark in marks:
        before = changed.get(name, ())
        place = bisect_right(before, _order(mark), key=_order)
        changed[name] = (*before[:place], mark, *before[place:])
    return changed


def where(timelines: Kept, holds: Callable[[str, Mark], bool]) -> Kept:
    """Return of timelines the marks that hold; one without any is left out."""
    kept = {name: tuple(e for e in marks if holds(name, e)) for name, marks in timelines.items()}
    return {name: marks for name, marks in kept.items() if marks}


def _order(mark: Mark) -> tuple[datetime, bool, int]:
    return mark.since, not mark.founding, mark.version


def _settle(marks: tuple[Mark, ...], ends: Sequence[End]) -> tuple[Mark, ...]:
    """Return marks as they hold one after another: of one moment, by what was there before it."""
    if not ends and all(one.since < other.since for one, other in pairwise(marks)):
        return marks  # as nearly always
    told = defaultdict[datetime, list[Mark]](list)
    for mark in marks:
        told[mark.since].append(mark)
    ending = {end.at: end.takes_all for end in ends}
    found: list[Mark] = []
    for at in sorted(told.keys() | ending.keys()):
        closing = [mark for mark in told[at] if mark.value is None]
        opening = _as_first_told([mark for mark in told[at] if mark.value is not None])
        went_on = bool(found) and found[-1].value is not None
        end = [Mark(at, 0, None)] if at in ending else []
        here = [*closing, *opening] if went_on else [*opening, *closing]
        found += [*here, *end] if ending.get(at) else [*end, *here]
    return tuple(found)


def _as_first_told(marks: Sequence[Mark]) -> list[Mark]:
    """Return marks of one moment, each beside the first that says the same: it is not told anew."""
    first = dict[tuple[bool, str | None], int]()
    for mark in marks:
        first.setdefault((mark.founding, mark.value), mark.version)
    return sorted(marks, key=lambda mark: (not mark.founding, first[mark.founding, mark.value]))


def _from_beginning(marks: Sequence[Mark], alike: Callable[[Mark], bool]) -> Mark:
    """Return the last of some marks, since the first of those before it that are alike."""
    last = since = marks[-1]
    for each in reversed(marks):
        if not alike(each):
            break
        since = each
    return last if since is last else msgspec.structs.replace(last, since=since.since)
