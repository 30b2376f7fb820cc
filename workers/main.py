"""What a worker process runs: actors that answer bells, and the loops of order and of time."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import dramatiq
import structlog
from dramatiq.worker import Worker

from events.errors import TusoiError
from services.bootstrap import System
from workers.broker import QUEUE, WAKE_MILLISECONDS, RungBells, make_broker
from workers.projections.every import PROJECTIONS
from workers.sequencer import Sequencer
from workers.steps import steps_of_time
from workers.subscribers import BATCH_MAX, Subscriber

RETRIES_MAX = 3  # of what nobody foresaw; the next ring tries again anyway
RETRY_MILLISECONDS = 1_000
TIME_LIMIT_MILLISECONDS = 60_000  # a batch takes some 20
IDLE_SECONDS = 0.25  # between two looks at the deadlines, when nothing is to be done
IDLE_SECONDS_REHEARSING = 0.02  # on a driven clock days pass at once, and somebody waits for each
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

    def __init__(self, steps: Sequence[Callable[[], int]], idle_seconds: float) -> None:
        self._steps = steps
        self._idle_seconds = idle_seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        """Loop until `stop`. What fails is tried again; nothing is lost by waiting."""
        idle = 0.0
        while not self._stopping.wait(idle):
            done = sum(self._do(step) for step in self._steps)
            idle = 0.0 if done else self._idle_seconds

    def stop(self) -> None:
        self._stopping.set()

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
        self.broker, waiting = make_broker(system.settings.redis_url)
        self._subscribers = {
            name: Subscriber(system.store, projection, clock=system.clock)
            for name, projection in PROJECTIONS.items()
        }
        self.bells = Bells(self._make_actor(), waiting)
        self.sequencer = Sequencer(
            system.store,
            clock=system.clock,
            ring_all=self.bells.ring_all,
            sign=system.signer.sign,
            checkpoint_seconds=system.settings.checkpoint_seconds,
        )
        self._worker = Worker(
            self.broker,
            worker_threads=min(system.settings.threads, len(PROJECTIONS)),
            worker_timeout=WAKE_MILLISECONDS,
        )
        rehearsing = system.settings.rehearsal_clock is not None
        idle = IDLE_SECONDS_REHEARSING if rehearsing else IDLE_SECONDS
        self.deadlines = Loop(steps_of_time(system), idle)
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
        if advanced.count:
            log.info("projection_advanced", projection=name, **asdict(advanced))
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
