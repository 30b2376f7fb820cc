"""Prove that a log only grew: that a smaller tree is the beginning of a larger one.

Sources: RFC 6962 2.1.2, RFC 9162 2.1.4.2.
"""

from collections.abc import Sequence

from events.proof.inclusion import ProofWrong, check_lengths
from events.proof.merkle import EMPTY_ROOT, node_hash
from events.proof.subtrees import HashOf, Stretch


def consistency_stretches(first: int, second: int) -> list[Stretch]:
    """Return over which leaves the hashes of a proof are, from the lowest node to the top.

    Raises:
        ValueError: the sizes are not 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves did not grow out of one with {first}")
    if first == 0:
        return []
    node, siblings = Stretch(0, second), list[Stretch]()
    while node.end != first:
        left, right = Stretch(node.start, node.middle), Stretch(node.middle, node.end)
        node, sibling = (left, right) if first <= node.middle else (right, left)
        siblings.append(sibling)
    if node.start:  # else this node is the whole of the first tree, whose root is known
        siblings.append(node)
    return siblings[::-1]


def consistency_proof(first: int, second: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return what shows that a tree of `second` leaves begins with its first `first`. As above."""
    return tuple(stretch.root(hash_of) for stretch in consistency_stretches(first, second))


def verify_consistency(
    first: tuple[int, bytes], second: tuple[int, bytes], proof: Sequence[bytes]
) -> None:
    """Return if the tree `second` grew out of the tree `first`, each given by size and root.

    Every tree grew out of the empty one; nothing is said of its root then.

    Raises:
        ProofWrong: it did not, or the path is not exactly the one that shows it.
    """
    first_size, first_root = first
    second_size, second_root = second
    if not 0 <= first_size <= second_size:
        raise ProofWrong(f"{second_size} entries are fewer than {first_size}")
    check_lengths((first_root, second_root, *proof))
    if first_size in {0, second_size}:
        _verify_trivial(first_size, first_root, second_root, proof)
        return
    # A first tree that is a full subtree of the second is itself the node where the path begins.
    path = list(proof) if first_size & (first_size - 1) else [first_root, *proof]
    if not path:
        raise ProofWrong("its path is empty")
    if _roots(first_size - 1, second_size - 1, path) != (first_root, second_root):
        raise ProofWrong("the path does not lead to both roots")


def _verify_trivial(
    first_size: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    if proof:
        raise ProofWrong("between the same tree or from an empty one there is nothing to show")
    if first_root != (second_root if first_size else EMPTY_ROOT):
        raise ProofWrong("trees of the same size have different roots")


def _roots(node: int, last: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of both trees as the path gives them."""
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofWrong("its path is longer than the tree is high")
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofWrong("its path is shorter than the tree is high")
    return older, newer
