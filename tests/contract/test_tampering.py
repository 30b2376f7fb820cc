"""Whatever is changed behind the service's back, `verify` finds it and says where."""

import hashlib
from pathlib import Path

import pytest

from events.clock import Clock
from events.definitions.catalogue import CATALOGUE
from events.identifiers import Stream
from events.proof.notes import SigningKey
from events.store import sequencing
from events.store.database import Transaction
from events.store.store import Store
from events.store.verification import Finding, LogCheck
from services.commands.checkpoints import LogSigner
from services.read_models.verification import StateCheck
from tests.benchmarks import facts
from workers.subscribers import PROJECTIONS, Subscriber

KEY = SigningKey.generate("test.example/log", b"k" * 32)
MEMBERS, EVENTS = 5, 3  # of each member


@pytest.fixture
def log(store: Store, clock: Clock, tmp_path: Path) -> Store:
    """A log of fifteen events, projected, and signed at ten and at fifteen."""
    for streams in facts.histories(MEMBERS, EVENTS - 1):
        store.append(streams)
    signer = LogSigner(store, KEY, tmp_path / "log.key", clock=clock)
    sequencing.sequence(store.database, clock)
    assert signer.sign()
    for stream in {Stream(each.entry.stream) for each in store.read_log(0)}:
        facts.append_one(store, stream, EVENTS - 1)
    sequencing.sequence(store.database, clock)
    assert signer.sign()
    for projection in PROJECTIONS.values():
        Subscriber(store, projection, clock=clock).advance()
    return store


def verified(store: Store) -> tuple[Finding, ...]:
    states = StateCheck(store)
    keys = {KEY.name: KEY.verifier}
    run = LogCheck(store.database, CATALOGUE, keys, each=states.fold).run()
    return run.findings + tuple(states.compare())


class Intruder:
    """Somebody with the database's password, whom no trigger hinders."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.database.transact(self._disarm)

    def run(self, sql: str, parameters: tuple[object, ...] = ()) -> int:
        return self._store.database.transact(lambda t: t.run(sql, parameters))

    @staticmethod
    def _disarm(transaction: Transaction) -> None:
        if transaction.connection.dialect.name == "postgresql":
            for table in ("events", "log", "checkpoints"):
                transaction.run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            return
        for (name,) in transaction.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            transaction.run(f"DROP TRIGGER {name}")


def entry_at(store: Store, position: int) -> tuple[int, bytes]:
    sql = """
    SELECT events.arrival, events.entry FROM events JOIN log ON log.arrival = events.arrival
    WHERE log.position = ?"""
    arrival, entry = store.database.rows(sql, (position,))[0]
    return arrival, bytes(entry)


def test_a_log_that_nobody_touched_verifies(log: Store) -> None:
    assert verified(log) == ()


def test_a_changed_entry_is_named(log: Store) -> None:
    arrival, entry = entry_at(log, 7)

    database = Intruder(log)
    changed = entry.replace(b"2026-11-23T08", b"2025-11-23T08")
    database.run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))

    assert "position 7" in {finding.where for finding in verified(log)}


def test_an_entry_changed_with_its_leaf_hash_breaks_the_next_checkpoint(
    log: Store,
) -> None:
    arrival, entry = entry_at(log, 7)

    database = Intruder(log)
    changed = entry.replace(b"2026-11-23T08", b"2025-11-23T08")
    leaf = hashlib.sha256(b"\0" + changed).digest()
    sql = "UPDATE events SET entry = ?, leaf_hash = ? WHERE arrival = ?"
    database.run(sql, (changed, leaf, arrival))

    assert {"checkpoint 10", "checkpoint 15", "head"} <= {f.where for f in verified(log)}


def test_a_changed_leaf_hash_is_named(log: Store) -> None:
    arrival, _ = entry_at(log, 3)

    database = Intruder(log)
    database.run("UPDATE events SET leaf_hash = ? WHERE arrival = ?", (bytes(32), arrival))

    assert {finding.where for finding in verified(log)} == {"position 3"}


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("UPDATE log SET position = 1007 WHERE position = 7", "position 8"),
        ("DELETE FROM log WHERE position = 7", "position 8"),
        ("UPDATE log SET sequencedat = 5 WHERE position = 7", "position 7"),
        ("UPDATE log SET arrival = 1000000 WHERE position = 7", "position 7"),
        ("UPDATE events SET stream = 'member-x' WHERE arrival = 7", "position 7"),
        ("UPDATE events SET type = 'roster.member_left' WHERE arrival = 7", "position 7"),
        ("UPDATE events SET version = 9 WHERE arrival = 7", "position 7"),
        ("DELETE FROM events WHERE arrival = 7", "position 7"),
        ("UPDATE head SET size = 14", "head"),
        ("UPDATE head SET size = 16", "position 16"),
        ("UPDATE head SET root = edge", "head"),
        (
            "UPDATE checkpoints SET note = replace(note, '15', '14') WHERE size = 15",
            "checkpoint 15",
        ),
        (
            "UPDATE checkpoints SET note = replace(note, 'log', 'lag') WHERE size = 10",
            "checkpoint 10",
        ),
        ("UPDATE checkpoints SET size = 11 WHERE size = 10", "checkpoint 11"),
        ("UPDATE checkpoints SET origin = 'other' WHERE size = 10", "checkpoint 10"),
    ],
)
def test_what_is_changed_is_found_where_it_was_changed(log: Store, sql: str, where: str) -> None:
    database = Intruder(log)
    assert database.run(sql) == 1

    found = {finding.where for finding in verified(log)}

    assert where in found, found


def test_a_log_cut_off_at_its_end_is_found_by_what_was_signed(log: Store) -> None:
    arrivals = log.database.rows("SELECT arrival FROM log WHERE position > 12")

    database = Intruder(log)
    database.run("DELETE FROM log WHERE position > 12")
    for (arrival,) in arrivals:
        database.run("DELETE FROM events WHERE arrival = ?", (arrival,))
    database.run("UPDATE head SET size = 12")

    assert "checkpoint 15" in {finding.where for finding in verified(log)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {table} SET unit_id = 'elsewhere' WHERE member_id = ?",
        "UPDATE {table} SET enrolled = NOT enrolled WHERE member_id = ?",
        "UPDATE {table} SET position = position + 1 WHERE member_id = ?",
        "UPDATE {table} SET version = version - 1 WHERE member_id = ?",
        "DELETE FROM {table} WHERE member_id = ?",
    ],
)
def test_a_changed_state_is_named(log: Store, change: str) -> None:
    (member_id,) = log.database.rows("SELECT min(member_id) FROM member_states")[0]

    database = Intruder(log)
    assert database.run(change.format(table="member_states_1_1"), (member_id,)) == 1

    assert {finding.where for finding in verified(log)} == {f"member_states {member_id}"}


def test_a_state_of_nobody_is_named(log: Store) -> None:
    database = Intruder(log)
    database.run(
        "INSERT INTO member_states_1_1 SELECT 'nobody', version, position, unit_id, enrolled, "
        "state FROM member_states_1_1 LIMIT 1"
    )

    assert "member_states nobody" in {finding.where for finding in verified(log)}
