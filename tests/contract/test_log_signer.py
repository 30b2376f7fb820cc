"""The signer has one history only, whatever is restored, lost, crashes or signs beside it."""

from pathlib import Path

import pytest

from events.proof import signer
from events.proof.links import SignedHead
from events.proof.merkle import EMPTY_EDGE
from events.proof.notes import SigningKey
from events.proof.signer import LogInconsistent, LogRolledBack, MemoryDamaged
from events.store import sequencing, signed_heads
from events.store.database import Database, Transaction
from events.store.store import Store
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.databases import let_change
from tests.support.fakes import FixedClock
from tests.support.faults import Crash, Faulty
from tests.support.rivals import Interrupted

KEY = SigningKey.generate("test.example/log", b"k" * 32)
STEPS_MAX = 6  # of signing once: queries and transactions


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "log.key"


def grow(store: Store, clock: FixedClock, count: int) -> None:
    store.append(facts.batch(count))
    sequencing.sequence(store.database, clock)


def signer_on(store: Store, key_file: Path, clock: FixedClock) -> LogSigner:
    return LogSigner(store, KEY, key_file, clock=clock)


def signed(log_signer: LogSigner) -> SignedHead:
    head = log_signer.sign()
    assert head is not None
    return head


def memory(key_file: Path) -> Path:
    return signer.memory_path(key_file, KEY.verifier)


def set_back(store: Store, size: int) -> None:
    """Make the log what a backup of it was when it had `size` events; checkpoints may stay."""

    def restore(transaction: Transaction) -> None:
        let_change(transaction, "log", "checkpoints")
        transaction.run("DELETE FROM log WHERE position > ?", (size,))
        transaction.run("DELETE FROM checkpoints WHERE size > ?", (size,))
        edge = EMPTY_EDGE
        for (leaf,) in transaction.rows(
            "SELECT leaf_hash FROM events JOIN log ON log.arrival = events.arrival "
            "ORDER BY position"
        ):
            edge = edge.extend([bytes(leaf)])
        sql = "UPDATE head SET size = ?, root = ?, edge = ?"
        transaction.run(sql, (edge.size, edge.root, edge.to_bytes()))

    store.database.transact(restore)


def test_same_size_is_signed_with_the_same_bytes_by_anyone_at_any_time(
    store: Store, key_file: Path, clock: FixedClock
) -> None:
    grow(store, clock, 5)
    first = signed(signer_on(store, key_file, clock))
    clock.tick(60)

    again = signed(signer_on(store, key_file, clock))
    elsewhere = signed(signer_on(store, key_file.with_name("other.key"), clock))

    assert again == elsewhere == first
    assert len(signed_heads.every(store.database)) == 1


@pytest.mark.parametrize("persisted", [False, True])
def test_crash_between_remembering_and_storing_is_made_good(
    store: Store, key_file: Path, clock: FixedClock, *, persisted: bool
) -> None:
    grow(store, clock, 3)
    signed(signer_on(store, key_file, clock))
    grow(store, clock, 2)
    faulty = Faulty(store.database)
    crashing = signer_on(Store(faulty, clock=clock, chance=facts.CHANCE), key_file, clock)

    faulty.fail_after_commit() if persisted else faulty.fail_at(1)
    with pytest.raises(Crash):
        crashing.sign()
    remembered = signer.load(memory(key_file))
    assert remembered is not None
    assert remembered.signed.size == 5
    grow(store, clock, 1)
    head = signed(signer_on(store, key_file, clock))

    sizes = [head.size for _, head in signed_heads.every(store.database)]
    assert head.size == 6
    assert sizes == ([3, 5, 6] if persisted else [3, 6])


@pytest.mark.parametrize("size", [0, 3])
def test_rolled_back_log_is_never_signed_again(
    store: Store, key_file: Path, clock: FixedClock, size: int
) -> None:
    grow(store, clock, 5)
    log_signer = signer_on(store, key_file, clock)
    signed(log_signer)
    set_back(store, size)
    before = memory(key_file).read_bytes()

    for refused in (log_signer.sign, log_signer.check, log_signer.require_grown):
        with pytest.raises(LogRolledBack) as told:
            refused()
        assert (told.value.signed_size, told.value.size) == (5, size)

    assert signed_heads.every(store.database) == []
    assert memory(key_file).read_bytes() == before


@pytest.mark.parametrize("size", [5, 8])
def test_log_that_grew_another_way_is_never_signed(
    store: Store, key_file: Path, clock: FixedClock, size: int
) -> None:
    grow(store, clock, 5)
    log_signer = signer_on(store, key_file, clock)
    signed(log_signer)
    set_back(store, 3)
    grow(store, clock, size - 3)

    for refused in (log_signer.sign, log_signer.check, log_signer.require_grown):
        with pytest.raises(LogInconsistent):
            refused()

    assert signed_heads.every(store.database) == []


def test_without_memory_a_leaf_changed_below_the_newest_checkpoint_is_noticed(
    store: Store, key_file: Path, clock: FixedClock
) -> None:
    grow(store, clock, 3)
    signed(signer_on(store, key_file, clock))
    grow(store, clock, 4)
    memory(key_file).unlink()

    def change(transaction: Transaction) -> None:
        let_change(transaction, "events")
        transaction.run("UPDATE events SET leaf_hash = ? WHERE arrival = 2", (bytes(32),))

    store.database.transact(change)

    with pytest.raises(LogInconsistent):
        signer_on(store, key_file, clock).sign()


def test_damaged_memory_is_told_and_nothing_is_signed(
    store: Store, key_file: Path, clock: FixedClock
) -> None:
    grow(store, clock, 3)
    signed(signer_on(store, key_file, clock))
    grow(store, clock, 1)
    memory(key_file).write_bytes(memory(key_file).read_bytes()[:-9])

    with pytest.raises(MemoryDamaged):
        signer_on(store, key_file, clock).sign()

    assert [head.size for _, head in signed_heads.every(store.database)] == [3]


@pytest.mark.parametrize("step", range(1, STEPS_MAX + 1))
def test_log_that_grows_and_is_signed_by_a_rival_meanwhile_has_one_history(
    store: Store, key_file: Path, clock: FixedClock, step: int
) -> None:
    grow(store, clock, 3)
    rival_signer = signer_on(store, key_file, clock)
    signed(rival_signer)
    grow(store, clock, 1)

    def rival() -> None:
        grow(store, clock, 2)
        signed(rival_signer)

    database: Database = Interrupted(store.database, before_step=step, rival=rival)
    slow = Store(database, clock=clock, chance=facts.CHANCE)
    signed(signer_on(slow, key_file, clock))
    grow(store, clock, 1)
    signed(rival_signer)

    sizes = [head.size for _, head in signed_heads.every(store.database)]
    assert sizes[0] == 3
    assert sizes[-1] == store.head().size
    remembered = signer.load(memory(key_file))
    assert remembered is not None
    assert remembered.signed.size == sizes[-1]


def test_memory_never_goes_back_behind_what_a_rival_signed(
    store: Store, key_file: Path, clock: FixedClock
) -> None:
    grow(store, clock, 3)
    rival_signer = signer_on(store, key_file, clock)

    def rival() -> None:
        grow(store, clock, 2)
        signed(rival_signer)

    for step in range(1, STEPS_MAX + 1):
        database = Interrupted(store.database, before_step=step, rival=rival)
        slow = Store(database, clock=clock, chance=facts.CHANCE)
        signed(signer_on(slow, key_file, clock))
        remembered = signer.load(memory(key_file))

        assert remembered is not None
        assert remembered.signed.size >= max(
            head.size for _, head in signed_heads.every(store.database)
        )
        grow(store, clock, 1)
