"""The loop that numbers committed events, rings the bells, and has checkpoints signed.

Any number of processes may run it; the database lets one lead. It speaks to nobody that a request
waits for: what is pending lies in the database, and this loop looks there.
"""

import threading
from collections.abc import Callable

import structlog

from events.clock import Clock
from events.errors import TusoiError
from events.proof.tiles import TILE_WIDTH
from events.store import sequencing, tiles
from events.store.store import Store
from services.bootstrap import pause_after
from services.observability import cause_of

IDLE_SECONDS_LEAST = 0.004  # after work there is likely more
IDLE_SECONDS_MOST = 0.025  # how long a lone event of another process waits to be numbered, at most
IDLE_SECONDS_EMBEDDED = 0.25  # the same where others are commands that somebody types
TILES_MAX = 16  # made in one step, in some 20 ms
RING_ALL_SECONDS = 60  # a bell that was lost is rung again by then

log = structlog.get_logger()


class Sequencer:
    """Numbers events until it is stopped."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        ring_all: Callable[[], None],
        sign: Callable[[], object],
        checkpoint_seconds: int,
        idle_seconds_most: float = IDLE_SECONDS_MOST,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ring_all = ring_all
        self._sign = sign
        self._checkpoint_seconds = checkpoint_seconds
        self._idle_seconds_most = idle_seconds_most
        self._stopping = threading.Event()
        self._idle = IDLE_SECONDS_LEAST
        self._rung_at = self._signed_at = 0.0
        self._untiled = TILE_WIDTH  # events since tiles were looked after; at the start, once

    def run(self) -> None:
        """Loop until `stop`. After an error it waits and goes on; nothing is lost by waiting."""
        failures = 0
        while not self._stopping.is_set():
            self._store.appended.wait(self._idle)
            self._store.appended.clear()  # before looking: what comes later must wake it again
            try:
                self._idle = self._next_idle(self.step())
                failures = 0
                continue
            except TusoiError as error:
                log.warning("sequencer_waits", **cause_of(error))
            except Exception:
                log.exception("sequencer_failed")
            failures += 1
            self._idle = pause_after(failures)

    def stop(self) -> None:
        self._stopping.set()
        self._store.appended.set()

    def step(self) -> int:
        """Number one batch, ring whoever follows the log, sign when it is time; return how many."""
        count = sequencing.sequence(self._store.database, self._clock)
        self._untiled += count
        now = self._clock.now().timestamp()
        if count or _is_due(self._rung_at, now, RING_ALL_SECONDS):
            self._rung_at = now
            self._ring_all()
        if _is_due(self._signed_at, now, self._checkpoint_seconds):
            self._signed_at = now
            self._sign()
        if self._untiled >= TILE_WIDTH:
            self._extend_tiles()
        return count

    def _extend_tiles(self) -> None:
        """Make tiles of what was numbered; what fails waits for more events.

        Among so many events one filled a tile. Proofs do without tiles, only slower, so nothing
        that happens here stops the numbering.
        """
        try:
            if tiles.extend(self._store.database, TILES_MAX) == TILES_MAX:
                return  # there may be more: the next step goes on
        except TusoiError as error:
            log.warning("tiles_wait", **cause_of(error))
        except Exception:
            log.exception("tiles_failed")
        self._untiled = 0

    def _next_idle(self, count: int) -> float:
        if count == sequencing.BATCH_MAX:
            return 0.0
        if count:
            return IDLE_SECONDS_LEAST
        return min(self._idle * 1.5 + 0.001, self._idle_seconds_most)


def _is_due(last: float, now: float, every_seconds: float) -> bool:
    """Return whether it is time again; also when the clock was stepped back."""
    return not 0 <= now - last < every_seconds
