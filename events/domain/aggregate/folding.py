"""How the state of an aggregate of the year follows from its facts, one after the other."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event

E_co = TypeVar("E_co", covariant=True)


class Taken(msgspec.Struct, Generic[E_co], frozen=True):
    """A fact with its place in the stream and the time when it happened."""

    version: int
    at: datetime
    fact: E_co


def at_most_one(taken: Taken[E_co] | None) -> tuple[Taken[E_co], ...]:
    """Return what was taken once, if it was, as what is taken several times is kept."""
    return (taken,) if taken else ()


class Folded(msgspec.Struct, frozen=True):
    """What is told in one stream, as far as a version of it."""

    version: int = 0


S = TypeVar("S", bound=Folded)
Changes = Callable[[S, Event, int, datetime], Mapping[str, object]]  # parts that a fact sets


def evolve(state: S, recorded: Recorded | Sequenced, changes: Changes[S]) -> S:
    """Return the state after one fact more. A fact that it knows changes nothing."""
    entry = recorded.entry
    if entry.streamversion <= state.version:
        return state
    changed = changes(state, recorded.event, entry.streamversion, entry.time)
    return msgspec.structs.replace(state, version=entry.streamversion, **changed)


def begin_anew(empty: S, kept: Iterable[str]) -> dict[str, object]:
    """Return the parts of a state in which nothing was told, but for some that are kept."""
    parts = msgspec.structs.asdict(empty)
    return {name: value for name, value in parts.items() if name not in ("version", *kept)}
