"""The signer never signs a log that does not grow out of what it signed before."""

from pathlib import Path

import pytest

from events.proof.checkpoints import Checkpoint
from events.proof.links import SignedHead
from events.proof.merkle import EMPTY_EDGE, EMPTY_ROOT, RightEdge, TreeDamaged, leaf_hash
from events.proof.notes import SigningKey
from events.proof.signer import (
    MEMORY_BYTES_MAX,
    LastSigned,
    LogInconsistent,
    LogRolledBack,
    Memory,
    MemoryDamaged,
    advance,
    load,
    memory_path,
    save,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(20)]
OTHER_LEAVES = [leaf_hash(b"other" + bytes([number])) for number in range(20)]
NOTE = 1_000  # characters, more than a note of ours has
KEY = SigningKey.generate("tusoi.example/log", bytes(32))


def signed(leaves: list[bytes]) -> LastSigned:
    edge = EMPTY_EDGE.extend(leaves)
    return LastSigned(edge.size, edge.root, edge)


def last_signed(path: Path) -> LastSigned | None:
    memory = load(path)
    return memory.signed if memory else None


def remembered(leaves: list[bytes]) -> Memory:
    return Memory(signed(leaves), None)


def head(leaves: list[bytes]) -> tuple[int, bytes]:
    edge = EMPTY_EDGE.extend(leaves)
    return edge.size, edge.root


def test_log_that_grew_is_signed() -> None:
    batches = [LEAVES[5:9], LEAVES[9:10], LEAVES[10:]]

    last = advance(signed(LEAVES[:5]), batches, head(LEAVES))

    assert last == signed(LEAVES)


def test_first_checkpoint_is_grown_from_the_empty_tree() -> None:
    assert advance(None, [LEAVES], head(LEAVES)) == signed(LEAVES)
    assert advance(None, [], (0, EMPTY_ROOT)) == signed([])


def test_log_that_did_not_grow_is_signed_the_same_again() -> None:
    last = signed(LEAVES)

    assert advance(last, [], head(LEAVES)) == last


def test_shorter_log_is_refused_before_a_leaf_is_read() -> None:
    unread = iter([LEAVES])

    with pytest.raises(LogRolledBack, match=r"Restore the missing events.*TUSOI_LOG_ORIGIN") as no:
        advance(signed(LEAVES), unread, head(LEAVES[:12]))

    assert (no.value.signed_size, no.value.size) == (20, 12)
    assert list(unread) == [LEAVES]


def test_emptied_log_is_refused() -> None:
    with pytest.raises(LogRolledBack):
        advance(signed(LEAVES[:1]), [], (0, EMPTY_ROOT))


def test_log_of_the_same_size_with_another_root_is_refused() -> None:
    with pytest.raises(LogInconsistent, match="TUSOI_LOG_ORIGIN") as no:
        advance(signed(LEAVES), [], head(OTHER_LEAVES))

    assert (no.value.signed_size, no.value.size) == (20, 20)
    assert no.value.root == head(OTHER_LEAVES)[1]
    assert no.value.grown == EMPTY_EDGE.extend(LEAVES)


def test_log_rolled_back_and_grown_longer_again_is_refused() -> None:
    forked = LEAVES[:9] + OTHER_LEAVES

    with pytest.raises(LogInconsistent):
        advance(signed(LEAVES[:10]), [forked[10:]], head(forked))


@pytest.mark.parametrize("end", [19, 21])
def test_leaves_that_miss_the_head_are_refused(end: int) -> None:
    leaves = [*LEAVES, OTHER_LEAVES[0]]

    with pytest.raises(LogInconsistent):
        advance(signed(LEAVES[:5]), [leaves[5:end]], head(LEAVES))


def test_leaf_hash_changed_in_the_database_is_refused() -> None:
    changed = [*LEAVES[5:12], OTHER_LEAVES[0], *LEAVES[13:]]

    with pytest.raises(LogInconsistent):
        advance(signed(LEAVES[:5]), [changed], head(LEAVES))
    with pytest.raises(TreeDamaged):
        advance(signed(LEAVES[:5]), [[LEAVES[5][1:]]], head(LEAVES))


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    assert load(tmp_path / "memory.json") is None


@pytest.mark.parametrize("size", [0, 1, 7, 20])
def test_what_was_saved_is_loaded_and_readable_by_its_owner_alone(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "memory.json"
    save(path, remembered(OTHER_LEAVES))

    save(path, remembered(LEAVES[:size]))

    assert load(path) == remembered(LEAVES[:size])
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_memory_of_the_largest_log_is_within_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    edge = RightEdge(2**63 - 1, (LEAVES[0],) * 63)

    kept = SignedHead(edge.size, "n" * NOTE, "l" * NOTE)
    save(path, Memory(LastSigned(edge.size, edge.root, edge), kept))

    assert load(path) is not None


def test_crash_between_saving_and_publishing_publishes_the_same_later(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    save(path, remembered(LEAVES[:5]))
    grown = advance(last_signed(path), [LEAVES[5:12]], head(LEAVES[:12]))
    save(path, Memory(grown, None))
    unpublished = Checkpoint(KEY.name, grown.size, grown.root).sign(KEY)

    again = advance(
        last_signed(path), [], head(LEAVES[:12])
    )  # a new process, which knows the file only

    assert Checkpoint(KEY.name, again.size, again.root).sign(KEY) == unpublished
    assert advance(last_signed(path), [LEAVES[12:]], head(LEAVES)) == signed(LEAVES)


def test_write_that_fails_leaves_the_old_state_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    path.mkdir()  # a folder in its place: the rename fails

    with pytest.raises(OSError, match="directory"):
        save(path, remembered(LEAVES))

    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("bit", [1, 2, 4, 8, 16, 32, 64, 128])
def test_memory_with_any_one_bit_flipped_is_refused_or_still_says_the_same(
    tmp_path: Path, bit: int
) -> None:
    path = tmp_path / "memory.json"
    save(path, remembered(LEAVES[:7]))
    good = path.read_bytes()

    refused = 0
    for position, byte in enumerate(good):
        path.write_bytes(good[:position] + bytes([byte ^ bit]) + good[position + 1 :])
        try:
            loaded = load(path)
        except MemoryDamaged:
            refused += 1
        else:
            assert loaded == remembered(LEAVES[:7])

    assert refused >= len(good) - 4  # the bits of base64 that carry nothing, at its four ends


def test_memory_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    save(path, remembered(LEAVES[:7]))
    good = path.read_bytes()

    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(MemoryDamaged):
            load(path)


def test_memory_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    save(path, remembered(LEAVES))
    path.write_bytes(path.read_bytes().ljust(MEMORY_BYTES_MAX + 1))

    with pytest.raises(MemoryDamaged) as caught:
        load(path)

    assert caught.value.path == path


def test_new_origin_begins_with_an_empty_memory(tmp_path: Path) -> None:
    key_file = tmp_path / "log.key"
    renamed = SigningKey("tusoi.example/second", KEY.private)
    save(memory_path(key_file, KEY.verifier), remembered(LEAVES))

    assert load(memory_path(key_file, renamed.verifier)) is None
    assert load(memory_path(key_file, KEY.verifier)) == remembered(LEAVES)
