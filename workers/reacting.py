"""Carry reactions along the log: handle each fact, then move the checkpoint.

A reaction appends before its checkpoint moves. A crash between the two handles the fact again,
which appends nothing new; so does a rival. What fails is set aside with the rest of its stream.
"""

from collections.abc import Callable
from typing import Protocol

import structlog

from events.clock import Clock
from events.definitions.catalogue import FutureVersion, UnknownType
from events.definitions.entry import Sequenced
from events.errors import ConcurrentAppend, StoreUnavailable
from events.store import subscriptions
from events.store.database import Transaction
from events.store.store import Store
from events.store.subscriptions import BEHIND, ParkedEvent, Subscription

BATCH_MAX = 200  # facts handled before the checkpoint is saved
BUILD = 1  # a reaction is never rebuilt
EDITION = 1

log = structlog.get_logger()


class Reaction(Protocol):
    """Something done once because of a fact."""

    name: str

    def handle(self, sequenced: Sequenced) -> None:
        """Append what follows from a fact. A second time appends nothing."""


class Reactor:
    """One reaction on one store."""

    def __init__(
        self,
        store: Store,
        reaction: Reaction,
        *,
        clock: Clock,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._reaction = reaction
        self._clock = clock
        self._is_stopping = is_stopping

    def advance(self) -> int:
        """Handle up to a batch of facts and return how many. A new one begins at the log's end.

        Raises:
            StoreUnavailable, ConcurrentAppend, UnknownType, FutureVersion: try again later.
        """
        batch = self._next_facts(self.begin())
        if not batch:
            return 0
        aside = {each.stream for each in self._parked_facts()}
        for handled, sequenced in enumerate(batch):
            if self._is_stopping():
                batch = batch[:handled]
                break
            self._handle(sequenced, aside)
        if batch:
            self._store.database.transact(lambda t: self._move(t, batch[-1].position))
        return len(batch)

    def retry_parked(self, stream: str) -> int:
        """Handle the parked facts of a stream in their order, and return how many."""
        mine = [each for each in self._parked_facts() if each.stream == stream]
        for event in mine:
            for sequenced in self._store.read_log(event.position - 1, 1):
                self._reaction.handle(sequenced)
            self._store.database.transact(lambda t, e=event: subscriptions.unpark(t, e))  # type: ignore[misc]
        return len(mine)

    def _next_facts(self, position: int) -> list[Sequenced]:
        """Return the facts that come next, up to one that needs a newer program."""
        try:
            return self._store.read_log(position, BATCH_MAX)
        except (UnknownType, FutureVersion):
            return self._store.read_log(position, 1)

    def _handle(self, sequenced: Sequenced, aside: set[str]) -> None:
        """Handle one fact; what fails goes to the streams that are set aside."""
        stream = sequenced.entry.stream
        if stream in aside:
            self._park(sequenced, BEHIND)
            return
        try:
            self._reaction.handle(sequenced)
        except (StoreUnavailable, ConcurrentAppend):
            raise
        except Exception as error:
            log.exception("event_parked", reaction=self._reaction.name)
            aside.add(stream)
            self._park(sequenced, type(error).__name__)

    def _park(self, sequenced: Sequenced, error: str) -> None:
        name, now = self._reaction.name, self._clock.now()
        places = [(sequenced.position, sequenced.entry.stream)]
        self._store.database.transact(
            lambda t: subscriptions.park(t, name, BUILD, places, error, now=now)
        )

    def _parked_facts(self) -> list[ParkedEvent]:
        name = self._reaction.name
        return self._store.database.read(lambda t: subscriptions.parked_of_build(t, name, BUILD))

    def begin(self) -> int:
        """Return the position that this reaction has come to; a new one begins at the log's end."""
        for each in subscriptions.every(self._store.database):
            if each.name == self._reaction.name:
                return each.position
        size = self._store.head().size
        self._store.database.transact(lambda t: self._move(t, size))
        return size

    def _move(self, transaction: Transaction, position: int) -> None:
        """Move the checkpoint forward; a rival that came further is not moved back."""
        subscriptions.begin_alone(transaction)
        known = subscriptions.builds(transaction, self._reaction.name)
        if not known or known[0].position < position:
            moved = Subscription(
                self._reaction.name, BUILD, EDITION, serving=False, position=position
            )
            subscriptions.save(transaction, moved)
