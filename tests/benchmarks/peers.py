"""The package eventsourcing on the same work, on the same PostgreSQL."""

import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from tests.benchmarks.measuring import THREADS, in_threads
from tests.support import facts

Batch = list[StoredEvent]


class EventsourcingPeer:
    """Its recorder of totally ordered events: it locks the table at every insert."""

    def __init__(self, url: str) -> None:
        address = sa.make_url(url)
        self._datastore = PostgresDatastore(
            dbname=address.database or "",
            host=address.host or "",
            port=address.port or 5432,
            user=address.username or "",
            password="",
            pool_size=THREADS,
        )
        self._recorder = PostgresApplicationRecorder(self._datastore, events_table_name="peer")
        self._recorder.create_table()

    def singles(self, count: int) -> Callable[[], list[Batch]]:
        return lambda: [_stored(1) for _ in range(count)]

    def batches(self, count: int, size: int) -> Callable[[], list[Batch]]:
        return lambda: [_stored(size) for _ in range(count)]

    def run(self, batches: Sequence[Batch]) -> int:
        return in_threads(self._recorder.insert_events, batches)

    def run_alone(self, batches: Sequence[Batch]) -> int:
        in_threads(self._recorder.insert_events, batches, threads=1)
        return sum(map(len, batches))


def _stored(count: int) -> Batch:
    rows = facts.rows(facts.batch(count))
    return [StoredEvent(uuid.uuid1(), 1, row.type, row.entry) for row in rows]
