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

# The entries and roots on which Certificate Transparency's implementations agree.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


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
