"""How many requests wait at once in one process: enough threads stay free, and no one takes all.

Whoever waits holds a thread. One system with many open streams would leave the others none.
"""

import threading
from collections import Counter

from events.errors import TusoiError


class Busy(TusoiError):
    """Too many requests wait in this process for something to happen."""

    code = "busy"
    retryable = True

    def __init__(self) -> None:
        super().__init__("too many requests wait already: come back later, or do not wait")


def places_among(threads: int) -> int:
    """Return how many requests may wait at once: half of the threads, two where one more is there.

    One thread stays free whatever waits: with a single one nothing may.

    >>> [places_among(threads) for threads in (1, 2, 3, 4, 8)]
    [0, 1, 2, 2, 4]
    """
    return max(threads // 2, min(2, threads - 1))


class Seats:
    """Places of requests that wait, and who has how many of them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._taken = Counter[str]()

    def take(self, who: str) -> None:
        """Let one more request of somebody wait; who waits already, only while half stays free.

        So nobody who waits already takes the last place, and of four anybody has two at most.

        Raises:
            Busy: there is no place, or none for them.
        """
        with self._lock:
            left = self._count - self._taken.total()
            if left < 1 or (self._taken[who] and left <= self._count // 2):
                raise Busy
            self._taken[who] += 1

    def give_back(self, who: str) -> None:
        with self._lock:
            self._taken[who] -= 1
            self._taken += Counter()  # nobody is kept who has none
