"""The tree of units at any moment: what lies below some of them, and who acts for what ended.

A unit that was dissolved is where its successor is as well: whatever it had to do, that one does.
Of the time before anything was told of a unit, what was told first is taken.

A sender may have told of a unit thousands of times. So what was told is put in order once, moments
are found in it by halves, and one budget bounds what a request looks at (decision 0078).
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

from events.domain.organisation.timelines import Mark, State
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import Stream, UnitId, unit_stream
from services.intake.budget import Budget

WAY_LOOKS = 10  # what finding a way up costs, in looks

# Timelines of a unit: where it hangs, whether it goes on, and whether it decides on those below.
PARENT, AUTHORITY = "parent", "authority"
_EXISTS, _SUCCESSOR = "existence", "successor"
EXISTENCE = frozenset((_EXISTS, _SUCCESSOR))
_CHANGES = EXISTENCE | {PARENT, AUTHORITY}

AT_LAST = datetime.max.replace(tzinfo=UTC)  # by then all holds that is told

Asks = Callable[[datetime], Collection[str] | None]
_since = attrgetter("since")


class Span(NamedTuple):
    """From one moment on until another, or on and on, a timeline had a value."""

    value: str | None
    since: datetime
    until: datetime | None


class Course:
    """What is told of one unit, in the order in which it holds."""

    def __init__(self, state: State) -> None:
        self._marks = {name: state.marks(name) for name in _CHANGES}
        self._times = sorted({mark.since for marks in self._marks.values() for mark in marks})

    def value(self, timeline: str, at: datetime) -> str | None:
        """Return what held at a moment."""
        marks = self._marks[timeline]
        place = bisect_right(marks, at, key=_since)
        return marks[place - 1].value if place else None

    def parent(self, at: datetime) -> str | None:
        """Return under what it hung at a moment."""
        marks = self._marks[PARENT]
        return marks[_place(marks, at)].value if marks else None

    def successor(self, at: datetime) -> str | None:
        """Return who acted for it at a moment, if it was dissolved then."""
        was_told = self._marks[_EXISTS] and self._marks[_EXISTS][0].since <= at
        is_dissolved = was_told and self.value(_EXISTS, at) is None
        return self.value(_SUCCESSOR, at) if is_dissolved else None

    def next_change(self, at: datetime) -> datetime | None:
        """Return when anything changes of it for the next time; None: never more."""
        place = bisect_right(self._times, at)
        return self._times[place] if place < len(self._times) else None

    def last_change(self, at: datetime) -> datetime | None:
        """Return when anything changed of it for the last time by a moment; None: never."""
        place = bisect_right(self._times, at)
        return self._times[place - 1] if place else None


class Tree:
    """What lies below some units, the roots, by all that is told of each unit."""

    def __init__(
        self, roots: Collection[str], told_of: Callable[[Stream], State], budget: Budget
    ) -> None:
        self._roots = roots
        self._told_of = told_of
        self._budget = budget
        self._own = dict[str, Course]()
        self._courses = dict[str, Course]()
        self._ways = dict[tuple[str | None, datetime], frozenset[str] | None]()

    def with_unit(self, unit_id: str, state: State) -> "Tree":
        """Return the tree in which something else is told of one unit."""
        tree = Tree(self._roots, self._told_of, self._budget)
        tree._own[unit_id] = self._course(state)
        tree._courses = self._courses
        return tree

    def holds(self, unit_id: str | None, at: datetime) -> bool:
        """Tell whether a unit lies below at a moment, and with it who acts for whatever ended."""
        return self._ways_up(unit_id, at) is not None

    def holds_throughout(self, span: Span) -> bool:
        """Tell whether the unit that a span names lies below all the while."""
        return self._throughout(span, lambda at: self._ways_up(span.value, at))

    def holds_who_decides(self, span: Span) -> bool:
        """Tell whether the next unit above that decides lies below the roots all the while."""

        def asks(at: datetime) -> Collection[str] | None:
            below, *above = self._upwards(span.value, at)
            decides = (each for each in above if self._of(each).value(AUTHORITY, at))
            ways = self._ways_up(next(decides, None), at)
            return ways and ways.union(above, (below,))

        return self._throughout(span, asks)

    def holds_since(
        self, whereabouts: Sequence[Span], spend: Callable[[int], None]
    ) -> datetime | None:
        """Return since when units, one after another, lie below without a break; None: not at last.

        What is outside is looked at no further than that it is, and spends nothing: how much of it
        there is must not be told.
        """
        held: datetime | None = None
        for span in reversed(whereabouts):
            at = span.until - datetime.resolution if span.until else AT_LAST
            while True:
                units = self._ways_up(span.value, at)
                if units is None:
                    return held
                spend(len(units))
                changes = [self._of(each).last_change(at) for each in units]
                held = max((each for each in changes if each), default=span.since)
                if held <= span.since:
                    held = span.since
                    break
                at = held - datetime.resolution
        return held

    def _throughout(self, span: Span, asks: Asks) -> bool:
        """Ask at the beginning of a span, and whenever anything changes of the units it tells."""
        at: datetime | None = span.since
        while at and (at == span.since or span.until is None or at < span.until):
            units = asks(at)
            if units is None:
                return False
            self._budget.spend(len(units))
            changes = [self._of(each).next_change(at) for each in units]
            at = min((each for each in changes if each), default=None)
        return True

    def _ways_up(self, unit_id: str | None, at: datetime) -> frozenset[str] | None:
        """Return a unit and those above up to a root, with those of successors; None: outside."""
        self._budget.spend(1)
        if (unit_id, at) not in self._ways:
            self._budget.spend(WAY_LOOKS)
            self._ways[unit_id, at] = self._find_ways_up(unit_id, at)
        return self._ways[unit_id, at]

    def _find_ways_up(self, unit_id: str | None, at: datetime) -> frozenset[str] | None:
        found, waiting = frozenset[str](), {unit_id}
        while waiting:
            way = list[str]()
            for each in self._upwards(waiting.pop(), at):
                way.append(each)
                if each in self._roots:
                    break
            else:
                return None
            acting = {self._of(each).successor(at) for each in way}
            found |= frozenset(way)
            waiting |= acting - found - {None}
        return found

    def _upwards(self, unit_id: str | None, at: datetime) -> Iterator[str]:
        """Iterate over a unit and those above it at a moment."""
        for _ in range(PATH_MAX):
            if unit_id is None:
                break
            yield unit_id
            told = self._of(unit_id)
            unit_id = told.successor(at) or told.parent(at)

    def _of(self, unit_id: str) -> Course:
        if unit_id in self._own:
            return self._own[unit_id]
        if unit_id not in self._courses:
            self._courses[unit_id] = self._course(self._told_of(unit_stream(UnitId(unit_id))))
        return self._courses[unit_id]

    def _course(self, state: State) -> Course:
        self._budget.spend(sum(len(state.timelines.get(name, ())) for name in _CHANGES))
        return Course(state)


def spans(state: State, timeline: str, since: datetime) -> Iterator[Span]:
    """Iterate over what held on a timeline at a moment, and ever since.

    Where it was told only later, what was told first held before.
    """
    marks = state.marks(timeline)
    first = _place(marks, since)
    for number, mark in enumerate(marks[first:], start=first):
        begins = since if number == first else mark.since
        until = marks[number + 1].since if number + 1 < len(marks) else None
        if until is None or begins < until:
            yield Span(mark.value, begins, until)


def _place(marks: Sequence[Mark], at: datetime) -> int:
    """Return which of some marks holds at a moment: before all of them, the first."""
    return max(bisect_right(marks, at, key=_since) - 1, 0)
