"""Proofs against the RFC's own definitions, against another package, and against every change."""

from hypothesis import assume, given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from events.errors import TusoiError
from events.proof.checkpoints import Checkpoint
from events.proof.consistency import consistency_proof, verify_consistency
from events.proof.inclusion import (
    ProofWrong,
    TlogProof,
    inclusion_proof,
    verify,
    verify_inclusion,
)
from events.proof.merkle import leaf_hash, node_hash
from events.proof.notes import SigningKey
from events.proof.subtrees import HashOf, Subtree
from events.proof.tiles import Tile

SIZE_MAX = 70
KEY = SigningKey.generate("test.example/log", b"k" * 32)
SIZES = st.integers(1, SIZE_MAX)


def entries(size: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(size)]


def root_over(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_over(leaves[:k]), root_over(leaves[k:]))


def audit_path(m: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    """PATH of RFC 6962, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return ()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return (*audit_path(m, leaves[:k]), root_over(leaves[k:]))
    return (*audit_path(m - k, leaves[k:]), root_over(leaves[:k]))


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> tuple[bytes, ...]:
    """SUBPROOF of RFC 6962, section 2.1.2, word for word."""
    if m == len(leaves):
        return () if whole else (root_over(leaves),)
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return (*subproof(m, leaves[:k], whole=whole), root_over(leaves[k:]))
    return (*subproof(m - k, leaves[k:], whole=False), root_over(leaves[:k]))


def hash_in(leaves: list[bytes]) -> HashOf:
    """Return what gives the hashes over full subtrees of `leaves`, and of no others."""

    def hash_of(subtree: Subtree) -> bytes:
        start, end = (place << subtree.height for place in (subtree.number, subtree.number + 1))
        assert end <= len(leaves)
        return root_over(leaves[start:end])

    return hash_of


@given(size=SIZES, data=st.data())
def test_path_is_the_one_that_the_rfc_defines_and_it_verifies(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_hash(entry) for entry in entries(size)]

    path = inclusion_proof(index, size, hash_in(leaves))

    assert path == audit_path(index, leaves)
    verify_inclusion(leaves[index], index, size, path, root_over(leaves))


@given(size=SIZES, data=st.data())
def test_path_is_the_one_that_pymerkle_finds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = InmemoryTree.init_from_entries(entries(size), algorithm="sha256")

    theirs = other.prove_inclusion(index + 1, size)

    leaves = [leaf_hash(entry) for entry in entries(size)]
    ours = inclusion_proof(index, size, hash_in(leaves))
    assert [leaves[index], *ours] == theirs.path
    verify_inclusion(leaves[index], index, size, ours, other.get_root())


@given(sizes=st.tuples(st.integers(1, SIZE_MAX), SIZES).map(sorted))
def test_log_that_grew_is_shown_to_have_grown(sizes: list[int]) -> None:
    first, second = sizes
    leaves = [leaf_hash(entry) for entry in entries(second)]

    path = consistency_proof(first, second, hash_in(leaves))

    assert path == subproof(first, leaves, whole=True)
    roots = root_over(leaves[:first]), root_over(leaves)
    verify_consistency((first, roots[0]), (second, roots[1]), path)


@given(sizes=st.tuples(SIZES, SIZES).map(sorted), data=st.data())
def test_log_whose_history_was_changed_did_not_grow(sizes: list[int], data: st.DataObject) -> None:
    first, second = sizes
    leaves = [leaf_hash(entry) for entry in entries(second)]
    before = root_over(leaves[:first])
    leaves[data.draw(st.integers(0, first - 1))] = leaf_hash(b"another")

    path = consistency_proof(first, second, hash_in(leaves))

    assert refuses_growth((first, before), (second, root_over(leaves)), path)


def refuses_growth(
    first: tuple[int, bytes], second: tuple[int, bytes], path: tuple[bytes, ...]
) -> bool:
    try:
        verify_consistency(first, second, path)
    except ProofWrong:
        return True
    return False


def verifies(entry: bytes, text: bytes) -> bool:
    try:
        verify(entry, text.decode(), KEY.verifier, KEY.name)
    except (TusoiError, UnicodeDecodeError):
        return False
    return True


@st.composite
def changes(draw: st.DrawFn, original: bytes) -> bytes:
    """Draw what `original` becomes when a byte of it is replaced, left out or put in."""
    place, byte = draw(st.integers(0, len(original) - 1)), draw(st.binary(min_size=1, max_size=1))
    kept = draw(st.sampled_from((0, 1)))
    added = draw(st.sampled_from((byte, b"")))
    changed = original[:place] + added + original[place + 1 - kept :]
    assume(changed != original)
    return changed


@given(size=SIZES, data=st.data())
def test_no_changed_byte_of_proof_entry_or_root_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_hash(entry) for entry in entries(size)]
    path, root = inclusion_proof(index, size, hash_in(leaves)), root_over(leaves)
    entry = entries(size)[index]
    text = TlogProof(index, path, Checkpoint(KEY.name, size, root).sign(KEY)).to_text().encode()
    other_root = bytes(data.draw(changes(root)))[:32].ljust(32, b"\0")
    assume(other_root != root)
    resigned = TlogProof(index, path, Checkpoint(KEY.name, size, other_root).sign(KEY))

    assert verifies(entry, text)
    assert not verifies(entry, data.draw(changes(text)))
    assert not verifies(data.draw(changes(entry)), text)
    assert not verifies(entry, resigned.to_text().encode())


@given(level=st.integers(0, 63), number=st.integers(0, 2**55), width=st.integers(1, 256))
def test_tile_written_as_a_path_and_read_is_the_same_tile(
    level: int, number: int, width: int
) -> None:
    tile = Tile(level, number)

    assert Tile.from_path(tile.path(width)) == (tile, width)
