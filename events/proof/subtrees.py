"""The parts of the tree: the stretches of leaves that proofs name, and what those are made of.

A stretch is made of full subtrees, which never change; whoever has hashes at hand gives theirs.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from events.proof.merkle import RightEdge


class Subtree(NamedTuple):
    """A full subtree: 2**height leaves, the first of which is leaf number * 2**height."""

    height: int
    number: int


HashOf = Callable[[Subtree], bytes]


class Stretch(NamedTuple):
    """The leaves under one node of the tree, from `start` up to, but without, `end`."""

    start: int
    end: int

    @property
    def middle(self) -> int:
        """Where the tree parts these leaves: the left half is full and at least as large."""
        return self.start + (1 << (self.end - self.start - 1).bit_length() - 1)

    def subtrees(self) -> Iterator[Subtree]:
        """Iterate over the full subtrees that make it up, the largest first.

        >>> list(Stretch(8, 13).subtrees())
        [Subtree(height=2, number=2), Subtree(height=0, number=12)]
        """
        start = self.start
        while start < self.end:
            height = (self.end - start).bit_length() - 1
            yield Subtree(height, start >> height)
            start += 1 << height

    def root(self, hash_of: HashOf) -> bytes:
        """Return the hash of the node over these leaves."""
        hashes = tuple(hash_of(subtree) for subtree in self.subtrees())
        return RightEdge(self.end - self.start, hashes).root
