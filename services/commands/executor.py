"""What commands append with: a fact as told now, by streams that stand, tried anew after a race."""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import sleep
from typing import TypeVar

import structlog
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.errors import ConcurrentAppend
from events.identifiers import Stream, new_event_id
from events.store.batch import Appended, NewEvent
from events.store.store import History, Store
from services.context import Context
from services.observability import kind_of

T = TypeVar("T")

ATTEMPTS_MAX = 5
PAUSE_SECONDS = 0.01  # before the second attempt; twice as long before each further one
OPERATOR = "operator"  # whoever runs the service: acts on the command line, by no role of the table

log = structlog.get_logger()


def attempt(work: Callable[[], T]) -> T:
    """Return what `work` returns; when it loses a race, let it load and decide again.

    Each time in a fresh transaction, up to ATTEMPTS_MAX times.

    Raises:
        ConcurrentAppend: it lost every time; the caller may try later.
    """
    for number in range(1, ATTEMPTS_MAX):
        try:
            return work()
        except ConcurrentAppend as error:
            kind = kind_of(error.stream)  # whose stream it is would date what was written
            log.info("append_lost_race", kind=kind, attempt=number)
            sleep(PAUSE_SECONDS * 2 ** (number - 1))
    return work()


class SteadyReads:
    """Streams as they were read: what is decided by them is appended while none has moved.

    Whoever verifies decides anew by what was told before, and not by what was read.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read = dict[Stream, History]()

    def history(self, stream: Stream) -> History:
        """Return a stream's history, read once."""
        if stream not in self._read:
            self._read[stream] = self._store.read_stream(stream)
        return self._read[stream]

    def events(self, stream: Stream) -> tuple[Recorded, ...]:
        return self.history(stream).events

    def append(self, new: Mapping[Stream, tuple[NewEvent, ...]]) -> None:
        """Append to streams that were read; where there is nothing to append, none has to stand.

        Raises:
            ConcurrentAppend: one that was read has moved since.
        """
        if any(new.values()):
            self._store.append(
                {
                    stream: Appended(history.version, new.get(stream, ()))
                    for stream, history in self._read.items()
                }
            )


def new_event(
    context: Context,
    event: Event,
    *,
    source: str,
    principal: str,
    event_id: str | None = None,
    correlation_id: str | UnsetType = UNSET,
    time: datetime | None = None,
) -> NewEvent:
    """Return a fact as a `principal` tells it; its id is new and its time now, unless given."""
    return NewEvent(
        event=event,
        id=event_id or new_event_id(context.chance),
        source=source,
        time=time or context.clock.now(),
        principal=principal,
        correlation_id=correlation_id,
    )


def following_event(
    event: Event, cause: Sequenced, *, reaction: str, event_id: str, now: datetime
) -> NewEvent:
    """Return a fact that a reaction tells because of another; its id follows from what it is of.

    So it is told once, however often the reaction comes to its cause; as of when it was decided.
    """
    return NewEvent(
        event=event,
        id=event_id,
        source=f"/workers/{reaction}",
        time=now,
        principal=f"worker:{reaction}",
        causation_id=cause.entry.id,
        correlation_id=cause.entry.correlationid,
    )
