"""How the state of a member or unit is kept: marks on a few timelines.

A fact sets marks: on the timeline `unit` the value of the new unit, since the fact's time. What
holds is each timeline's last mark by time, so a fact told late falls into its place, and a
correction takes away exactly the marks of the fact it corrects. Nothing is refused here, so
`evolve` is defined on every subsequence of a stream.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

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
    version: int  # of the fact in its stream that set it; the later fact wins at the same time
    value: str | None


class State(msgspec.Struct, frozen=True):
    """Everything told about one member or unit, as far as `version` of its stream."""

    version: int = 0
    timelines: dict[str, tuple[Mark, ...]] = {}

    def last(self, timeline: str) -> Mark | None:
        """Return what holds on a timeline, or None when nothing was ever told."""
        marks = self.timelines.get(timeline)
        return marks[-1] if marks else None

    def value(self, timeline: str) -> str | None:
        mark = self.last(timeline)
        return mark.value if mark else None

    def until(self, when: datetime) -> "State":
        """Return what held at a time, by all that was told of it, be it later."""
        marks = {
            name: tuple(mark for mark in marks if mark.since <= when)
            for name, marks in self.timelines.items()
        }
        return State(self.version, {name: kept for name, kept in marks.items() if kept})

    def open_marks(
        self, prefix: str, *, after: datetime | None = None
    ) -> Iterator[tuple[str, Mark]]:
        """Iterate, sorted by name, over what goes on in the timelines under `prefix`.

        With `after`, over what began later than that; the names come without the prefix.
        """
        for name in sorted(self.timelines):
            mark = self.timelines[name][-1]
            begun = after is None or mark.since > after
            if name.startswith(prefix) and mark.value is not None and begun:
                yield name.removeprefix(prefix), mark


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
                marks = marks_of(CATALOGUE.open(fact))
                timelines = _add_marks(timelines, marks, fact.time, corrected)
        case _:
            timelines = _add_marks(state.timelines, marks_of(event), time, version)
    return State(version, timelines)


def fold(history: Iterable[Recorded], marks_of: MarksOf) -> State:
    """Return the state that a history, in the order of its versions, comes to."""
    state = EMPTY
    for recorded in history:
        state = evolve(state, recorded, marks_of)
    return state


def _add_marks(
    timelines: Timelines,
    marks: Iterable[tuple[str, str | None]],
    since: datetime,
    version: int,
) -> dict[str, tuple[Mark, ...]]:
    changed = dict(timelines)
    for timeline, value in marks:
        before = changed.get(timeline, ())
        after = (*before, Mark(since, version, value))
        in_order = not before or (before[-1].since, before[-1].version) < (since, version)
        changed[timeline] = after if in_order else tuple(sorted(after, key=_order))
    return changed


def _remove_version(timelines: Timelines, version: int) -> dict[str, tuple[Mark, ...]]:
    kept = {
        name: tuple(mark for mark in marks if mark.version != version)
        for name, marks in timelines.items()
    }
    return {name: marks for name, marks in kept.items() if marks}


def _order(mark: Mark) -> tuple[datetime, int]:
    return mark.since, mark.version
