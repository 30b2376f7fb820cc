"""Prove that an entry stands at its place in the log, in the form of C2SP's tlog-proof.

Whoever has the entry, the proof and the log's verifier key needs nothing else, and nobody.
Sources: RFC 6962 2.1.1, RFC 9162 2.1.3.2, c2sp.org/tlog-proof.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from events.errors import TusoiError
from events.proof.checkpoints import Checkpoint, open_checkpoint
from events.proof.merkle import HASH_BYTES, TREE_SIZE_MAX, leaf_hash, node_hash
from events.proof.notes import NOTE_BYTES_MAX, VerifierKey, decode_base64, encode_base64
from events.proof.subtrees import HashOf, Stretch

HASHES_MAX = TREE_SIZE_MAX.bit_length()  # of a path in the largest tree
EXTRA_BYTES_MAX = 65_536
TEXT_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX  # characters

HEADER = "c2sp.org/tlog-proof@v1"
INDEX_PATTERN = re.compile(r"index (0|[1-9][0-9]{0,18})")  # as many digits as TREE_SIZE_MAX has


class NotAProof(TusoiError):
    """This is no proof, or not written as proofs are: fetch it again."""

    code = "not_a_proof"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a proof: {reason}; fetch it again from where it was made")
        self.reason = reason


class ProofWrong(TusoiError):
    """The proof does not prove what it is shown for: trust neither."""

    code = "proof_wrong"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the proof does not hold: {reason}; do not trust what it was to prove")
        self.reason = reason


class Proven(NamedTuple):
    """What a proof that holds has proven of its entry; everything in it is signed."""

    position: int  # of the entry in the log, from 1
    checkpoint: Checkpoint


def inclusion_stretches(index: int, size: int) -> list[Stretch]:
    """Return over which leaves the hashes of a proof are, from the leaf's sibling to the top.

    Raises:
        ValueError: a tree of `size` leaves has no leaf `index`.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    node, siblings = Stretch(0, size), list[Stretch]()
    while node.end - node.start > 1:
        left, right = Stretch(node.start, node.middle), Stretch(node.middle, node.end)
        node, sibling = (left, right) if index < node.middle else (right, left)
        siblings.append(sibling)
    return siblings[::-1]


def inclusion_proof(index: int, size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` in a tree of `size` leaves. Raises as above.

    Args:
        index: of the leaf, from 0.
        size: leaves of the tree, which may have grown since.
        hash_of: gives the hash over a full subtree that lies wholly within the tree.
    """
    return tuple(stretch.root(hash_of) for stretch in inclusion_stretches(index, size))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return if `leaf` is leaf `index` of the tree with `size` leaves and `root` (RFC 9162).

    Raises:
        ProofWrong: it is not, or the path is not exactly the one that shows it.
    """
    if not 0 <= index < size:
        raise ProofWrong(f"a log of {size} entries has no entry {index}")
    check_lengths((leaf, *proof))
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofWrong("its path is longer than the tree is high")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while node and not node & 1:  # at the right edge a node without a sibling rises
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofWrong("its path is shorter than the tree is high")
    if found != root:
        raise ProofWrong("entry and path do not lead to the root that was signed")


def check_lengths(hashes: Sequence[bytes]) -> None:
    """Raise `ProofWrong` unless every one of `hashes` has the length of a hash."""
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofWrong(f"every hash in it must have {HASH_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """All that shows, without the log, that an entry stands in it: path and signed checkpoint."""

    index: int  # of the entry in the log, from 0
    hashes: tuple[bytes, ...]  # from the leaf's sibling up to the root's child
    checkpoint: str  # the signed note, as it was signed
    extra: bytes = b""  # others may add something; nothing vouches for it

    def __post_init__(self) -> None:
        if not 0 <= self.index < TREE_SIZE_MAX:
            raise NotAProof(f"no log has an entry {self.index}")
        if len(self.hashes) > HASHES_MAX:
            raise NotAProof(f"it has {len(self.hashes)} hashes, at most {HASHES_MAX} are needed")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise NotAProof(f"a hash has {HASH_BYTES} bytes")
        if len(self.extra) > EXTRA_BYTES_MAX:
            raise NotAProof(f"its extra data are longer than {EXTRA_BYTES_MAX} bytes")

    def to_text(self) -> str:
        extra = [f"extra {encode_base64(self.extra)}"] if self.extra else []
        hashes = map(encode_base64, self.hashes)
        lines = (HEADER, *extra, f"index {self.index}", *hashes)
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the proof that `to_text` wrote; every proof has one text only.

        The checkpoint is taken as it stands; `verify` reads it.

        Raises:
            NotAProof: a byte is not as it must be.
        """
        if len(text) > TEXT_MAX:
            raise NotAProof(f"it is longer than {TEXT_MAX} characters")
        head, blank, checkpoint = text.partition("\n\n")
        if not blank:
            raise NotAProof("it has no checkpoint after a blank line")
        header, *lines = head.split("\n", HASHES_MAX + 3)
        if header != HEADER:
            raise NotAProof(f"its first line is not {HEADER}")
        extra = _parse_extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else b""
        if not lines or not (index := INDEX_PATTERN.fullmatch(lines[0])):
            raise NotAProof("it does not say `index` and a decimal number without leading zeros")
        return cls(int(index[1]), tuple(map(_parse_base64, lines[1:])), checkpoint, extra)


def verify(entry: bytes, text: str, verifier: VerifierKey, origin: str) -> Proven:
    """Return what the proof `text` has proven of `entry`, in the log `origin` of key `verifier`.

    Extra data are refused: nothing vouches for them, and our logs add none. So every byte of a
    proof that is accepted counts, but for signatures by keys other than `verifier`.

    Raises:
        NotAProof: not the format, or with extra data.
        MalformedNote, NotSignedByKey, WrongSignature, MalformedCheckpoint, WrongOrigin: the
            checkpoint is not one that `verifier` signed for `origin`.
        ProofWrong: the entry is not at that place of the log.
    """
    proof = read_bare(text)
    return prove(entry, proof, open_checkpoint(proof.checkpoint, verifier, origin))


def read_bare(text: str) -> TlogProof:
    """Return a proof without extra data, as our logs make them. Raises NotAProof."""
    proof = TlogProof.from_text(text)
    if proof.extra:
        raise NotAProof("it has extra data, for which nothing vouches")
    return proof


def prove(entry: bytes, proof: TlogProof, checkpoint: Checkpoint) -> Proven:
    """Return what a proof has proven of `entry` under its checkpoint, opened before.

    Raises:
        ProofWrong: the entry is not at that place of the log.
    """
    leaf = leaf_hash(entry)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return Proven(proof.index + 1, checkpoint)


def _parse_extra(line: str) -> bytes:
    extra = _parse_base64(line.removeprefix("extra "))
    if not extra:
        raise NotAProof("without extra data there is no line for them")
    return extra


def _parse_base64(text: str) -> bytes:
    try:
        return decode_base64(text)
    except ValueError:
        raise NotAProof("a line is not canonical base64") from None
