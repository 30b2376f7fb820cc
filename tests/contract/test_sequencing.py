"""Positions are gap-free, given once, and lost by no crash, on both databases."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
import pytest

from events.errors import ConcurrentAppend, StoreUnavailable
from events.proof.merkle import EMPTY_EDGE, leaf_hash
from events.store import sequencing, subscriptions, tiles
from events.store.database import Database, Transaction
from events.store.head import HeadLost
from events.store.sequencing import HeadMoved
from events.store.store import Store
from tests.support import facts
from tests.support.databases import Wrapped
from tests.support.fakes import FixedClock
from tests.support.faults import Faulty

T = TypeVar("T")

GIVE_UP_SECONDS = 60
STEPS_MAX = 8  # statements of one sequencing transaction, and more


class Leaderless(Wrapped):
    """A database on which everybody leads, as behind a pooler that forgets locks."""

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._database.transact(lambda transaction: work(self.changed(transaction)))

    def changed(self, transaction: Transaction) -> Transaction:
        vars(transaction)["try_lead"] = lambda _lock: True
        return transaction


class HeadOf(Leaderless):
    """A database on which the head is read wrongly, and everything else works."""

    def __init__(self, database: Database, *, size: int) -> None:
        super().__init__(database)
        self._size = size

    def changed(self, transaction: Transaction) -> Transaction:
        rows, edge = transaction.rows, EMPTY_EDGE.extend([bytes(32)] * self._size).to_bytes()
        vars(transaction)["rows"] = lambda *query: [
            (*row[:2], self._size, edge, row[4]) if len(row) == 5 else row for row in rows(*query)
        ]
        return transaction


def positions(store: Store) -> list[int]:
    return [row[0] for row in store.database.rows("SELECT position FROM log ORDER BY position")]


def assert_whole(store: Store, count: int) -> None:
    """Every event has one place, and the tree is that of the entries in their order."""
    log = store.read_log(0)
    entries = [
        bytes(row[0])
        for row in store.database.rows(
            "SELECT entry FROM events JOIN log ON log.arrival = events.arrival ORDER BY position"
        )
    ]
    edge = EMPTY_EDGE.extend([leaf_hash(entry) for entry in entries])
    assert [each.position for each in log] == list(range(1, count + 1))
    assert len({each.entry.id for each in log}) == count
    assert store.head()[:3] == (count, edge.root, edge.to_bytes())
    assert sequencing.count_pending(store.database) == 0


def test_committed_events_get_places_without_gaps(store: Store, clock: FixedClock) -> None:
    for size in (1, 5, 2):
        store.append(facts.batch(size))
        assert sequencing.sequence(store.database, clock) == size

    assert_whole(store, 8)
    assert sequencing.sequence(store.database, clock) == 0


def test_a_batch_has_a_limit_and_the_rest_comes_next(store: Store, clock: FixedClock) -> None:
    store.append(facts.batch(10))

    counts = [sequencing.sequence(store.database, clock, limit=4) for _ in range(4)]

    assert counts == [4, 4, 2, 0]
    assert_whole(store, 10)


@pytest.mark.parametrize("step", range(1, STEPS_MAX + 1))
def test_a_crash_at_any_step_leaves_the_batch_waiting(
    store: Store, clock: FixedClock, step: int
) -> None:
    faulty = Faulty(store.database)
    store.append(facts.batch(3))
    sequencing.sequence(faulty, clock)
    store.append(facts.batch(4))

    faulty.fail_at(step)
    try:
        sequencing.sequence(faulty, clock)
    except StoreUnavailable:
        assert positions(store) == [1, 2, 3]
    sequencing.sequence(faulty, clock)

    assert_whole(store, 7)


def test_a_crash_after_the_commit_numbers_nothing_twice(store: Store, clock: FixedClock) -> None:
    faulty = Faulty(store.database)
    store.append(facts.batch(4))

    faulty.fail_after_commit()
    with pytest.raises(StoreUnavailable):
        sequencing.sequence(faulty, clock)
    assert sequencing.sequence(faulty, clock) == 0

    assert_whole(store, 4)


def test_several_sequencers_double_and_skip_nothing(store: Store, clock: FixedClock) -> None:
    writing = threading.Event()
    failures: list[BaseException] = []

    def lead() -> None:
        while not writing.is_set() or sequencing.count_pending(store.database):
            try:
                sequencing.sequence(store.database, clock, limit=7)
            except BaseException as error:  # noqa: BLE001 - told by the test
                failures.append(error)
                return

    leaders = [threading.Thread(target=lead) for _ in range(3)]
    for each in leaders:
        each.start()
    for _ in range(30):
        store.append(facts.batch(5))
    writing.set()
    for each in leaders:
        each.join(60)

    assert failures == []
    assert_whole(store, 150)


def test_sequencers_that_all_think_they_lead_double_and_skip_nothing(
    store: Store, clock: FixedClock
) -> None:
    for _ in range(20):
        store.append(facts.batch(5))
    database = Leaderless(store.database)

    def number_all() -> None:
        while sequencing.count_pending(store.database):
            with contextlib.suppress(ConcurrentAppend, HeadMoved):
                sequencing.sequence(database, clock, limit=7)

    leaders = [threading.Thread(target=number_all) for _ in range(3)]
    for each in leaders:
        each.start()
    for each in leaders:
        each.join(60)

    assert_whole(store, 100)


def test_head_that_moved_under_the_sequencer_stops_it_before_anything_is_numbered(
    store: Store, clock: FixedClock
) -> None:
    store.append(facts.batch(2))
    moved = HeadOf(store.database, size=1)  # what another sequencer made of it, read by mistake

    with pytest.raises((HeadMoved, ConcurrentAppend)):
        sequencing.sequence(moved, clock)

    assert positions(store) == []
    sequencing.sequence(store.database, clock)
    assert_whole(store, 2)


ODD_HEADS = ("size = 'x'", "root = 7", "sequencedat = 'x'", "sequencedat = 9000000000000000000")


@pytest.mark.parametrize("change", ["DELETE FROM head", *ODD_HEADS])
def test_without_the_head_nothing_is_numbered_or_shown_and_everybody_says_so(
    store: Store, clock: FixedClock, change: str
) -> None:
    """SQLite takes anything in any column."""
    if change in ODD_HEADS:
        if not store.database.embedded:
            return
        change = f"UPDATE head SET {change}"
    store.append(facts.batch(2))
    store.database.transact(lambda t: t.run(change))

    for ask in (store.head, lambda: tiles.extend(store.database, 1)):
        with pytest.raises(HeadLost, match="restore the database"):
            ask()
    if "root" not in change and "sequencedat" not in change:
        with pytest.raises(HeadLost):
            store.database.read(subscriptions.backlog)
        with pytest.raises(HeadLost):
            sequencing.sequence(store.database, clock)
        assert positions(store) == []


def test_readers_that_follow_positions_see_each_event_once_while_writers_write(
    store: Store, clock: FixedClock
) -> None:
    def write() -> None:
        for _ in range(20):
            store.append(facts.batch(3))

    def lead() -> None:
        until = time.monotonic() + GIVE_UP_SECONDS
        while store.head().size < 180 and time.monotonic() < until:
            sequencing.sequence(store.database, clock, limit=10)

    with ThreadPoolExecutor(6) as pool:
        works = [pool.submit(work) for work in (write, write, write, lead)]
        first, second = (pool.submit(followed, store, 180) for _ in range(2))

    assert [work.result() for work in works] == [None] * 4
    assert first.result() == second.result()
    assert_whole(store, 180)


def followed(store: Store, count: int) -> list[str]:
    """Return the ids of the first events, read by position while they come."""
    seen: list[str] = []
    until = time.monotonic() + GIVE_UP_SECONDS
    while len(seen) < count and time.monotonic() < until:
        page = store.read_log(len(seen))
        places = range(len(seen) + 1, len(seen) + len(page) + 1)
        assert [each.position for each in page] == list(places)
        seen += [each.entry.id for each in page]
    return seen


def test_an_early_arrival_that_commits_late_is_missed_by_no_reader(
    postgresql_store: Store, clock: FixedClock
) -> None:
    store = postgresql_store
    row = facts.rows(facts.single())[0]
    address = store.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as slow:
        slow.execute(
            "WITH added AS (INSERT INTO events (stream, version, source, id, type, entry, "
            "leaf_hash, request_digest) VALUES (%b, %b, %b, %b, %b, %b, %b, %b) RETURNING arrival) "
            "INSERT INTO pending SELECT arrival FROM added",
            row,
        )
        store.append(facts.batch(3))  # arrives later, commits earlier
        sequencing.sequence(store.database, clock)
        seen = [each.entry.id for each in store.read_log(0)]
        slow.commit()

    sequencing.sequence(store.database, clock)

    late = store.read_log(len(seen))
    assert len(seen) == 3
    assert [(each.position, each.entry.id) for each in late] == [(4, row.id)]
    assert_whole(store, 4)
