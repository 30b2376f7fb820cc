"""Whether workers have anything left to do, so that a rehearsal knows when a day is over."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from events.store import subscriptions
from events.store.database import Database, Transaction
from services.read_models import due_timers, states


class WorkLeft(msgspec.Struct, frozen=True):
    """What is left to do at one moment."""

    size: int  # the log's last position
    pending: int  # events committed and not yet numbered
    behind: Mapping[str, int]  # by subscriber: how many events it has not dealt with
    timers_due: int  # streams in which a time has come that nothing was told of

    @property
    def is_quiet(self) -> bool:
        return not (self.pending or self.timers_due or any(self.behind.values()))


def work_left(database: Database, now: datetime) -> WorkLeft:
    """Return what is left to do, all of it seen in one snapshot.

    What comes of a step is committed before the step counts as done: an event that follows is
    pending before its cause is behind nobody. So nothing is ever quiet in between.
    """
    return database.read(lambda transaction: _count_work(transaction, now))


def _count_work(transaction: Transaction, now: datetime) -> WorkLeft:
    transaction.see_one_snapshot()
    size, pending, begun = subscriptions.backlog(transaction)
    projected = [kind for kind in states.KINDS if kind.projection in begun]
    behind = {kind.projection: size for kind in states.KINDS} | begun
    timers_due = due_timers.count_timers_due(transaction, projected, now)
    return WorkLeft(size, pending, behind, timers_due)
