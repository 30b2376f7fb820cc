"""The log's Merkle tree, as RFC 6962 defines it, grown from its right edge.

Leaves and nodes are hashed under different first bytes, so that no node passes for an entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from events.errors import TusoiError

HASH_BYTES = 32
TREE_SIZE_MAX = 2**63 - 1  # what a database's bigint holds

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
EMPTY_ROOT = sha256(b"").digest()


class TreeDamaged(TusoiError):
    """Stored hashes cannot be those of a tree: stop, and look for what was changed."""

    code = "tree_damaged"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the stored tree is damaged: {reason}; run `tusoi verify`")
        self.reason = reason


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash under which `entry` stands in the tree.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two hashes, the elder on the left."""
    return sha256(NODE_PREFIX + left + right).digest()


def _check_lengths(hashes: Sequence[bytes]) -> None:
    """Raise `TreeDamaged` unless every one of `hashes` has the length of a hash."""
    if wrong := set(map(len, hashes)) - {HASH_BYTES}:
        raise TreeDamaged(f"a hash has {HASH_BYTES} bytes, not {min(wrong)}")


@dataclass(frozen=True, slots=True)
class RightEdge:
    """All that a tree needs remembered so that it can grow and tell its root.

    A tree of `size` leaves is made of perfect subtrees, one for each bit set in `size`.
    """

    size: int  # leaves
    hashes: tuple[bytes, ...]  # of the perfect subtrees, from the largest to the smallest

    def __post_init__(self) -> None:
        if not 0 <= self.size <= TREE_SIZE_MAX:
            raise TreeDamaged(f"no tree has {self.size} leaves (at most {TREE_SIZE_MAX})")
        if len(self.hashes) != self.size.bit_count():
            raise TreeDamaged(
                f"the edge of {self.size} leaves has {self.size.bit_count()} hashes, "
                f"here are {len(self.hashes)}"
            )
        _check_lengths(self.hashes)

    @property
    def root(self) -> bytes:
        """The tree's hash: the smallest subtree joined to the next larger one, and so on."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for left in reversed(larger):
            root = node_hash(left, root)
        return root

    def extend(self, leaves: Sequence[bytes]) -> Self:
        """Return the edge after the leaf hashes `leaves`, which may be any number.

        However the leaves are cut into batches, the edge is the same.
        """
        _check_lengths(leaves)
        older, newer = list(self.hashes), list[bytes]()
        level, size = list(leaves), self.size
        # One level of the tree at a time: with the old subtree of this height in front, hashes
        # pair off from the left, and one left over is the new edge's subtree of this height.
        while level:
            if size & 1:
                level.insert(0, older.pop())
            if len(level) & 1:
                newer.append(level.pop())
            level = list(map(node_hash, level[::2], level[1::2]))
            size >>= 1
        return type(self)(self.size + len(leaves), (*older, *reversed(newer)))

    def to_bytes(self) -> bytes:
        """Return the hashes joined; the size is kept beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Self:
        """Return the edge that `to_bytes` wrote.

        Raises:
            TreeDamaged: `data` is not as long as an edge of `size` leaves.
        """
        starts = range(0, len(data), HASH_BYTES)
        return cls(size, tuple(data[start : start + HASH_BYTES] for start in starts))


EMPTY_EDGE = RightEdge(0, ())
