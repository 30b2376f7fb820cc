"""All that workers do, in one thread and at once: a story is told without waiting for anybody."""

from events.errors import TusoiError
from events.store.sequencing import sequence
from services.context import Context
from workers.projections.every import PROJECTIONS
from workers.steps import REACTIONS, Reactions, steps_of_time
from workers.subscribers import BATCH_MAX, Subscriber

ROUNDS_MAX = 1_000  # a fact causes a few more, and these a few


class NeverQuiet(TusoiError):
    code = "never_quiet"

    def __init__(self) -> None:
        super().__init__(f"after {ROUNDS_MAX} rounds facts still cause more facts; report this")


class Simulation:
    """The workers of one process, without their loops, bells and threads."""

    def __init__(self, context: Context, reactions: Reactions = REACTIONS) -> None:
        self._context = context
        self._subscribers = [
            Subscriber(context.store, projection, clock=context.clock)
            for projection in PROJECTIONS.values()
        ]
        self._steps = steps_of_time(context, reactions).values()

    def settle(self) -> None:
        """Return when nothing follows any more at this time. Raises NeverQuiet."""
        self._number()
        self._project()
        for _ in range(ROUNDS_MAX):
            done = sum(step() for step in self._steps)
            if self._number():
                self._project()
            elif not done:
                return
        raise NeverQuiet

    def _number(self) -> int:
        """Number what was committed, and return how much that was."""
        count = 0
        while more := sequence(self._context.store.database, self._context.clock):
            count += more
        return count

    def _project(self) -> None:
        for subscriber in self._subscribers:
            while subscriber.advance().count >= BATCH_MAX:
                pass
