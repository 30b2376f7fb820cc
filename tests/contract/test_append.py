"""Appending, on both databases: all or nothing, at the expected versions, once."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.identifiers import Stream
from events.store import schema, sequencing, tables
from events.store.address import open_database
from events.store.batch import Appended, KnownNumber
from events.store.database import Transaction
from events.store.encoding import TooManyEvents
from events.store.store import Store
from events.vault.sealing import SealedText
from tests.support import facts
from tests.support.fakes import FixedClock, SeededChance

Streams = dict[Stream, Appended]


def only(streams: Streams) -> tuple[Stream, Appended]:
    ((stream, appended),) = streams.items()
    return stream, appended


def counted(store: Store) -> dict[str, int]:
    tables_ = ("events", "pending", "texts", "numbers")
    return {name: store.database.rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables_}


def test_several_streams_go_in_together_and_are_read_back(store: Store) -> None:
    streams = facts.batch(3)

    receipts = store.append(streams)

    assert [receipt.stream for receipt in receipts] == list(streams)
    for stream, appended in streams.items():
        history = store.read_stream(stream)
        assert [each.event for each in history.events] == [new.event for new in appended.events]
        assert history.version == 1


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_a_version_taken_or_skipped_is_refused_and_nothing_is_written(
    store: Store, expected: int
) -> None:
    stream, appended = only(facts.single())
    store.append({stream: appended})
    before = counted(store)

    with pytest.raises(ConcurrentAppend):
        facts.append_one(store, stream, expected)

    assert counted(store) == before


@pytest.mark.parametrize("expected", [0, 2, 7])
def test_one_stream_at_the_wrong_version_refuses_the_others_with_it(
    store: Store, expected: int
) -> None:
    stream, appended = only(facts.single())
    store.append({stream: appended})
    before = counted(store)
    wrong = Appended(expected, only(facts.single())[1].events)

    with pytest.raises(ConcurrentAppend):
        store.append({**facts.single(), stream: wrong})

    assert counted(store) == before


def test_a_guarded_stream_must_not_have_moved(store: Store) -> None:
    guarded, appended = only(facts.single())
    store.append({guarded: appended})
    before = counted(store)

    with pytest.raises(ConcurrentAppend):
        store.append({**facts.single(), guarded: Appended(0)})

    assert counted(store) == before
    store.append({**facts.single(), guarded: Appended(1)})
    assert store.versions([guarded]) == {guarded: 1}


def test_the_same_id_is_taken_once_and_its_receipt_is_kept(store: Store) -> None:
    stream, appended = only(facts.single())
    (receipt,) = store.append({stream: appended})

    with pytest.raises(ConcurrentAppend):
        store.append({Stream(f"{stream}x"): appended})

    known = store.known_events("/hr/benchmark", [receipt.id, "another"])
    assert {key: each.receipt for key, each in known.items()} == {receipt.id: receipt}
    assert known[receipt.id].request_digest == appended.events[0].request_digest


def test_words_and_numbers_go_in_with_their_events_or_not_at_all(store: Store) -> None:
    stream, appended = only(facts.single())
    text = SealedText("c" * 43, "member-x", "identity", b"box")
    number = KnownNumber(b"digest", "x")
    store.append({stream: appended}, texts=[text], numbers=[number])
    other = SealedText("d" * 43, "member-x", "identity", b"box")

    with pytest.raises(ConcurrentAppend):
        store.append({stream: appended}, texts=[other])

    assert store.sealed_texts([text.commitment, other.commitment]) == {text.commitment: text}
    assert store.known_numbers([b"digest", b"none"]) == {b"digest": "x"}
    with pytest.raises(ConcurrentAppend):
        store.append(facts.single(), numbers=[KnownNumber(b"digest", "y")])


def test_an_append_has_a_limit(store: Store) -> None:
    assert len(store.append(facts.batch(1_000))) == 1_000

    with pytest.raises(TooManyEvents):
        store.append(facts.batch(1_001))
    with pytest.raises(TooManyEvents):
        store.append({})


def test_events_are_numbered_in_the_order_of_the_append(store: Store, clock: FixedClock) -> None:
    streams = facts.batch(20)
    store.append(streams)

    sequencing.sequence(store.database, clock)

    log = store.read_log(0)
    assert [each.entry.stream for each in log] == list(streams)
    assert [each.position for each in log] == list(range(1, 21))


def test_rivals_for_one_stream_get_in_one_at_a_time(store: Store) -> None:
    stream, appended = only(facts.single())
    store.append({stream: appended})
    won: list[int] = []
    lost: list[TusoiError] = []

    def rival() -> None:
        for _ in range(10):
            version = store.versions([stream])[stream]
            try:
                facts.append_one(store, stream, version)
                won.append(version)
            except ConcurrentAppend as error:
                lost.append(error)

    rivals = [threading.Thread(target=rival) for _ in range(6)]
    for each in rivals:
        each.start()
    for each in rivals:
        each.join()

    assert len(won) + len(lost) == 60
    assert sorted(won) == list(range(1, len(won) + 1))
    assert store.read_stream(stream).version == len(won) + 1


def test_batches_over_the_same_streams_in_opposite_orders_do_not_block_each_other(
    store: Store,
) -> None:
    streams = list(facts.batch(8))
    for stream in streams:
        facts.append_one(store, stream, 0)
    done: list[int] = []

    def rival(order: list[Stream]) -> None:
        for _ in range(10):
            versions = store.versions(order)
            wanted = {
                each: Appended(versions[each], only(facts.single())[1].events) for each in order
            }
            try:
                done.append(len(store.append(wanted)))
            except ConcurrentAppend:
                continue

    rivals = [threading.Thread(target=rival, args=(order,)) for order in (streams, streams[::-1])]
    for each in rivals:
        each.start()
    for each in rivals:
        each.join(30)

    assert done
    assert {store.read_stream(each).version for each in streams} == {len(done) + 1}


def test_reading_as_of_a_position_leaves_out_what_came_later(
    store: Store, clock: FixedClock
) -> None:
    stream, appended = only(facts.single())
    store.append({stream: appended})
    sequencing.sequence(store.database, clock)
    clock.tick(-60)  # stamps do not go back with the clock
    facts.append_one(store, stream, 1)
    sequencing.sequence(store.database, clock)

    assert store.read_stream(stream, as_of=1).version == 1
    assert store.read_stream(stream, as_of=2).version == 2
    assert store.position_at(clock.time) == 0
    clock.tick(60)
    assert store.position_at(clock.time) == 2


@pytest.mark.parametrize("table", ["events", "log", "checkpoints"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
def test_what_is_stored_is_never_changed(
    store: Store, clock: FixedClock, table: str, sql: str
) -> None:
    store.append(facts.single())
    sequencing.sequence(store.database, clock)
    checkpoint = ("x", 1, "note", 0)
    store.database.transact(lambda t: t.insert(tables.checkpoints, [checkpoint]))
    column = "size" if table == "checkpoints" else "arrival"

    with pytest.raises(Exception, match=r"never changed|near .TRUNCATE."):
        store.database.transact(lambda t: t.run(sql.format(table, column, column)))


def test_migrated_tables_are_those_that_the_code_knows(store: Store) -> None:
    inspector = sa.inspect(store.database.engine)

    for table in tables.metadata.sorted_tables:
        columns = {each["name"]: each for each in inspector.get_columns(table.name)}
        assert list(columns) == [each.name for each in table.columns]
        assert [not each["nullable"] for each in columns.values()] == [
            not each.nullable for each in table.columns
        ]
        unique = {tuple(u["column_names"]) for u in inspector.get_unique_constraints(table.name)}
        expected = {
            tuple(column.name for column in each.columns)
            for each in table.constraints
            if isinstance(each, sa.UniqueConstraint)
        }
        assert unique == expected


def test_migrating_twice_is_migrating_once(store: Store) -> None:
    assert schema.migrate(store.database) == schema.needed_revision()
    schema.require_current(store.database)


def test_a_full_disk_loses_nothing_and_halves_nothing(tmp_path: Path, clock: FixedClock) -> None:
    database = open_database(f"sqlite:///{tmp_path}/small.db")
    schema.migrate(database)
    store = Store(database, clock=clock, chance=SeededChance(1))
    pages = database.rows("PRAGMA page_count")[0][0]

    database.transact(lambda t: t.rows(f"PRAGMA max_page_count = {pages + 200}"))
    with pytest.raises(StoreUnavailable):
        _append_until_refused(store)

    kept = counted(store)
    database.transact(lambda t: t.rows("PRAGMA max_page_count = 1000000"))
    store.append(facts.batch(50))
    after = counted(store)
    database.close()
    assert kept["events"] == kept["pending"] == kept["events"] // 50 * 50 > 0
    assert after["events"] == kept["events"] + 50


def _append_until_refused(store: Store) -> None:
    for _ in range(1_000):
        store.append(facts.batch(50))


def test_a_database_that_is_not_there_is_told_as_such() -> None:
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:9/none")

    with pytest.raises(StoreUnavailable):
        database.rows("SELECT 1")


def test_a_failed_piece_leaves_the_others_of_its_commit(store: Store) -> None:
    def wrong(transaction: Transaction) -> None:
        transaction.run("DELETE FROM pending")
        raise InterruptedError

    store.append(facts.single())
    outcomes: list[InterruptedError] = []

    def attempt(fails: str) -> None:
        try:
            store.database.transact(wrong) if fails else store.append(facts.single())
        except InterruptedError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt, args=(each,)) for each in ("fails", "") * 10]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(outcomes) == 10
    assert counted(store)["pending"] == 11
