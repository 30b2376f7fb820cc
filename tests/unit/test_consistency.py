"""A log grew out of an earlier one if the proof that Certificate Transparency defines says so."""

import pytest

from events.proof.consistency import consistency_proof, verify_consistency
from events.proof.inclusion import ProofWrong, inclusion_proof, verify_inclusion
from events.proof.merkle import EMPTY_EDGE, node_hash
from events.proof.subtrees import Subtree
from tests.support.merkle_examples import LEAVES, ROOTS

# The proofs on which Certificate Transparency's implementations agree.
PUBLISHED = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def hash_of(subtree: Subtree) -> bytes:
    start, end = (place << subtree.height for place in (subtree.number, subtree.number + 1))
    return EMPTY_EDGE.extend(LEAVES[start:end]).root


def tree(size: int) -> tuple[int, bytes]:
    return size, bytes.fromhex(ROOTS[size])


@pytest.mark.parametrize(("sizes", "proof"), PUBLISHED.items())
def test_growth_is_shown_by_the_proof_that_certificate_transparency_publishes(
    sizes: tuple[int, int], proof: list[str]
) -> None:
    assert [each.hex() for each in consistency_proof(*sizes, hash_of)] == proof


@pytest.mark.parametrize("size", range(9))
def test_every_smaller_tree_is_shown_to_be_the_beginning_of_a_larger_one(size: int) -> None:
    for first in range(size + 1):
        verify_consistency(tree(first), tree(size), consistency_proof(first, size, hash_of))


@pytest.mark.parametrize("size", range(1, 9))
def test_every_leaf_is_shown_to_stand_in_the_tree(size: int) -> None:
    for index, leaf in enumerate(LEAVES[:size]):
        proof = inclusion_proof(index, size, hash_of)

        verify_inclusion(leaf, index, size, proof, tree(size)[1])


def test_a_history_that_was_changed_is_no_growth() -> None:
    size, root = tree(6)
    other = node_hash(root, root)

    with pytest.raises(ProofWrong, match="both roots"):
        verify_consistency((size, other), tree(8), consistency_proof(6, 8, hash_of))
