"""Checkpoints are signed from the committed head, and never of a log that did not grow."""

from pathlib import Path

import pytest

from events.proof import signer as memory
from events.proof.checkpoints import open_checkpoint
from events.proof.merkle import EMPTY_EDGE
from events.proof.notes import SigningKey
from events.proof.signer import LogInconsistent, LogRolledBack
from events.store import sequencing, signed_heads
from events.store.store import Store
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.fakes import FixedClock

KEY = SigningKey.generate("test.example/log", b"k" * 32)


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
    assert [size for _, size, _ in signed_heads.every(store.database)] == [3, 5]


def test_a_log_smaller_than_what_was_signed_is_refused(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    signer.sign()
    path = memory.memory_path(key_file, KEY.verifier)
    last = memory.load(path)
    assert last
    edge = last.edge.extend([bytes(32)])
    memory.save(path, memory.LastSigned(4, edge.root, edge))

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
    memory.save(path, memory.LastSigned(2, edge.root, edge))

    with pytest.raises(LogInconsistent):
        signer.sign()

    assert signed_heads.every(store.database) == []


def test_after_a_crash_between_memory_and_publication_the_same_size_is_signed(
    store: Store, signer: LogSigner, clock: FixedClock, key_file: Path
) -> None:
    grow(store, clock, 3)
    memory.save(memory.memory_path(key_file, KEY.verifier), signer.check())

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
