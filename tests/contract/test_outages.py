"""A database that is full, gone, cut off or closed: told as such in time, and nothing is halved."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from events.errors import StoreUnavailable
from events.store import schema, sequencing, sqlite
from events.store.address import open_database
from events.store.batch import Appended, KnownNumber
from events.store.postgresql import CONNECT_SECONDS
from events.store.store import Store
from events.vault.sealing import SealedText
from tests.support import facts
from tests.support.fakes import FixedClock, SeededChance

SPARE_PAGES = 60
ATTEMPTS_MAX = 1_000
THREADS = 8
A_MOMENT_SECONDS = 3.0


@pytest.fixture
def small(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    """A log on a disk with little space."""
    with closing(open_database(f"sqlite:///{tmp_path}/small.db")) as database:
        schema.migrate(database)
        pages = database.rows("PRAGMA page_count")[0][0]
        store = Store(database, clock=clock, chance=SeededChance(1))
        limit_pages(store, pages + SPARE_PAGES)
        yield store


def limit_pages(store: Store, pages: int) -> None:
    """Let the writing connection find no more room than that."""
    store.database.transact(lambda t: t.rows(f"PRAGMA max_page_count = {pages}"))


def counted(store: Store, table: str) -> int:
    return int(store.database.rows(f"SELECT count(*) FROM {table}")[0][0])


def append_until_refused(store: Store) -> int:
    """Append single events and return how many were accepted before the disk was full."""
    for accepted in range(ATTEMPTS_MAX):
        try:
            store.append(facts.single())
        except StoreUnavailable:
            return accepted
    raise AssertionError("the disk never was full")


def test_writers_on_a_full_disk_keep_all_that_was_accepted_and_go_on_later(
    small: Store, clock: FixedClock
) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        accepted = sum(pool.map(append_until_refused, [small] * THREADS))

    limit_pages(small, 1_000_000)
    small.append(facts.single())

    assert accepted > THREADS
    assert counted(small, "events") == counted(small, "pending") == accepted + 1
    assert sequencing.sequence(small.database, clock) == accepted + 1


def test_companions_of_an_append_on_a_full_disk_are_not_left_behind(small: Store) -> None:
    append_until_refused(small)
    before = [counted(small, table) for table in ("events", "texts", "numbers")]
    text = SealedText("c" * 43, "member-x", "identity", b"x" * 100_000)

    with pytest.raises(StoreUnavailable):
        small.append(facts.batch(50), texts=[text], numbers=[KnownNumber(b"digest", "x")])

    assert [counted(small, table) for table in ("events", "texts", "numbers")] == before


def test_sequencer_on_a_full_disk_numbers_everything_once_there_is_room(
    small: Store, clock: FixedClock
) -> None:
    accepted = append_until_refused(small)
    with contextlib.suppress(StoreUnavailable):
        sequencing.sequence(small.database, clock)

    limit_pages(small, 1_000_000)
    while sequencing.sequence(small.database, clock):
        pass

    assert [each.position for each in small.read_log(0)] == list(range(1, accepted + 1))


def test_server_that_never_answers_is_told_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = open_database(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
        began = time.monotonic()

        with pytest.raises(StoreUnavailable):
            database.rows("SELECT 1")

    assert time.monotonic() - began < CONNECT_SECONDS + A_MOMENT_SECONDS


def test_server_that_is_not_there_is_told_for_every_kind_of_use(clock: FixedClock) -> None:
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    store = Store(database, clock=clock, chance=SeededChance(1))

    for use in (
        lambda: store.append(facts.single()),
        lambda: store.append(facts.batch(2), numbers=[KnownNumber(b"digest", "x")]),
        lambda: store.versions([]),
        lambda: sequencing.sequence(database, clock),
        lambda: schema.migrate(database),
    ):
        with pytest.raises(StoreUnavailable):
            use()


def test_cut_connections_are_replaced_and_nothing_is_lost_or_doubled(
    postgresql_store: Store, clock: FixedClock
) -> None:
    store, address = postgresql_store, postgresql_store.database.engine.url
    accepted: list[str] = []
    refused: list[StoreUnavailable] = []
    stopping = threading.Event()

    def write() -> None:
        while not stopping.is_set():
            streams = facts.single()
            try:
                accepted.extend(receipt.id for receipt in store.append(streams))
            except StoreUnavailable as error:
                refused.append(error)

    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with ThreadPoolExecutor(4) as pool, psycopg.connect(plain, autocommit=True) as operator:
        writers = [pool.submit(write) for _ in range(4)]
        for _ in range(5):
            time.sleep(0.1)
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        stopping.set()
        for each in writers:
            each.result()

    while accepted_later(store, clock):
        pass
    stored = [each.entry.id for each in store.read_log(0, limit=100_000)]
    assert refused
    assert len(set(stored)) == len(stored)
    assert set(accepted) <= set(stored)


def test_connections_that_were_cut_while_nobody_used_them_fail_nobody(
    postgresql_store: Store,
) -> None:
    database = postgresql_store.database
    together = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(THREADS):
            pool.submit(database.read, lambda _: together.wait(A_MOMENT_SECONDS))
    plain = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as operator:
        ended = operator.execute(
            "SELECT count(pg_terminate_backend(pid, 3000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()

    assert [database.rows("SELECT 1") for _ in range(2 * THREADS)] == [[(1,)]] * 2 * THREADS
    assert ended[0][0] >= THREADS


def accepted_later(store: Store, clock: FixedClock) -> int:
    """Number what waits, past the connections in the pool that were cut."""
    try:
        return sequencing.sequence(store.database, clock)
    except StoreUnavailable:
        return 1


def test_connection_cut_in_the_middle_of_an_append_leaves_nothing_of_it(
    postgresql_store: Store,
) -> None:
    store, batch = postgresql_store, facts.batch(3)
    plain = store.database.engine.url.set(drivername="postgresql")
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(plain.render_as_string(hide_password=False)) as rival,
    ):
        rival.execute("INSERT INTO numbers (digest, id) VALUES ('digest', 'y')")
        numbers = [KnownNumber(b"digest", "x")]  # waits for the rival, its guard being checked
        guarded = batch | {next(iter(facts.single())): Appended(0)}
        appending = pool.submit(store.append, guarded, numbers=numbers)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
        until = time.monotonic() + A_MOMENT_SECONDS
        while not rival.execute(cut).fetchall() and time.monotonic() < until:
            pass

        with pytest.raises(StoreUnavailable):
            appending.result()

    with contextlib.suppress(StoreUnavailable):  # another connection of the pool may be cut too
        store.versions(batch)
    assert set(store.versions(batch).values()) == {0}
    assert [counted(store, table) for table in ("events", "pending")] == [0, 0]
    assert len(store.append(batch)) == 3


def test_store_that_was_closed_refuses_instead_of_waiting_for_ever(
    tmp_path: Path, clock: FixedClock
) -> None:
    database = open_database(f"sqlite:///{tmp_path}/log.db")
    schema.migrate(database)
    database.close()
    database.close()  # as a command does that let go of it before it ends

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(
            Store(database, clock=clock, chance=SeededChance(1)).append, facts.single()
        )
        with pytest.raises(StoreUnavailable, match="closed"):
            late.result(A_MOMENT_SECONDS)


@pytest.mark.parametrize("name", ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"])
def test_a_full_disk_is_told_in_the_same_words_of_whoever_writes_and_whoever_opens(
    name: str,
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name

    with pytest.raises(StoreUnavailable, match="disk is full"):
        sqlite.translate(error)
