"""The tree of units at any moment: what lies below some of them, and who acts for what ended.

A unit that was dissolved is where its successor is as well: whatever it had to do, that one does.
Of the time before anything was told of a unit, what was told first is taken.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from events.domain.organisation import succession
from events.domain.organisation.timelines import Mark, State
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import Stream, UnitId, unit_stream

# Timelines of a unit: where it hangs, whether it goes on, and whether it decides on those below.
PARENT, AUTHORITY = "parent", "authority"
EXISTENCE = frozenset(("existence", "successor"))
_CHANGES = EXISTENCE | {PARENT, AUTHORITY}

Asks = Callable[[datetime], Collection[str] | None]


class Span(NamedTuple):
    """From one moment on until another, or on and on, a timeline had a value."""

    value: str | None
    since: datetime
    until: datetime | None


class Tree:
    """What lies below some units, the roots, by all that is told of each unit."""

    def __init__(self, roots: Collection[str], told_of: Callable[[Stream], State]) -> None:
        self._roots = roots
        self._told_of = told_of

    def holds(self, unit_id: str | None, at: datetime) -> bool:
        """Tell whether a unit lies below at a moment, and with it who acts for whatever ended."""
        return self._ways_up(unit_id, at) is not None

    def holds_throughout(self, span: Span) -> bool:
        """Tell whether the unit that a span names lies below all the while."""
        return self._throughout(span, lambda at: self._ways_up(span.value, at))

    def holds_who_decides(self, span: Span) -> bool:
        """Tell whether the next unit above that decides lies below the roots all the while."""

        def asks(at: datetime) -> Collection[str] | None:
            _, *above = self._upwards(span.value, at)
            decides = (e for e in above if self._of(e).until(at).value(AUTHORITY))
            ways = self._ways_up(next(decides, None), at)
            return ways and ways.union(above)

        return self._throughout(span, asks)

    def _throughout(self, span: Span, asks: Asks) -> bool:
        """Ask at the beginning of a span, and whenever anything changes of the units it tells."""
        asked, waiting = set[datetime](), {span.since}
        while waiting:
            at = waiting.pop()
            asked.add(at)
            units = asks(at)
            if units is None:
                return False
            changed = {mark.since for each in units for mark in self._changes(each)}
            waiting |= {each for each in changed if _is_in(each, span)} - asked
        return True

    def _ways_up(self, unit_id: str | None, at: datetime) -> frozenset[str] | None:
        """Return a unit and those above up to a root, with those of successors; None: outside."""
        found, waiting = frozenset[str](), {unit_id}
        while waiting:
            way = list[str]()
            for each in self._upwards(waiting.pop(), at):
                way.append(each)
                if each in self._roots:
                    break
            else:
                return None
            acting = {succession.successor_in(self._of(each).until(at)) for each in way}
            found |= frozenset(way)
            waiting |= acting - found - {None}
        return found

    def _upwards(self, unit_id: str | None, at: datetime) -> Iterator[str]:
        """Iterate over a unit and those above it at a moment."""
        for _ in range(PATH_MAX):
            if unit_id is None:
                break
            yield unit_id
            state = self._of(unit_id)
            above = next(spans(state, PARENT, at), None)
            successor = succession.successor_in(state.until(at))
            unit_id = successor or (above.value if above else None)

    def _changes(self, unit_id: str) -> Iterator[Mark]:
        told = self._of(unit_id).timelines
        return (mark for name in _CHANGES for mark in told.get(name, ()))

    def _of(self, unit_id: str) -> State:
        return self._told_of(unit_stream(UnitId(unit_id)))


def spans(state: State, timeline: str, since: datetime) -> Iterator[Span]:
    """Iterate over what held on a timeline at a moment, and ever since.

    Where it was told only later, what was told first held before.
    """
    marks = state.marks(timeline)
    first = max((n for n, mark in enumerate(marks) if mark.since <= since), default=0)
    for number, mark in enumerate(marks[first:], start=first):
        begins = since if number == first else mark.since
        until = marks[number + 1].since if number + 1 < len(marks) else None
        if until is None or begins < until:
            yield Span(mark.value, begins, until)


def _is_in(moment: datetime, span: Span) -> bool:
    return span.since < moment and (span.until is None or moment < span.until)
