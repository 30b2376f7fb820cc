"""Whatever is changed behind the service's back, `verify` finds it and says where."""

import hashlib
from pathlib import Path

import pytest

from events.store.store import Store
from services.read_models.states import MEMBERS
from tests.support.fakes import FixedClock
from tests.support.tampering import STATES, Intruder, entry_at, findings_of, signed_log


@pytest.fixture
def log(store: Store, clock: FixedClock, tmp_path: Path) -> Store:
    return signed_log(store, tmp_path / "log.key", clock=clock)


def test_a_log_that_nobody_touched_verifies(log: Store) -> None:
    assert findings_of(log) == ()


def test_a_changed_entry_is_named(log: Store) -> None:
    arrival, entry = entry_at(log, 7)

    database = Intruder(log)
    changed = entry.replace(b"2026-11-23T08", b"2025-11-23T08")
    database.run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))

    assert "position 7" in {finding.where for finding in findings_of(log)}


@pytest.mark.parametrize(
    ("part", "other", "what"),
    [
        (b'"type":"', b'"type":"x', "holds data of urn:tusoi:schemas/"),
        (b'"principal"', b'"more":1,"principal"', "holds more than its form has"),
        (b'"datacontenttype":"application/json",', b"", "leaves something out"),
        (b'"salt":"', b'"salt":"A', "holds more than its form has"),
    ],
)
def test_an_entry_of_another_form_than_its_facts_is_named(
    log: Store, part: bytes, other: bytes, what: str
) -> None:
    arrival, entry = entry_at(log, 7)

    changed = entry.replace(part, other)
    Intruder(log).run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))

    assert any(f.where == "position 7" and what in f.what for f in findings_of(log))


def test_an_entry_changed_with_its_leaf_hash_breaks_the_next_checkpoint(
    log: Store,
) -> None:
    arrival, entry = entry_at(log, 7)

    database = Intruder(log)
    changed = entry.replace(b"2026-11-23T08", b"2025-11-23T08")
    leaf = hashlib.sha256(b"\0" + changed).digest()
    sql = "UPDATE events SET entry = ?, leaf_hash = ? WHERE arrival = ?"
    database.run(sql, (changed, leaf, arrival))

    assert {"checkpoint 10", "checkpoint 15", "head"} <= {f.where for f in findings_of(log)}


def test_a_changed_leaf_hash_is_named(log: Store) -> None:
    arrival, _ = entry_at(log, 3)

    database = Intruder(log)
    database.run("UPDATE events SET leaf_hash = ? WHERE arrival = ?", (bytes(32), arrival))

    assert {finding.where for finding in findings_of(log)} == {"position 3"}


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
        ("UPDATE head SET edge = root", "head"),
        ("UPDATE head SET sequencedat = sequencedat + 1", "head"),
        ("UPDATE log SET sequencedat = sequencedat + 9 WHERE position = 14", "position 15"),
        (
            "UPDATE checkpoints SET note = replace(note, '15', '14') WHERE size = 15",
            "checkpoint 15",
        ),
        (
            "UPDATE checkpoints SET note = replace(note, 'log', 'lag') WHERE size = 10",
            "checkpoint 10",
        ),
        ("UPDATE checkpoints SET size = 11 WHERE size = 10", "checkpoint 11"),
        ("DELETE FROM checkpoints WHERE size = 10", "checkpoint 10"),
        (
            "UPDATE checkpoints SET link = replace(link, '2026', '2025') WHERE size = 10",
            "checkpoint 10",
        ),
        (
            "UPDATE checkpoints SET link = replace(link, 'after 10', 'after 0') WHERE size = 15",
            "checkpoint 15",
        ),
        ("UPDATE checkpoints SET origin = 'other' WHERE size = 10", "checkpoint 10"),
    ],
)
def test_what_is_changed_is_found_where_it_was_changed(log: Store, sql: str, where: str) -> None:
    database = Intruder(log)
    assert database.run(sql) == 1

    found = {finding.where for finding in findings_of(log)}

    assert where in found, found


def test_a_log_cut_off_at_its_end_is_found_by_what_was_signed(log: Store) -> None:
    arrivals = log.database.rows("SELECT arrival FROM log WHERE position > 12")

    database = Intruder(log)
    database.run("DELETE FROM log WHERE position > 12")
    for (arrival,) in arrivals:
        database.run("DELETE FROM events WHERE arrival = ?", (arrival,))
    database.run("UPDATE head SET size = 12")

    assert "checkpoint 15" in {finding.where for finding in findings_of(log)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {table} SET unit_id = 'elsewhere' WHERE member_id = ?",
        "UPDATE {table} SET enrolled = NOT enrolled WHERE member_id = ?",
        "UPDATE {table} SET position = position + 1 WHERE member_id = ?",
        "UPDATE {table} SET version = version - 1 WHERE member_id = ?",
        "DELETE FROM {table} WHERE member_id = ?",
        "UPDATE {table} SET state = substr(state, 1, 0) WHERE member_id = ?",
    ],
)
def test_a_changed_state_is_named(log: Store, change: str) -> None:
    (member_id,) = log.database.rows("SELECT min(member_id) FROM member_states")[0]

    database = Intruder(log)
    sql = change.format(table=STATES)
    assert database.run(sql, (member_id,)) == 1

    assert {finding.where for finding in findings_of(log)} == {f"member_states {member_id}"}


def test_a_state_of_nobody_is_named(log: Store) -> None:
    database = Intruder(log)
    others = ", ".join(each.name for each in MEMBERS.table("columns").columns[1:])
    database.run(f"INSERT INTO {STATES} SELECT 'nobody', {others} FROM {STATES} LIMIT 1")

    assert "member_states nobody" in {finding.where for finding in findings_of(log)}


@pytest.mark.parametrize(
    ("moved", "by", "where"), [((1, 8), -1, "checkpoint 10"), ((11, 15), 1, "checkpoint 15")]
)
def test_stamps_that_were_moved_and_fit_between_their_neighbours_are_found(
    log: Store, moved: tuple[int, int], by: int, where: str
) -> None:
    """The log was numbered at one moment, in microseconds."""
    database = Intruder(log)
    sql = "UPDATE log SET sequencedat = sequencedat + ? WHERE position >= ? AND position <= ?"
    assert database.run(sql, (by, *moved)) > 1
    database.run("UPDATE head SET sequencedat = (SELECT max(sequencedat) FROM log)")

    assert {finding.where for finding in findings_of(log)} == {where}


def test_the_links_of_two_checkpoints_are_not_exchanged(log: Store) -> None:
    rows = log.database.rows("SELECT size, link FROM checkpoints ORDER BY size")

    database = Intruder(log)
    for size, link in ((rows[0][0], rows[1][1]), (rows[1][0], rows[0][1])):
        database.run("UPDATE checkpoints SET link = ? WHERE size = ?", (link, size))

    assert {finding.where for finding in findings_of(log)} == {"checkpoint 10", "checkpoint 15"}
