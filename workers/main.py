"""What a worker process runs: actors that answer bells, and a loop for each thing time brings."""

import threading
import time
from dataclasses import dataclass

import dramatiq
import structlog
from dramatiq.worker import Worker

from events.errors import TusoiError
from services.bootstrap import System
from services.observability import cause_of
from workers.broker import (
    QUEUE,
    WAKE_MILLISECONDS,
    WAKE_MILLISECONDS_HERE,
    RungBells,
    make_broker,
)
from workers.loops import Loop
from workers.projections.every import PROJECTIONS
from workers.sequencer import IDLE_SECONDS_EMBEDDED, IDLE_SECONDS_MOST, Sequencer
from workers.steps import REACTIONS, TIDYING, TIMEKEEPING, Reactions, Step, steps_of_time
from workers.subscribers import BATCH_MAX, Subscriber

RETRIES_MAX = 3  # of what nobody foresaw; the next ring tries again anyway
RETRY_MILLISECONDS = 1_000
TIME_LIMIT_MILLISECONDS = 60_000  # a batch takes some 20
TIME_SECONDS = 0.25  # between two looks at the deadlines, when nothing is to be done
TIME_SECONDS_EMBEDDED = 1.0  # the same in one process, where new facts wake whoever reacts
STOP_SECONDS = 10.0  # for which a loop may finish what it does; nothing is lost by leaving it
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


class Workplace:
    """The actors and the loops of one process.

    Each reaction has a loop, and so has the timekeeper: whatever one of them has to do in a night
    delays no deadline and no other reaction.
    """

    def __init__(self, system: System, reactions: Reactions = REACTIONS) -> None:
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
        self._stopping = threading.Event()
        steps = steps_of_time(system, reactions, is_stopping=self._stopping.is_set)
        self._loops = {name: self._make_loop(name, step) for name, step in steps.items()}
        runs = {"sequencer": self.sequencer.run} | {n: loop.run for n, loop in self._loops.items()}
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True) for name, run in runs.items()
        ]

    def start(self) -> None:
        self._worker.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let what runs finish what it has in hand, for a bounded time, then stop."""
        self._stopping.set()
        self.sequencer.stop()
        for loop in self._loops.values():
            loop.stop()
        until = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._worker.stop()
        self.broker.close()

    def _make_loop(self, name: str, step: Step) -> Loop:
        settings = self._system.settings
        idle_seconds = TIME_SECONDS_EMBEDDED if settings.embedded else TIME_SECONDS
        if name != TIMEKEEPING or settings.rehearsal_clock is None:
            return Loop(name, step, idle_seconds)

        def take_in_its_time() -> int:  # one loop looks at a driven clock, for both that go by it
            self._loops[TIDYING].wake()
            return step()

        return Loop(name, take_in_its_time, idle_seconds, driven=self._system.clock)

    def _tell_all(self) -> None:
        """Tell whoever follows the log that there may be something new."""
        self.bells.ring_all()
        for loop in self._loops.values():
            loop.wake()

    def project(self, name: str) -> None:
        """Carry the projection `name` forward by one batch, then ring for the next.

        The message holds a name and no event: lost, doubled or out of order, it does no harm, for
        the checkpoint in the database says what comes next.
        """
        self.bells.waiting.discard(name)  # before reading: what comes later must ring again
        try:
            advanced = self._subscribers[name].advance()
        except TusoiError as error:
            log.warning("projection_waits", projection=name, **cause_of(error))
            if error.retryable:
                self.bells.ring_later(name)
            return  # what is not retryable is told by `tusoi doctor`, and tried at the next ring
        if advanced.correlation_ids:  # else none can be followed to here, and no line dates a fact
            told = {"count": advanced.count, "correlation_ids": advanced.correlation_ids}
            log.info("projection_advanced", projection=name, **told)
        if advanced.count:
            self._loops[TIMEKEEPING].wake()  # rows may have a deadline that ran out
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
