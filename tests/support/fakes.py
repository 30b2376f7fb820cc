"""Fakes of what bootstrap hands in: a clock that stands, and chance that repeats itself."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # a Monday, eight in the morning in Hanoi


class FixedClock:
    """Stands at `time` until a test sets it or ticks."""

    def __init__(self, time: datetime = START) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time

    def set(self, now: datetime) -> None:
        """Let it be another time, unless it is later already: a story never goes back."""
        self.time = max(self.time, now)

    def tick(self, seconds: float = 1) -> datetime:
        """Return the new time, `seconds` later; negative ones step the clock back."""
        self.time += timedelta(seconds=seconds)
        return self.time


class SeededChance:
    """Gives the same bytes again for the same seed, whatever the sizes asked for before.

    Threads may share one: each gets bytes of its own, in the order in which they ask.

    >>> SeededChance(7).bytes(4) == SeededChance(7).bytes(4)
    True
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._count = 0
        self._lock = threading.Lock()

    def bytes(self, count: int) -> bytes:
        with self._lock:
            self._count += 1
            draw = f"{self._seed} {self._count}".encode()
        return hashlib.shake_256(draw).digest(count)


class DryChance:
    """Chance that runs dry after so many draws."""

    def __init__(self, draws: int) -> None:
        self.draws = draws

    def bytes(self, count: int) -> bytes:
        self.draws -= 1
        if self.draws < 0:
            raise OSError("no chance left")
        return bytes(count)
