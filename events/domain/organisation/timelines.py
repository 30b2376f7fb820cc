"""How the state of a member or unit is kept: marks on a few timelines.

A fact sets marks: on the timeline `unit` the value of the new unit, since the fact's time. What
holds is each timeline's last mark by time, so a fact told late falls into its place, and a
correction takes away exactly the marks of the fact it corrects. Nothing is refused here, so
`evolve` is defined on every subsequence of a stream.

Told again is not anew: what holds, holds since the first of the marks that say the same. Nor is
arrival a fact. Of what is told of one moment, whatever founds its subject comes before what changes
it; and where something ended and began at one moment, what was there before says which came first:
what went on ended and began anew, what did not began and ended (decision 0065).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.roster import FactCorrected

Timelines = Mapping[str, tuple["Mark", ...]]
MarksOf = Callable[[Event], Iterable[tuple[str, str | None]]]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """From `since` on, a timeline has `value`; None when what was there ended."""

    since: datetime
    version: int  # of the fact in its stream that set it
    value: str | None
    founding: bool = False  # set by a fact that founds its subject


class End(NamedTuple):
    """A time at which everything ended that went on."""

    at: datetime
    takes_all: bool  # also what began at that very time


NEVER: Sequence[End] = ()


class State(msgspec.Struct, frozen=True):
    """Everything told about one member or unit, as far as `version` of its stream."""

    version: int = 0
    timelines: dict[str, tuple[Mark, ...]] = {}  # by time, founding ones first, then by version

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
        marks = {
            name: tuple(mark for mark in marks if mark.since <= when)
            for name, marks in self.timelines.items()
        }
        return State(self.version, {name: kept for name, kept in marks.items() if kept})

    def open_marks(self, prefix: str, *, ends: Sequence[End] = NEVER) -> Iterator[tuple[str, Mark]]:
        """Iterate, sorted by name, over what goes on in the timelines under `prefix`.

        Each since it began, whatever was told of it meanwhile. The names come without the prefix.
        """
        for name in sorted(self.timelines):
            marks = self.marks(name, ends=ends) if name.startswith(prefix) else ()
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


EMPTY = State()


def evolve(state: State, recorded: Recorded | Sequenced, marks_of: MarksOf) -> State:
    """Return the state after one fact more. A fact that it knows already changes nothing."""
    entry = recorded.entry
    if entry.streamversion <= state.version:
        return state
    return after(state, recorded.event, entry.streamversion, entry.time, marks_of)


def after(state: State, event: Event, version: int, time: datetime, marks_of: MarksOf) -> State:
    """Return the state after what is told at a version, or would be, and took effect at a time."""
    match event:
        case FactCorrected(corrects=corrected, fact=fact):
            timelines = _remove_version(state.timelines, corrected)
            if fact:
                marks = _marks(CATALOGUE.open(fact), fact.time, corrected, marks_of)
                timelines = _add_marks(timelines, marks)
        case _:
            marks = _marks(event, time, version, marks_of)
            timelines = _add_marks(state.timelines, marks)
    return State(version, timelines)


def fold(history: Iterable[Recorded], marks_of: MarksOf) -> State:
    """Return the state that a history, in the order of its versions, comes to."""
    state = EMPTY
    for recorded in history:
        state = evolve(state, recorded, marks_of)
    return state


def _marks(
    event: Event, since: datetime, version: int, marks_of: MarksOf
) -> list[tuple[str, Mark]]:
    founding = event.definition.founds is not None
    return [(name, Mark(since, version, value, founding)) for name, value in marks_of(event)]


def _add_marks(
    timelines: Timelines, marks: Iterable[tuple[str, Mark]]
) -> dict[str, tuple[Mark, ...]]:
    changed = dict(timelines)
    for timeline, mark in marks:
        before = changed.get(timeline, ())
        in_order = not before or _order(before[-1]) < _order(mark)
        changed[timeline] = (
            (*before, mark) if in_order else tuple(sorted((*before, mark), key=_order))
        )
    return changed


def _remove_version(timelines: Timelines, version: int) -> dict[str, tuple[Mark, ...]]:
    kept = {
        name: tuple(mark for mark in marks if mark.version != version)
        for name, marks in timelines.items()
    }
    return {name: marks for name, marks in kept.items() if marks}


def _order(mark: Mark) -> tuple[datetime, bool, int]:
    return mark.since, not mark.founding, mark.version


def _settle(marks: tuple[Mark, ...], ends: Sequence[End]) -> tuple[Mark, ...]:
    """Return marks as they hold one after another: of one moment, by what was there before it."""
    told = defaultdict[datetime, list[Mark]](list)
    for mark in marks:
        told[mark.since].append(mark)
    if not ends and len(told) == len(marks):
        return marks
    ending = {end.at: end.takes_all for end in ends}
    found: list[Mark] = []
    for at in sorted(told.keys() | ending.keys()):
        closing = [mark for mark in told[at] if mark.value is None]
        opening = [mark for mark in told[at] if mark.value is not None]
        went_on = bool(found) and found[-1].value is not None
        end = [Mark(at, 0, None)] if at in ending else []
        here = [*closing, *opening] if went_on else [*opening, *closing]
        found += [*here, *end] if ending.get(at) else [*end, *here]
    return tuple(found)


def _from_beginning(marks: Sequence[Mark], alike: Callable[[Mark], bool]) -> Mark:
    """Return the last of some marks, since the first of those before it that are alike."""
    last = since = marks[-1]
    for each in reversed(marks):
        if not alike(each):
            break
        since = each
    return last if since is last else msgspec.structs.replace(last, since=since.since)
