"""What time and facts bring about, step by step: the loops take these steps, and a simulation."""

from collections.abc import Callable, Iterable, Mapping

from services.context import Context
from workers.housekeeping import Housekeeping
from workers.reacting import Reaction, Reactor
from workers.reactions import accounts, erasures, escalation, returns, takeovers, transfers
from workers.reactions.accounts import Accounts
from workers.reactions.erasures import Erasures
from workers.reactions.escalation import Escalation
from workers.reactions.returns import Returns
from workers.reactions.takeovers import Takeovers
from workers.reactions.transfers import Transfers
from workers.timekeeper import Timekeeper, missed_event_id

REACTIONS: Mapping[str, Callable[[Context], Reaction]] = {  # in the order in which they begin
    escalation.NAME: lambda context: Escalation(context, missed_event_id),
    transfers.NAME: Transfers,
    returns.NAME: Returns,
    takeovers.NAME: Takeovers,
    erasures.NAME: Erasures,
    accounts.NAME: Accounts,
}


def steps_of_time(
    context: Context, reactions: Iterable[str] = REACTIONS
) -> tuple[Callable[[], int], ...]:
    """Return what time brings about: reacting, telling which deadlines ran out, and tidying.

    In this order: a new reaction begins at the log's end, and must not begin behind the first miss.
    """
    reacting = (reactor(context, name).advance for name in reactions)
    return *reacting, Timekeeper(context).tick, Housekeeping(context).tidy


def reactor(context: Context, name: str) -> Reactor:
    """Return what carries a reaction along the log."""
    return Reactor(context.store, REACTIONS[name](context), clock=context.clock)
