"""Subtler tampering: any byte, what cannot be read, what lies beside the head, what was true once.

And a log that grows while it is verified is not taken for one that was tampered with.
"""

from pathlib import Path

import pytest

from events.definitions.catalogue import CATALOGUE
from events.store import sequencing
from events.store.store import Store
from events.store.verification import LogCheck
from services.read_models import states as read_models
from services.read_models.verification import StateCheck
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.rivals import Interrupted
from tests.support.tampering import (
    KEY,
    MEMBERS,
    STATES,
    Intruder,
    entry_at,
    findings_of,
    signed_log,
)


@pytest.fixture
def log(store: Store, clock: FixedClock, tmp_path: Path) -> Store:
    return signed_log(store, tmp_path / "log.key", clock=clock)


def test_no_changed_byte_of_an_entry_escapes_or_stops_the_check(log: Store) -> None:
    arrival, entry = entry_at(log, 7)
    database = Intruder(log)
    escaped = []

    for place in range(0, len(entry), 5):  # names, schema, salt, data and all that is between
        changed = entry[:place] + bytes([entry[place] ^ 1]) + entry[place + 1 :]
        database.run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))
        if "position 7" not in {finding.where for finding in findings_of(log)}:
            escaped.append(place)

    assert escaped == []


@pytest.mark.parametrize("name", ["roster.member_moved/2", "roster.invented/1"])
def test_an_entry_made_out_to_be_unreadable_is_named(log: Store, name: str) -> None:
    arrival, entry = entry_at(log, 7)
    changed = entry.replace(b"roster.member_moved/1", name.encode())
    assert changed != entry

    Intruder(log).run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))

    assert "position 7" in {finding.where for finding in findings_of(log)}


@pytest.mark.parametrize("column", ["note", "link"])
def test_no_changed_character_of_a_checkpoint_escapes(log: Store, column: str) -> None:
    note = log.database.rows(f"SELECT {column} FROM checkpoints WHERE size = 10")[0][0]
    database = Intruder(log)
    escaped = []

    for place in range(0, len(note), 3):  # origin, size, root, key and signature
        changed = note[:place] + chr(ord(note[place]) ^ 1) + note[place + 1 :]
        database.run(f"UPDATE checkpoints SET {column} = ? WHERE size = 10", (changed,))
        if "checkpoint 10" not in {finding.where for finding in findings_of(log)}:
            escaped.append(place)

    assert escaped == []


@pytest.mark.parametrize("step", range(1, 8))
def test_a_log_that_grows_and_is_signed_during_the_check_verifies(
    log: Store, clock: FixedClock, tmp_path: Path, step: int
) -> None:
    def grow() -> None:
        log.append(facts.batch(3))
        sequencing.sequence(log.database, clock)
        assert LogSigner(log, KEY, tmp_path / "log.key", clock=clock).sign()

    database = Interrupted(log.database, before_step=step, rival=grow)
    keys = {KEY.name: KEY.verifier}
    states = StateCheck(log)
    check = LogCheck(database, CATALOGUE, keys, each=states.fold)

    assert check.run().findings + tuple(states.compare()) == ()


def test_an_event_put_behind_the_head_is_named(log: Store) -> None:
    row = facts.rows(facts.single())[0]
    database = Intruder(log)
    columns = "stream, version, source, id, type, entry, leaf_hash, request_digest"
    database.run(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.run("INSERT INTO log SELECT 16, arrival, 9 FROM events WHERE id = ?", (row.id,))

    found = {finding.where for finding in findings_of(log)}

    assert len(log.read_log(15)) == 1  # readers find it there
    assert "position 16" in found


def test_an_event_that_will_never_be_numbered_is_named(log: Store) -> None:
    (receipt,) = log.append(facts.single())

    Intruder(log).run("DELETE FROM pending")

    assert {f.where for f in findings_of(log)} == {f"{receipt.stream} version 1"}


def test_events_that_changed_places_break_the_next_checkpoint(log: Store) -> None:
    (seventh, _), (eighth, _) = entry_at(log, 7), entry_at(log, 8)

    database = Intruder(log)
    for arrival, position in ((-1, 7), (seventh, 8), (eighth, 7)):
        database.run("UPDATE log SET arrival = ? WHERE position = ?", (arrival, position))

    assert {"checkpoint 10", "checkpoint 15", "head"} <= {f.where for f in findings_of(log)}


def test_a_changed_byte_of_a_state_is_named(log: Store) -> None:
    sql = "SELECT member_id, state FROM member_states ORDER BY member_id LIMIT 1"
    member_id, state = log.database.rows(sql)[0]
    database = Intruder(log)
    found = set()

    for place in (0, len(state) // 2, len(state) - 1):
        changed = state[:place] + bytes([state[place] ^ 1]) + state[place + 1 :]
        sql = f"UPDATE {STATES} SET state = ? WHERE member_id = ?"
        database.run(sql, (changed, member_id))
        found |= {(place, finding.where) for finding in findings_of(log)}

    assert found == {
        (place, f"member_states {member_id}") for place in (0, len(state) // 2, len(state) - 1)
    }


def test_a_state_set_back_to_what_once_was_true_is_named(log: Store) -> None:
    (member_id,) = log.database.rows("SELECT min(member_id) FROM member_states")[0]
    stream = read_models.MEMBERS.stream(member_id)
    first = log.read_stream(stream, as_of=MEMBERS).events
    row = read_models.MEMBERS.row(member_id, 1, read_models.MEMBERS.fold(first))
    sql = f"UPDATE {STATES} SET version = ?, position = ?, unit_id = ?, state = ?"

    database = Intruder(log)
    database.run(f"{sql} WHERE member_id = ?", (*row[1:4], row[-1], member_id))

    assert {finding.where for finding in findings_of(log)} == {f"member_states {member_id}"}
