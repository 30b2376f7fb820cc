"""The tree is RFC 6962's, and its edge is all that is needed to go on."""

import dataclasses

import pytest

from events.proof.merkle import (
    EMPTY_EDGE,
    EMPTY_ROOT,
    HASH_BYTES,
    TREE_SIZE_MAX,
    RightEdge,
    TreeDamaged,
    leaf_hash,
    node_hash,
)
from tests.support.merkle_examples import LEAVES, ROOTS


@pytest.mark.parametrize("size", range(9))
def test_tree_of_any_size_has_the_root_that_certificate_transparency_publishes(size: int) -> None:
    edge = EMPTY_EDGE.extend(LEAVES[:size])

    assert edge.size == size
    assert edge.root.hex() == ROOTS[size]


@pytest.mark.parametrize("size", range(9))
def test_tree_grown_leaf_by_leaf_has_the_same_root(size: int) -> None:
    edge = EMPTY_EDGE

    for leaf in LEAVES[:size]:
        edge = edge.extend([leaf])

    assert edge.root.hex() == ROOTS[size]


def test_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert EMPTY_EDGE.root == EMPTY_ROOT
    assert EMPTY_EDGE.extend([]) == EMPTY_EDGE


def test_node_is_not_hashed_like_an_entry_of_the_same_bytes() -> None:
    left, right = LEAVES[:2]

    node = node_hash(left, right)

    assert node != leaf_hash(left + right)
    assert node.hex() == ROOTS[2]


def test_edge_of_seven_leaves_holds_subtrees_of_four_two_and_one() -> None:
    edge = EMPTY_EDGE.extend(LEAVES[:7])

    assert edge.hashes == (
        bytes.fromhex(ROOTS[4]),
        EMPTY_EDGE.extend(LEAVES[4:6]).root,
        LEAVES[6],
    )


def test_extending_an_edge_leaves_the_old_one_as_it_was() -> None:
    edge = EMPTY_EDGE.extend(LEAVES[:3])
    before = (edge.size, edge.hashes)

    edge.extend(LEAVES[3:])

    assert (edge.size, edge.hashes) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        edge.size = 4  # type: ignore[misc]


@pytest.mark.parametrize("size", [5, -1])
def test_bytes_of_another_length_are_no_edge(size: int) -> None:
    data = EMPTY_EDGE.extend(LEAVES[:7]).to_bytes()

    with pytest.raises(TreeDamaged, match="tusoi verify"):
        RightEdge.from_bytes(size, data)


@pytest.mark.parametrize("cut", [-1, 1 - HASH_BYTES])
def test_bytes_with_a_part_of_a_hash_are_no_edge(cut: int) -> None:
    data = EMPTY_EDGE.extend(LEAVES[:7]).to_bytes()

    with pytest.raises(TreeDamaged, match="32 bytes"):
        RightEdge.from_bytes(7, data[:cut])


def test_leaf_of_another_length_is_refused() -> None:
    with pytest.raises(TreeDamaged, match="not 31") as caught:
        EMPTY_EDGE.extend([LEAVES[0], LEAVES[1][:-1]])

    assert caught.value.code == "tree_damaged"


def test_tree_stops_at_the_number_that_a_database_holds() -> None:
    full = RightEdge(TREE_SIZE_MAX, (LEAVES[0],) * 63)

    with pytest.raises(TreeDamaged, match=str(TREE_SIZE_MAX)):
        full.extend(LEAVES[:1])
