"""Carry subscribers forward along the log: batch, checkpoint, parking, rebuild and takeover.

Rows and checkpoint commit together or not at all, so a crash anywhere repeats a batch that never
happened. Two workers on one projection are kept apart by the lock on its subscription.
"""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from events.clock import Clock
from events.definitions.catalogue import FutureVersion, UnknownType
from events.definitions.entry import Sequenced
from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.store import subscriptions
from events.store.database import Transaction
from events.store.store import Store
from events.store.subscriptions import BEHIND, Subscription
from workers.projections.projection import Projection, Rows

BATCH_MAX = 1_000  # events in one transaction; on SQLite it holds the writer about 30 ms
CORRELATIONS_MAX = 20  # logged of one batch
OF_REVIEWS = "review-"  # how their streams are called

log = structlog.get_logger()


class UpgradeNeeded(TusoiError):
    """The log holds facts that this program is too old for; it stops here and loses nothing."""

    code = "upgrade_needed"

    def __init__(self, name: str, position: int, cause: TusoiError) -> None:
        super().__init__(f"{name} stops before position {position + 1}: {cause}")
        self.name = name
        self.position = position


class EditionSuperseded(TusoiError):
    """A newer program fills this projection already; an older one must not take it back."""

    code = "edition_superseded"

    def __init__(self, name: str, edition: int) -> None:
        super().__init__(f"{name} is at edition {edition} already: upgrade this program")
        self.name = name
        self.edition = edition


@dataclasses.dataclass(frozen=True, slots=True)
class Advanced:
    """What one step did."""

    position: int
    count: int  # events dealt with; the batch's size when there may be more
    correlation_ids: tuple[str, ...] = ()  # of the requests that brought them, the first few


# What says nothing of any event: the subscriber waits or stops, and parks nothing.
NOT_POISON = (UpgradeNeeded, EditionSuperseded, StoreUnavailable, ConcurrentAppend)


class Subscriber:
    """One projection on one store."""

    def __init__(self, store: Store, projection: Projection, *, clock: Clock) -> None:
        self._store = store
        self._projection = projection
        self._clock = clock

    def advance(self, *, limit: int = BATCH_MAX) -> Advanced:
        """Deal with up to `limit` events, in every build of this program's edition.

        Raises:
            UpgradeNeeded: an unknown type or a newer schema version comes next.
            StoreUnavailable, ConcurrentAppend: nothing happened; try again.
        """
        steps = [self.advance_build(build, limit=limit) for build in self._builds()]
        return max(steps, key=lambda step: step.count)

    def start_rebuild(self) -> Subscription:
        """Begin a new build beside the serving one, to be filled and to take over.

        Raises:
            EditionSuperseded: a newer program fills this projection; it would lose its build.
        """
        return self._store.database.transact(lambda t: self._begin_build(t, serving=False))

    def retry_parked(self, stream: str) -> int:
        """Deal with the parked events of a stream in their order, and return how many.

        Whatever still fails raises, and all of them stay parked.
        """
        return self._store.database.transact(lambda t: self._retry(t, stream))

    def _builds(self) -> list[int]:
        """Return the builds that this program's edition fills; there is always one."""
        mine = [
            each.build for each in self._known_builds() if each.edition == self._projection.edition
        ]
        if mine:
            return mine
        return [self._store.database.transact(self._begin).build]

    def _known_builds(self) -> list[Subscription]:
        everyone = subscriptions.every(self._store.database)
        return [each for each in everyone if each.name == self._projection.name]

    def _position_of(self, build: int) -> int:
        return max(
            (each.position for each in self._known_builds() if each.build == build), default=0
        )

    def _begin(self, transaction: Transaction) -> Subscription:
        """Begin the first build of this edition; the very first of all serves at once."""
        subscriptions.begin_alone(transaction)
        builds = subscriptions.builds(transaction, self._projection.name)
        for each in builds:
            if each.edition == self._projection.edition:  # a rival began it meanwhile
                return each
        return self._begin_build(transaction, serving=not builds)

    def _begin_build(self, transaction: Transaction, *, serving: bool) -> Subscription:
        subscriptions.begin_alone(transaction)
        builds = subscriptions.builds(transaction, self._projection.name)
        newest = max((each.edition for each in builds), default=0)
        if newest > self._projection.edition:
            raise EditionSuperseded(self._projection.name, newest)
        build = max((each.build for each in builds), default=0) + 1
        for table in self._projection.tables_of(build):
            transaction.connection.execute(CreateTable(table))
            for index in table.indexes:
                transaction.connection.execute(CreateIndex(index))
        begun = Subscription(
            self._projection.name, build, self._projection.edition, serving, position=0
        )
        subscriptions.save(transaction, begun)
        if serving:
            self._point_view(transaction, build)
        return begun

    def advance_build(self, build: int, *, limit: int = BATCH_MAX) -> Advanced:
        """Deal with up to `limit` events in one build; one that has caught up takes over."""

        def step(size: int) -> Callable[[Transaction], Advanced]:
            return lambda transaction: self._step(transaction, build, size)

        try:
            return self._store.database.transact(step(limit))
        except NOT_POISON:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one event of the batch did it
            log.warning(
                "batch_poisoned", projection=self._projection.name, error=type(error).__name__
            )
            return self._one_by_one(step(1), build, limit)

    def _one_by_one(
        self, step: Callable[[Transaction], Advanced], build: int, limit: int
    ) -> Advanced:
        """Run a poisoned batch event by event; park the culprits, go on with the rest."""
        done = Advanced(0, 0)
        for count in range(1, limit + 1):
            reached = self._position_of(build)
            try:
                advanced = self._store.database.transact(step)
            except NOT_POISON:
                raise
            except Exception as error:  # noqa: BLE001 - this event is the culprit, by whatever it raised
                advanced = self._park_next(build, reached, type(error).__name__)
            if not advanced.count:
                return done
            done = Advanced(advanced.position, count)
        return done

    def _park_next(self, build: int, reached: int, error: str) -> Advanced:
        """Park the event after `reached`, unless a rival has dealt with it since."""

        def park(transaction: Transaction) -> Advanced:
            subscription = self._lock(transaction, build)
            if subscription.position != reached:  # what comes next now is not the culprit
                return Advanced(subscription.position, 1)
            (row,) = self._store.read_log_in(transaction, subscription.position, 1)
            position, stream = row[0], self._store.stream_at(transaction, row[0])
            now = self._clock.now()
            place = (position, stream)
            subscriptions.park(transaction, *subscription[:2], [place], error, now=now)
            subscriptions.save(transaction, subscription._replace(position=position))
            log.error("event_parked", projection=subscription.name, error=error)
            return Advanced(position, 1)

        return self._store.database.transact(park)

    def _step(self, transaction: Transaction, build: int, limit: int) -> Advanced:
        subscription = self._lock(transaction, build)
        rows = self._store.read_log_in(transaction, subscription.position, limit)
        if not rows:
            self._take_over(transaction, subscription)
            return Advanced(subscription.position, 0)
        batch = self._decode(rows, subscription.position)
        self._apply(transaction, subscription, batch)
        position = batch[-1].position
        subscriptions.save(transaction, subscription._replace(position=position))
        return Advanced(position, len(batch), _correlations(batch))

    def _lock(self, transaction: Transaction, build: int) -> Subscription:
        for each in subscriptions.builds(transaction, self._projection.name):
            if each.build == build:
                return each
        raise ConcurrentAppend(f"build {build} of {self._projection.name}")  # dropped by a rival

    def _decode(self, rows: Sequence[tuple[object, ...]], position: int) -> list[Sequenced]:
        """Return the events up to the first that this program is too old for."""
        readable: list[Sequenced] = []
        for row in rows:
            try:
                readable.append(self._store.sequenced_event(row))
            except (UnknownType, FutureVersion) as cause:
                if not readable:
                    raise UpgradeNeeded(self._projection.name, position, cause) from cause
                break
        return readable

    def _apply(
        self, transaction: Transaction, subscription: Subscription, batch: list[Sequenced]
    ) -> None:
        """Carry a batch into the rows, but for what follows a parked event in its stream."""
        aside = {
            each.stream for each in subscriptions.parked_of_build(transaction, *subscription[:2])
        }
        behind = [each for each in batch if each.entry.stream in aside]
        if behind:
            places = [(each.position, each.entry.stream) for each in behind]
            now = self._clock.now()
            subscriptions.park(transaction, *subscription[:2], places, BEHIND, now=now)
        self._fold(
            transaction, subscription.build, [e for e in batch if e.entry.stream not in aside]
        )

    def _fold(self, transaction: Transaction, build: int, batch: list[Sequenced]) -> None:
        keys = [key for each in batch for key in self._projection.keys(each)]
        rows = Rows(transaction, self._projection.tables_of(build), keys)
        for each in batch:
            self._projection.apply(rows, each)
        rows.write()

    def _retry(self, transaction: Transaction, stream: str) -> int:
        serving = [b for b in subscriptions.builds(transaction, self._projection.name) if b.serving]
        count = 0
        for build in serving:
            for event in subscriptions.parked_of_build(transaction, *build[:2]):
                if event.stream == stream:
                    rows = self._store.read_log_in(transaction, event.position - 1, 1)
                    self._fold(transaction, build.build, self._decode(rows, event.position - 1))
                    subscriptions.unpark(transaction, event)
                    count += 1
        return count

    def _take_over(self, transaction: Transaction, subscription: Subscription) -> None:
        """Let a build that has caught up serve instead of the older ones, which go."""
        if subscription.serving:
            return
        for older in subscriptions.builds(transaction, self._projection.name):
            if older.build < subscription.build:
                self._drop(transaction, older, subscription.build)
        self._point_view(transaction, subscription.build)
        subscriptions.save(transaction, subscription._replace(serving=True))
        log.info("build_took_over", projection=subscription.name, build=subscription.build)

    def _point_view(self, transaction: Transaction, build: int) -> None:
        tables = self._projection.tables_of(build)
        for view, table in zip(self._projection.views, tables, strict=True):
            transaction.run(f"DROP VIEW IF EXISTS {view}")
            transaction.run(f"CREATE VIEW {view} AS SELECT * FROM {table.name}")

    def _drop(self, transaction: Transaction, older: Subscription, successor: int) -> None:
        self._point_view(transaction, successor)  # a table cannot go while a view reads it
        for table in self._projection._replace(edition=older.edition).tables_of(older.build):
            transaction.connection.execute(DropTable(table, if_exists=True))  # it had perhaps none
        subscriptions.drop(transaction, older)


def _correlations(batch: list[Sequenced]) -> tuple[str, ...]:
    """Return which requests brought a batch, but for steps of a review.

    A line that names these tells when somebody criticised; one that names the other steps alone
    tells it as well.
    """
    named = (each.entry for each in batch if not each.entry.stream.startswith(OF_REVIEWS))
    found = dict.fromkeys(each.correlationid for each in named)
    return tuple(itertools.islice((each for each in found if each), CORRELATIONS_MAX))
