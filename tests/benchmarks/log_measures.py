"""The log: appending, sequencing, reading and projecting, on both databases."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from events.clock import Clock, SystemClock
from events.store import schema, sequencing, subscriptions
from events.store.address import open_database
from events.store.database import Transaction
from events.store.keys import KeyStore
from events.store.store import Store
from tests.benchmarks.floors import PostgresFloor, SqliteFloor
from tests.benchmarks.measuring import Contender, Measure, in_threads
from tests.benchmarks.peers import EventsourcingPeer
from tests.support import facts
from workers.projections.member_states import MEMBER_STATES
from workers.subscribers import Subscriber

SINGLES = 3_000
BATCHES = 40
BATCH = 100
SEQUENCED = 10_000
READ = 20_000


def open_store(url: str, *, clock: Clock | None = None) -> Store:
    database = open_database(url)
    schema.migrate(database)
    return Store(database, clock=clock or SystemClock(), chance=facts.CHANCE)


def measures(postgresql: str, folder: Path) -> list[Measure]:
    """Return the measures of the log; `postgresql` is the address of an empty database."""
    on_postgresql, on_sqlite = open_store(postgresql), open_store(f"sqlite:///{folder}/log.db")
    floor = PostgresFloor(postgresql.replace("+psycopg", ""))
    sqlite_floor = SqliteFloor(folder / "floor.db")
    peer = EventsourcingPeer(postgresql)
    keys = KeyStore(f"sqlite:///{folder}/keys.db", master=bytes(32), chance=facts.CHANCE)
    return [
        _singles("PostgreSQL, single events, 8 threads", on_postgresql, floor.one, 0.65, peer),
        _batches("PostgreSQL, batches of 100", on_postgresql, floor.many, 0.50, peer),
        _singles("SQLite, single events, 8 threads", on_sqlite, sqlite_floor.one, 0.60),
        _batches("SQLite, batches of 100", on_sqlite, sqlite_floor.many, None),
        _sealed("PostgreSQL, 30 % with sealed text", on_postgresql, floor.one, keys),
        _sealed("SQLite, 30 % with sealed text", on_sqlite, sqlite_floor.one, keys),
        *_following("PostgreSQL", on_postgresql),
        *_following("SQLite", on_sqlite),
    ]


def _singles(
    name: str, store: Store, floor: Callable[..., None], least: float, *peers: EventsourcingPeer
) -> Measure:
    def prepared() -> list[Any]:
        return [facts.single() for _ in range(SINGLES)]

    return Measure(
        name,
        f">= {least:.0%} of the floor",
        (
            Contender(
                "floor",
                lambda: [facts.rows(each)[0] for each in prepared()],
                lambda rows: in_threads(floor, rows),
            ),
            Contender("ours", prepared, lambda items: in_threads(store.append, items)),
            *(Contender("eventsourcing", peer.singles(SINGLES), peer.run) for peer in peers),
        ),
        least,
    )


def _batches(
    name: str,
    store: Store,
    floor: Callable[..., None],
    least: float | None,
    *peers: EventsourcingPeer,
) -> Measure:
    def prepared() -> list[Any]:
        return [facts.batch(BATCH) for _ in range(BATCHES)]

    return Measure(
        name,
        "reported" if least is None else f">= {least:.0%} of the floor",
        (
            Contender(
                "floor",
                lambda: [facts.rows(each) for each in prepared()],
                lambda items: BATCH * in_threads(floor, items, threads=1),
            ),
            Contender(
                "ours", prepared, lambda items: BATCH * in_threads(store.append, items, threads=1)
            ),
            *(
                Contender("eventsourcing", peer.batches(BATCHES, BATCH), peer.run_alone)
                for peer in peers
            ),
        ),
        least,
    )


def _sealed(name: str, store: Store, floor: Callable[..., None], keys: KeyStore) -> Measure:
    """Ours makes the key, seals and appends; the floor writes the event's bytes only."""

    def append(index: int) -> None:
        streams, texts = facts.with_words(keys, index)
        store.append(streams, texts=texts)

    return Measure(
        name,
        "reported",
        (
            Contender(
                "floor",
                lambda: [facts.rows(facts.single())[0] for _ in range(SINGLES)],
                lambda rows: in_threads(floor, rows),
            ),
            Contender("ours", lambda: range(SINGLES), lambda items: in_threads(append, items)),
        ),
    )


def _following(where: str, store: Store) -> list[Measure]:
    """Return what follows the log: sequencing, reading, projecting."""
    clock = SystemClock()

    def drain(limit: int) -> int:
        count = 0
        while step := sequencing.sequence(store.database, clock, limit=limit):
            count += step
        return count

    def fill() -> None:
        drain(sequencing.BATCH_MAX)
        for _ in range(SEQUENCED // 500):
            store.append(facts.batch(500))

    def before_reading() -> int:
        while store.head().size < READ:
            fill()
            drain(sequencing.BATCH_MAX)
        return store.head().size - READ

    def read(after: int) -> int:
        count = 0
        while count < READ and (page := store.read_log(after)):
            count, after = count + len(page), page[-1].position
        return count

    return [
        Measure(
            f"{where}, sequencing in batches of {limit:,}",
            f">= {least:,} events/s",
            (Contender("ours", fill, lambda _, limit=limit: drain(limit)),),  # type: ignore[misc] # bound early
            least,
        )
        for limit, least in ((1_000, 60_000), (100, 25_000))
    ] + [
        Measure(
            f"{where}, reading and decoding by position",
            ">= 150,000 events/s",
            (Contender("ours", before_reading, read),),
            150_000,
        ),
        Measure(
            f"{where}, projecting member states",
            ">= 20,000 events/s",
            (Contender("ours", lambda: _before_projecting(store, drain), _project),),
            20_000,
        ),
    ]


def _before_projecting(store: Store, drain: Callable[[int], int]) -> Subscriber:
    """Bring a projection of its own to the end of the log, then append histories of members."""
    drain(sequencing.BATCH_MAX)
    name = f"bench_{uuid.uuid1().hex}"
    subscriber = Subscriber(store, MEMBER_STATES.with_name(name), clock=SystemClock())
    subscriber.advance(limit=1)  # begins the build
    _skip(store, name)
    for streams in facts.histories(members=1_000, events=8):
        store.append(streams)
    drain(sequencing.BATCH_MAX)
    return subscriber


def _skip(store: Store, name: str) -> None:
    """Let a subscription stand at the end of the log."""

    def skip(transaction: Transaction) -> None:
        (begun,) = subscriptions.builds(transaction, name)
        size = transaction.rows("SELECT size FROM head")[0][0]
        subscriptions.save(transaction, begun._replace(position=size))

    store.database.transact(skip)


def _project(subscriber: Subscriber) -> int:
    count = 0
    while step := subscriber.advance().count:
        count += step
    return count
