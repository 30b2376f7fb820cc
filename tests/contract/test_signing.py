"""Checkpoints are signed from the committed head, and never of a log that did not grow."""

from pathlib import Path

import pytest

from events.proof import signer as memory
from events.proof.checkpoints import open_checkpoint
from events.proof.merkle import EMPTY_EDGE
from events.proof.signer import LogInconsistent, LogRolledBack
from events.store import sequencing, signed_heads
from events.store.store import Store
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.tampering import KEY, Intruder, findings_of


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "log.key"


@pytest.fixture
def signer(store: Store, key_file: Path, clock: FixedClock) -> LogSigner:
    return LogSigner(store, KEY, key_file, clock=clock)


def grow(store: Store, clock: FixedClock, count: int) -> None:
    store.append(facts.batch(count))
    sequencing.sequence(store.database, clock)


def test_an_empty_log_has_no_checkpoint(signer: LogSigner) -> None:
    assert signer.sign() is None


def test_a_grown_log_is_signed_and_an_unchanged_one_keeps_its_checkpoint(
    store: Store, signer: LogSigner, clock: FixedClock
) -> None:
    grow(store, clock, 3)
    first = signer.sign()
    again = signer.sign()
    grow(store, clock, 2)
    second = signer.sign()

    assert first
    assert second
    assert first == again
    assert open_checkpoint(second.note, KEY.verifier, KEY.name).root == store.head().root
    assert [head.size for _, head in signed_heads.every(store.database)] == [3, 5]


def test_a_log_smaller_than_what_was_signed_is_refused(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    signer.sign()
    path = memory.memory_path(key_file, KEY.verifier)
    last = memory.load(path)
    assert last
    edge = last.signed.edge.extend([bytes(32)])
    memory.save(path, memory.Memory(memory.LastSigned(4, edge.root, edge), None))

    with pytest.raises(LogRolledBack):
        signer.require_grown()
    with pytest.raises(LogRolledBack):
        signer.sign()


def test_a_log_of_other_entries_is_refused(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    edge = EMPTY_EDGE.extend([bytes(32)] * 2)
    path = memory.memory_path(key_file, KEY.verifier)
    memory.save(path, memory.Memory(memory.LastSigned(2, edge.root, edge), None))

    with pytest.raises(LogInconsistent):
        signer.sign()

    assert signed_heads.every(store.database) == []


def test_after_a_crash_between_memory_and_publication_the_same_size_is_signed(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    remembered = memory.Memory(signer.check(), None)
    memory.save(memory.memory_path(key_file, KEY.verifier), remembered)

    signed = signer.sign()

    assert signed
    assert signed.size == 3


def test_a_host_that_never_signed_goes_on_from_what_others_signed(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    signer.sign()
    memory.memory_path(key_file, KEY.verifier).unlink()
    grow(store, clock, 2)

    signed = signer.sign()

    assert signed
    assert signed.size == 5


def take_away(store: Store, *sizes: int) -> None:
    intruder = Intruder(store)
    for size in sizes:
        assert intruder.run("DELETE FROM checkpoints WHERE size = ?", (size,)) == 1


def sizes_kept(store: Store) -> list[int]:
    return [head.size for _, head in signed_heads.every(store.database)]


def test_a_checkpoint_that_was_taken_away_is_put_back_as_it_was(
    store: Store, signer: LogSigner, clock: FixedClock
) -> None:
    grow(store, clock, 3)
    first = signer.sign()
    take_away(store, 3)
    clock.tick(60)

    lost, again = signer.missing_checkpoint(), signer.sign()

    assert (lost, again) == (first, first)
    assert signer.missing_checkpoint() is None


def test_what_follows_a_checkpoint_that_was_taken_away_follows_it_all_the_same(
    store: Store, signer: LogSigner, clock: FixedClock
) -> None:
    for _ in range(3):
        grow(store, clock, 2)
        signer.sign()
    take_away(store, 4, 6)

    grow(store, clock, 2)
    signer.sign()

    assert sizes_kept(store) == [2, 6, 8]
    assert [(f.where, f.what) for f in findings_of(store)] == [
        ("checkpoint 4", "is not there, and checkpoint 6 follows it")
    ]


def test_of_two_that_sign_at_once_each_follows_the_one_before(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Each on its own host, with a memory of its own."""
    hosts = [LogSigner(store, KEY, tmp_path / name, clock=clock) for name in ("a", "b")]
    for number in range(6):
        grow(store, clock, 1)
        signed = hosts[number % 2].sign()
        assert hosts[(number + 1) % 2].sign() == signed

    assert findings_of(store) == ()


def test_what_is_remembered_as_kept_and_is_no_checkpoint_is_not_put_back(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    signer.sign()
    take_away(store, 3)
    path = memory.memory_path(key_file, KEY.verifier)
    path.write_bytes(path.read_bytes().replace(b"tusoi/link/1 after 0", b"tusoi/link/1 after 1"))

    with pytest.raises(memory.MemoryDamaged):
        signer.sign()

    assert sizes_kept(store) == []
