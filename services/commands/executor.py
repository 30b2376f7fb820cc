"""What commands append with: a fact as it is told now, and another try for what lost a race."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from events.definitions.event import Event
from events.errors import ConcurrentAppend
from events.identifiers import new_event_id
from events.store.batch import NewEvent
from services.context import Context

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
            kind = error.stream.partition("-")[0]  # whose stream it is would date what was written
            log.info("append_lost_race", kind=kind, attempt=number)
            time.sleep(PAUSE_SECONDS * 2 ** (number - 1))
    return work()


def new_event(
    context: Context, event: Event, *, source: str, principal: str, event_id: str | None = None
) -> NewEvent:
    """Return a fact that nobody signed in asked for, as it is told now; its id is new, or given."""
    return NewEvent(
        event=event,
        id=event_id or new_event_id(context.chance),
        source=source,
        time=context.clock.now(),
        principal=principal,
    )
