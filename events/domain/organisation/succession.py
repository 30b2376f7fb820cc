"""Who acts for a unit that was dissolved: its successor, in everything that it had to do.

What hangs below it is where its successor is, and so is whoever was left in it.

What is pinned stays pinned. Who acts for it follows from what was told of the units, at the moment
when somebody acts: a dissolution told later takes nothing back.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self, TypeVar

import msgspec
from msgspec import UNSET

from events.definitions.entry import Recorded
from events.domain.aggregate import folding
from events.domain.organisation import timelines, unit
from events.domain.organisation.timelines import AS_TOLD
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import Stream, UnitId, unit_stream

SUCCESSIONS_MAX = 20  # one after another

Successors = Mapping[UnitId, UnitId]  # of dissolved units, as told of each
Read = Callable[[Stream], Iterable[Recorded]]


class Succession(msgspec.Struct, frozen=True):
    """It was told who succeeded a unit."""

    unit_id: UnitId
    successor_id: UnitId | None  # nobody: it was not dissolved after all, or formed anew
    after: int  # the version of the stream, as far as it was told by then


class WithSuccessions(folding.Folded, frozen=True):
    """What is told in one stream, and what was told meanwhile of the units that act in it."""

    successions: tuple[Succession, ...] = ()  # of other streams: no fold of this one has any

    def with_successor(self, unit_id: UnitId, successor_id: UnitId | None) -> Self:
        """Return the state after it was told, now, who succeeded a unit, or that nobody did."""
        if self._successors(self.version + 1).get(unit_id) == successor_id:
            return self
        told = Succession(unit_id, successor_id, self.version)
        return msgspec.structs.replace(self, successions=(*self.successions, told))

    def acting_units(
        self, units: Iterable[UnitId], *, of: str = "", before: int | None = None
    ) -> tuple[UnitId, ...]:
        """Return who acts for each of some units: now, or when a fact of this stream was told.

        A unit whose own stream this is (`of`) stays who it is, and acts for none of the others.
        """
        told = self._successors(self.version + 1 if before is None else before)
        found = ((each, acting_unit(each, told)) for each in units)
        return tuple(each if of in (each, by) else by for each, by in found)

    def _successors(self, before: int) -> dict[UnitId, UnitId]:
        last = {each.unit_id: each.successor_id for each in self.successions if each.after < before}
        return {unit_id: successor for unit_id, successor in last.items() if successor}


S = TypeVar("S", bound=WithSuccessions)


def after_units(state: S, units: Iterable[UnitId], read: Read, *, now: datetime = AS_TOLD) -> S:
    """Return a state after all that the streams of some units, and of their successors, tell.

    What was told ahead of `now` holds, be it not yet told that its day came.
    """
    for unit_id, successor_id in successors(units, read, now=now).items():
        state = state.with_successor(unit_id, successor_id)
    return state


def successors(
    units: Iterable[UnitId], read: Read, *, now: datetime = AS_TOLD
) -> dict[UnitId, UnitId]:
    """Return what `successors_of` does, of units as their streams tell.

    What was told ahead of `now` holds, be it not yet told that its day came.
    """
    return successors_of(
        units, lambda each: successor_in(unit.fold(read(unit_stream(each))).with_due(now))
    )


def successors_of(
    units: Iterable[UnitId], successor_of: Callable[[UnitId], UnitId | None]
) -> dict[UnitId, UnitId]:
    """Return who succeeded some units, and their successors, as far as these were dissolved."""
    found = dict[UnitId, UnitId]()
    for unit_id in units:
        following: UnitId | None = unit_id
        for _ in range(SUCCESSIONS_MAX):
            if following is None or following in found:
                break
            dissolved = following
            following = successor_of(dissolved)
            if following:
                found[dissolved] = following
    return found


def units_once_dissolved(units: Iterable[UnitId], read: Read) -> frozenset[UnitId]:
    """Return which of some units, and of those that ever succeeded them, were dissolved once.

    Also where that was corrected since: others may have acted for them meanwhile.
    """
    found, wanted = frozenset[UnitId](), frozenset(units)
    for _ in range(SUCCESSIONS_MAX):
        told = {each: _successors_ever(read(unit_stream(each))) for each in wanted}
        found |= {each for each, successors in told.items() if successors}
        wanted = frozenset(each for successors in told.values() for each in successors) - found
    return found


def with_units_above_ever(units: Iterable[UnitId], read: Read) -> frozenset[UnitId]:
    """Return some units with all that were ever above them or succeeded them, one after another."""
    found, wanted = frozenset[UnitId](), frozenset(units)
    while wanted:
        found |= wanted
        histories = [read(unit_stream(each)) for each in wanted]
        told = (up for each in histories for up in (*_parents_ever(each), *_successors_ever(each)))
        wanted = frozenset(told) - found
    return found


def _parents_ever(history: Iterable[Recorded]) -> frozenset[UnitId]:
    states = itertools.accumulate(history, unit.evolve, initial=timelines.EMPTY)
    return frozenset(parent for each in states if (parent := place_in(each).parent))


def _successors_ever(history: Iterable[Recorded]) -> frozenset[UnitId]:
    states = itertools.accumulate(history, unit.evolve, initial=timelines.EMPTY)
    return frozenset(each for each in map(successor_in, states) if each)


def acting_unit(unit_id: UnitId, successors: Successors) -> UnitId:
    """Return who acts for a unit: itself, or the first after it that was not dissolved.

    Where successors lead in a circle, or too far, it is the unit itself: nobody acts for it.
    """
    found = unit_id
    for _ in range(SUCCESSIONS_MAX):
        following = successors.get(found)
        if following is None:
            return found
        found = following
    return unit_id


def successor_in(roster: timelines.State) -> UnitId | None:
    """Return the successor of a unit that was dissolved; None while it stands."""
    told = unit.view(roster)
    if told.dissolved_at is UNSET or told.successor_id is UNSET:
        return None
    return UnitId(told.successor_id)


class Place(NamedTuple):
    """Where a unit hangs, as far as it does, and who succeeded it if it was dissolved."""

    parent: UnitId | None = None
    successor: UnitId | None = None


def place_in(roster: timelines.State) -> Place:
    """Return where a unit hangs, and its successor."""
    parent = roster.value("parent")
    return Place(UnitId(parent) if parent else None, successor_in(roster))


def next_up(unit_id: UnitId, place_of: Callable[[UnitId], Place]) -> UnitId | None:
    """Return the unit above one, or the successor of one that was dissolved; None at the top.

    Who succeeds the unit above it takes its place.
    """
    place = place_of(unit_id)
    if place.successor:
        return place.successor
    if place.parent and place_of(place.parent).successor == unit_id:
        return place_of(place.parent).parent
    return place.parent


def units_above(unit_id: UnitId, read: Read, *, now: datetime = AS_TOLD) -> tuple[UnitId, ...]:
    """Return the units above one, the next first, as told of each; up to the top, or any circle.

    Of those that were dissolved their successors. What was told ahead of `now` holds, be it not yet
    told that its day came.
    """

    @functools.cache
    def place_of(each: UnitId) -> Place:
        return place_in(unit.fold(read(unit_stream(each))).with_due(now))

    return standing_above(unit_id, place_of)


def up_to(above: Sequence[UnitId], top: UnitId) -> tuple[UnitId, ...]:
    """Return the units above one up to another; that one alone where it is above no more."""
    return (*above[: above.index(top) + 1],) if top in above else (top,)


def acting_way_up(unit_id: UnitId, place_of: Callable[[UnitId], Place]) -> tuple[UnitId, ...]:
    """Return who acts for a unit by now, and the units above that stand, the next first."""
    above = standing_above(unit_id, place_of)
    return above if above and place_of(unit_id).successor else (unit_id, *above)


def standing_above(unit_id: UnitId, place_of: Callable[[UnitId], Place]) -> tuple[UnitId, ...]:
    """Return the units above one that were not dissolved, up to the top, or to any circle."""
    way = [unit_id]
    while len(way) <= PATH_MAX + SUCCESSIONS_MAX:
        above = next_up(way[-1], place_of)
        if above is None or above in way:
            break
        way.append(above)
    return tuple(each for each in way[1:] if place_of(each).successor is None)[:PATH_MAX]
