"""The tree against RFC 6962's own definition and against a package that we did not write."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from events.proof.merkle import EMPTY_EDGE, RightEdge, leaf_hash, node_hash

ENTRIES = st.lists(st.binary(max_size=8), max_size=70)


def merkle_tree_hash(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, for one entry or more, word for word."""
    if len(entries) == 1:
        return leaf_hash(entries[0])
    largest_power_below = 1 << (len(entries) - 1).bit_length() - 1
    left, right = entries[:largest_power_below], entries[largest_power_below:]
    return node_hash(merkle_tree_hash(left), merkle_tree_hash(right))


@given(ENTRIES.filter(bool))
def test_root_is_the_one_that_the_rfc_defines(entries: list[bytes]) -> None:
    edge = EMPTY_EDGE.extend([leaf_hash(entry) for entry in entries])

    assert edge.root == merkle_tree_hash(entries)


@given(ENTRIES)
def test_root_is_the_one_that_pymerkle_finds(entries: list[bytes]) -> None:
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)

    edge = EMPTY_EDGE.extend([leaf_hash(entry) for entry in entries])

    assert edge.root == other.get_root()


@given(entries=ENTRIES, cuts=st.lists(st.integers(0, 70)))
def test_edge_is_the_same_however_the_leaves_are_cut_into_batches(
    entries: list[bytes], cuts: list[int]
) -> None:
    leaves = [leaf_hash(entry) for entry in entries]

    edge = EMPTY_EDGE
    for start, end in pairwise(sorted([0, *cuts, 70])):
        edge = edge.extend(leaves[start:end])

    assert edge == EMPTY_EDGE.extend(leaves)


@given(ENTRIES)
def test_edge_written_and_read_is_the_same_edge(entries: list[bytes]) -> None:
    edge = EMPTY_EDGE.extend([leaf_hash(entry) for entry in entries])

    assert RightEdge.from_bytes(edge.size, edge.to_bytes()) == edge
