"""The end of the log, for all who wait there: one of them looks and reads, the others are told."""

import threading
import time
from collections import deque

from events.store import selection
from events.store.selection import Selected, Wanted
from events.store.store import Store

POLL_SECONDS = 0.15  # between two looks at the log, however many wait
ROWS_MAX = 1_000  # kept; whoever is further behind reads for themselves


class Tail:
    """The last facts of one log, as one process follows them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._head = 0
        self._rows: deque[Selected] = deque()
        self._begin = self._end = 0  # the positions between which all facts are kept

    def head(self) -> int:
        """Return where the log ended at the last look, which is not long ago."""
        with self._lock:
            if time.monotonic() - self._looked_at >= POLL_SECONDS:
                self._head = self._store.head().size
                self._looked_at = time.monotonic()
            return self._head

    def rows(self, after: int) -> list[Selected] | None:
        """Return what stands after a position up to the head last seen; None if it is too much."""
        with self._lock:
            if self._head - after > ROWS_MAX:
                return None
            if not self._begin <= after <= self._end <= self._head:
                self._rows.clear()
                self._begin = self._end = after
            if self._end < self._head:
                self._read_on()
            return [each for each in self._rows if each.position > after]

    def _read_on(self) -> None:
        end, head, every = self._end, self._head, Wanted()
        database = self._store.database
        self._rows += database.read(lambda t: selection.read(t, every, end, head, head - end))
        self._end = head
        while len(self._rows) > ROWS_MAX:
            self._begin = self._rows.popleft().position
