"""Try again what lost a race: load and decide anew, in a fresh transaction, up to five times."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from events.errors import ConcurrentAppend

T = TypeVar("T")

ATTEMPTS_MAX = 5
PAUSE_SECONDS = 0.01  # before the second attempt; twice as long before each further one

log = structlog.get_logger()


def attempt(work: Callable[[], T]) -> T:
    """Return what `work` returns; when it loses a race, let it load and decide again.

    Raises:
        ConcurrentAppend: it lost every time; the caller may try later.
    """
    for number in range(1, ATTEMPTS_MAX):
        try:
            return work()
        except ConcurrentAppend as error:
            log.info("append_lost_race", stream=error.stream, attempt=number)
            time.sleep(PAUSE_SECONDS * 2 ** (number - 1))
    return work()
