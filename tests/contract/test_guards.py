"""A guarded stream stands still until the decision that rests on it is committed (PostgreSQL).

SQLite has one writer, so nobody can come between there.
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from events.errors import ConcurrentAppend
from events.identifiers import Stream
from events.store import sequencing
from events.store.batch import Appended, KnownNumber
from events.store.postgresql import stripe
from events.store.store import Store
from tests.support import facts
from tests.support.fakes import FixedClock

WAIT_SECONDS = 10
A_MOMENT_SECONDS = 0.3  # long enough for an append that nobody keeps waiting
DIGEST = b"digest"


def one_stream(store: Store) -> Stream:
    """Return a new stream with one event."""
    (receipt,) = store.append(facts.single())
    return Stream(receipt.stream)


def elsewhere(stream: Stream) -> dict[Stream, Appended]:
    """Return a new stream with one event that is locked on another stripe."""
    while True:
        streams = facts.single()
        if stripe(stream) not in map(stripe, streams):
            return streams


def wait_for_locks(store: Store, count: int) -> None:
    """Return once so many connections wait for a lock."""
    until = time.monotonic() + WAIT_SECONDS
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while store.database.rows(sql)[0][0] < count:
        assert time.monotonic() < until
        time.sleep(0.01)


class Held:
    """A guarded append that has checked its guards and is kept from its commit.

    It waits for a number that somebody else is writing, by hand, and may never commit.
    """

    def __init__(self, store: Store, pool: ThreadPoolExecutor, guarded: Stream) -> None:
        address = store.database.engine.url.set(drivername="postgresql")
        self._other = psycopg.connect(address.render_as_string(hide_password=False))
        self._other.execute("INSERT INTO numbers (digest, id) VALUES (%b, %b)", (DIGEST, "x"))
        self.decision = facts.single()
        streams = {**self.decision, guarded: Appended(1)}
        self.appended: Future[Any] = pool.submit(
            store.append, streams, numbers=[KnownNumber(DIGEST, "y")]
        )
        wait_for_locks(store, 1)

    def let_go(self) -> None:
        self._other.rollback()
        self._other.close()


def test_rival_waits_until_the_decision_is_committed_and_comes_after_it(
    postgresql_store: Store, clock: FixedClock
) -> None:
    store, guarded = postgresql_store, one_stream(postgresql_store)

    with ThreadPoolExecutor(2) as pool:
        held = Held(store, pool, guarded)
        rival = pool.submit(facts.append_one, store, guarded, 1)
        wait_for_locks(store, 2)
        time.sleep(A_MOMENT_SECONDS)
        waited = not rival.done()
        held.let_go()
        held.appended.result(WAIT_SECONDS)
        rival.result(WAIT_SECONDS)

    sequencing.sequence(store.database, clock)
    log = [each.entry.stream for each in store.read_log(0)]
    assert waited
    assert log == [guarded, *held.decision, guarded]


def test_batch_with_the_guarded_stream_waits_too(postgresql_store: Store) -> None:
    store, guarded = postgresql_store, one_stream(postgresql_store)
    streams = facts.batch(3) | {guarded: Appended(1, next(iter(facts.single().values())).events)}

    with ThreadPoolExecutor(2) as pool:
        held = Held(store, pool, guarded)
        rival = pool.submit(store.append, streams)
        wait_for_locks(store, 2)
        time.sleep(A_MOMENT_SECONDS)
        waited = not rival.done()
        held.let_go()
        held.appended.result(WAIT_SECONDS)
        rival.result(WAIT_SECONDS)

    assert waited
    assert store.versions([guarded]) == {guarded: 2}


def test_two_decisions_that_guard_each_others_streams_do_not_both_commit(
    postgresql_store: Store,
) -> None:
    store = postgresql_store
    left, right = one_stream(store), one_stream(store)
    together = threading.Barrier(2)

    def decide(written: Stream, guarded: Stream) -> bool:
        event = next(iter(facts.single().values())).events
        together.wait()
        try:
            store.append({written: Appended(1, event), guarded: Appended(1)})
        except ConcurrentAppend:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        decided = [pool.submit(decide, *pair) for pair in ((left, right), (right, left))]
        committed = [each.result(WAIT_SECONDS) for each in decided]

    assert sorted(committed) == [False, True]
    assert sum(store.versions([left, right]).values()) == 3


def test_other_streams_go_on_while_one_is_guarded(postgresql_store: Store) -> None:
    store, guarded = postgresql_store, one_stream(postgresql_store)

    with ThreadPoolExecutor(1) as pool:
        held = Held(store, pool, guarded)
        receipts = store.append(elsewhere(guarded))
        waiting = not held.appended.done()
        held.let_go()
        held.appended.result(WAIT_SECONDS)

    assert waiting
    assert len(receipts) == 1


def test_guard_fails_on_a_stream_that_a_rival_moved_while_it_waited(
    postgresql_store: Store,
) -> None:
    store, guarded = postgresql_store, one_stream(postgresql_store)
    number, streams = stripe(guarded), {**facts.single(), guarded: Appended(1)}
    address = store.database.engine.url.set(drivername="postgresql")

    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(address.render_as_string(hide_password=False)) as rival,
    ):
        rival.execute("SELECT pg_advisory_xact_lock_shared(7561, %s)", (number,))
        rival.execute(
            "INSERT INTO events (stream, version, source, id, type, entry, leaf_hash) "
            "SELECT stream, 2, source, 'rival', type, entry, leaf_hash FROM events LIMIT 1"
        )
        deciding = pool.submit(store.append, streams)
        wait_for_locks(store, 1)
        rival.commit()

        with pytest.raises(ConcurrentAppend):
            deciding.result(WAIT_SECONDS)

    assert store.versions(streams) == dict.fromkeys(streams, 0) | {guarded: 2}
