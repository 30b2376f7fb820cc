"""A loop does one thing again and again, in a thread of its own, until it is stopped."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from events.clock import Clock
from events.errors import TusoiError
from services.bootstrap import pause_after
from services.observability import cause_of

PAUSE_SECONDS = 0.1  # the least between two looks, however often somebody wakes the loop
DRIVEN_SECONDS = 0.02  # the same on a driven clock, at which it looks as often
JUMP = timedelta(seconds=1)  # by which a driven clock moves at least: it is not driven yet by less

log = structlog.get_logger()


class Loop:
    """Takes a step, which returns how much it did, and the next at once while there was something.

    What fails is tried again, later each time up to a bound; nothing is lost by waiting.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], int],
        idle_seconds: float,
        *,
        driven: Clock | None = None,
    ) -> None:
        self._name = name
        self._step = step
        self._idle_seconds = idle_seconds
        self._driven = driven
        self._failures = 0  # in a row
        self._woken = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Loop until `stop`."""
        while not self._stopping.is_set():
            self._woken.clear()  # before the step: what comes later must wake it again
            if not self._take():
                self._wait()
            if self._failures:
                self._stopping.wait(pause_after(self._failures))

    def wake(self) -> None:
        """Let the step be taken soon; from any thread."""
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()

    def _take(self) -> int:
        """Return how much the step did; what fails, or goes on again, is told once."""
        try:
            done = self._step()
        except TusoiError as error:
            if not self._failures:
                log.warning("step_waits", step=self._name, **cause_of(error))
        except Exception:
            log.exception("step_failed", step=self._name)
        else:
            if self._failures:
                log.info("step_goes_on", step=self._name, failures=self._failures)
            self._failures = 0
            return done
        self._failures += 1
        return 0

    def _wait(self) -> None:
        """Return when it is woken, after the idle seconds, or when a driven clock moved."""
        if self._driven is None:
            self._stopping.wait(PAUSE_SECONDS)
            self._woken.wait(self._idle_seconds)
            return
        shown = self._driven.now()
        for _ in range(int(self._idle_seconds / DRIVEN_SECONDS)):
            if self._woken.wait(DRIVEN_SECONDS) or abs(self._driven.now() - shown) >= JUMP:
                return
