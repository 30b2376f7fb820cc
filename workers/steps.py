"""What time and facts bring about, step by step: the loops take these steps, and a simulation."""

import threading
from collections.abc import Callable, Iterable, Mapping

from services.context import Context
from workers.housekeeping import Housekeeping
from workers.reacting import Reaction, Reactor
from workers.reactions import (
    accounts,
    calendars,
    erasures,
    escalation,
    returns,
    takeovers,
    transfers,
)
from workers.reactions.accounts import Accounts
from workers.reactions.calendars import Calendars
from workers.reactions.erasures import Erasures
from workers.reactions.escalation import Escalation
from workers.reactions.returns import Returns
from workers.reactions.takeovers import Takeovers
from workers.reactions.transfers import Transfers
from workers.timekeeper import Timekeeper, missed_event_id

Step = Callable[[], int]  # returns how much it did
Reactions = Mapping[str, Callable[[Context], Reaction]]

TIMEKEEPING, TIDYING = "timekeeper", "housekeeping"  # the names of their steps

REACTIONS: Reactions = {  # in the order in which they begin
    escalation.NAME: lambda context: Escalation(context, missed_event_id),
    transfers.NAME: Transfers,
    returns.NAME: Returns,
    takeovers.NAME: Takeovers,
    erasures.NAME: Erasures,
    accounts.NAME: Accounts,
    calendars.NAME: Calendars,
}


def steps_of_time(
    context: Context,
    reactions: Reactions = REACTIONS,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
) -> dict[str, Step]:
    """Return what time brings about: reacting, telling which deadlines ran out, and tidying.

    Whichever step is taken first, all reactions begin before it: a new one begins at the log's
    end, and must not begin behind the first miss.
    """
    reactors = {
        name: Reactor(context.store, make(context), clock=context.clock, is_stopping=is_stopping)
        for name, make in reactions.items()
    }
    steps = {name: each.advance for name, each in reactors.items()}
    steps |= {TIMEKEEPING: Timekeeper(context).tick, TIDYING: Housekeeping(context).tidy}
    begin = _Beginning(reactors.values())
    return {name: begin.before(step) for name, step in steps.items()}


def reactor(context: Context, name: str) -> Reactor:
    """Return what carries a reaction along the log."""
    return Reactor(context.store, REACTIONS[name](context), clock=context.clock)


class _Beginning:
    """Lets all reactions begin, once, whatever step comes first."""

    def __init__(self, reactors: Iterable[Reactor]) -> None:
        self._waiting = list(reactors)
        self._lock = threading.Lock()

    def before(self, step: Step) -> Step:
        """Return a step that comes after the beginning."""

        def begun_step() -> int:
            self._begin()
            return step()

        return begun_step

    def _begin(self) -> None:
        with self._lock:
            while self._waiting:
                self._waiting[0].begin()
                del self._waiting[0]  # not before: what fails is tried again by the next step
