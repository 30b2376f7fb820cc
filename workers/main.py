"""What a worker process runs: actors that answer bells, and the loops of order and of time."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dramatiq
import structlog
from dramatiq.worker import Worker

from events.clock import Clock
from events.errors import TusoiError
from services.bootstrap import System
from workers.broker import (
    QUEUE,
    WAKE_MILLISECONDS,
    WAKE_MILLISECONDS_HERE,
    RungBells,
    make_broker,
)
from workers.projections.every import PROJECTIONS
from workers.sequencer import IDLE_SECONDS_EMBEDDED, IDLE_SECONDS_MOST, Sequencer
from workers.steps import steps_of_time
from workers.subscribers import BATCH_MAX, Subscriber

RETRIES_MAX = 3  # of what nobody foresaw; the next ring tries again anyway
RETRY_MILLISECONDS = 1_000
TIME_LIMIT_MILLISECONDS = 60_000  # a batch takes some 20
TIME_SECONDS = 0.25  # between two looks at the deadlines, when nothing is to be done
TIME_SECONDS_EMBEDDED = 1.0  # the same in one process, where new facts wake whoever reacts
PAUSE_SECONDS = 0.1  # the least between two looks, however often somebody wakes the loop
DRIVEN_SECONDS = 0.02  # the same on a driven clock, at which it looks as often
AGE_MILLISECONDS_MAX = 3_600_000  # an older bell has been rung again many times

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bells:
    """Ring for a subscriber: there may be something new for it in the log."""

    actor: "dramatiq.Actor[[str], None]"
    waiting: RungBells

    def ring(self, name: str) -> None:
        """Ring, unless the bell waits already. A broker that cannot be reached costs nothing."""
        try:
            if self.waiting.add(name):
                self.actor.send(name)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises; it rings again soon
            log.warning("bell_not_rung", name=name, error=type(error).__name__)

    def ring_later(self, name: str) -> None:
        """Ring again in a while, after something that may pass."""
        try:
            self.actor.send_with_options(args=(name,), delay=RETRY_MILLISECONDS)
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("bell_not_rung", name=name, error=type(error).__name__)

    def ring_all(self) -> None:
        for name in PROJECTIONS:
            self.ring(name)


class Loop:
    """Does steps, one after the other, until it is stopped; each returns how much it did."""

    def __init__(
        self,
        steps: Sequence[Callable[[], int]],
        idle_seconds: float,
        *,
        driven: Clock | None = None,
    ) -> None:
        self._steps = steps
        self._idle_seconds = idle_seconds
        self._driven = driven
        self._woken = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        """Loop until `stop`. What fails is tried again; nothing is lost by waiting."""
        while not self._stopping.is_set():
            self._woken.clear()  # before the steps: what comes later must wake it again
            if not sum(self._do(step) for step in self._steps):
                self._wait()

    def wake(self) -> None:
        """Let the steps be done soon; from any thread."""
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()

    def _wait(self) -> None:
        """Return when it is woken, after the idle seconds, or when a driven clock moved."""
        if self._driven is None:
            self._stopping.wait(PAUSE_SECONDS)
            self._woken.wait(self._idle_seconds)
            return
        shown = self._driven.now()
        for _ in range(int(self._idle_seconds / DRIVEN_SECONDS)):
            if self._woken.wait(DRIVEN_SECONDS) or self._driven.now() != shown:
                return

    @staticmethod
    def _do(step: Callable[[], int]) -> int:
        try:
            return step()
        except TusoiError as error:
            log.warning("step_waits", error=type(error).__name__, reason=str(error))
        except Exception:
            log.exception("step_failed")
        return 0


class Workplace:
    """The actors and the loops of one process."""

    def __init__(self, system: System) -> None:
        self._system = system
        embedded, distributed = system.settings.embedded, system.settings.redis_url is not None
        self.broker, waiting = make_broker(system.settings.redis_url)
        self._subscribers = {
            name: Subscriber(system.store, projection, clock=system.clock)
            for name, projection in PROJECTIONS.items()
        }
        self.bells = Bells(self._make_actor(), waiting)
        self.sequencer = Sequencer(
            system.store,
            clock=system.clock,
            ring_all=self._tell_all,
            sign=system.signer.sign,
            checkpoint_seconds=system.settings.checkpoint_seconds,
            idle_seconds_most=IDLE_SECONDS_EMBEDDED if embedded else IDLE_SECONDS_MOST,
        )
        self._worker = Worker(
            self.broker,
            worker_threads=min(system.settings.threads, len(PROJECTIONS)),
            worker_timeout=WAKE_MILLISECONDS if distributed else WAKE_MILLISECONDS_HERE,
        )
        rehearsing = system.settings.rehearsal_clock is not None
        self.deadlines = Loop(
            steps_of_time(system),
            TIME_SECONDS_EMBEDDED if embedded else TIME_SECONDS,
            driven=system.clock if rehearsing else None,
        )
        self._loops = [
            threading.Thread(target=loop.run, name=name, daemon=True)
            for name, loop in (("sequencer", self.sequencer), ("deadlines", self.deadlines))
        ]

    def start(self) -> None:
        self._worker.start()
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Let what runs finish its batch, then stop."""
        self.sequencer.stop()
        self.deadlines.stop()
        for loop in self._loops:
            loop.join()
        self._worker.stop()
        self.broker.close()

    def _tell_all(self) -> None:
        """Tell whoever follows the log that there may be something new."""
        self.bells.ring_all()
        self.deadlines.wake()

    def project(self, name: str) -> None:
        """Carry the projection `name` forward by one batch, then ring for the next.

        The message holds a name and no event: lost, doubled or out of order, it does no harm, for
        the checkpoint in the database says what comes next.
        """
        self.bells.waiting.discard(name)  # before reading: what comes later must ring again
        try:
            advanced = self._subscribers[name].advance()
        except TusoiError as error:
            log.warning("projection_waits", projection=name, reason=str(error))
            if error.retryable:
                self.bells.ring_later(name)
            return  # what is not retryable is told by `tusoi doctor`, and tried at the next ring
        if advanced.correlation_ids:  # else none can be followed to here, and no line dates a fact
            told = {"count": advanced.count, "correlation_ids": advanced.correlation_ids}
            log.info("projection_advanced", projection=name, **told)
        if advanced.count:
            self.deadlines.wake()  # rows may have a deadline that ran out
        if advanced.count >= BATCH_MAX:
            self.bells.ring(name)

    def _make_actor(self) -> "dramatiq.Actor[[str], None]":
        declare = dramatiq.actor(
            broker=self.broker,
            actor_name="project",
            queue_name=QUEUE,
            max_retries=RETRIES_MAX,
            min_backoff=RETRY_MILLISECONDS,
            time_limit=TIME_LIMIT_MILLISECONDS,
            max_age=AGE_MILLISECONDS_MAX,
        )
        return declare(self.project)
