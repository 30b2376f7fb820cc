"""A log of one's own: whoever has one signs what they like."""

import msgspec

from events.proof.checkpoints import Checkpoint
from events.proof.inclusion import TlogProof, inclusion_proof
from events.proof.merkle import EMPTY_EDGE, leaf_hash
from events.proof.notes import SigningKey
from events.proof.subtrees import Subtree
from events.replay.bundles import Bundle, Proven, encode

FORGER = SigningKey.generate("forged.example/log", bytes(range(1, 33)))


def sign_anew(bundle: Bundle, entries: list[bytes]) -> bytes:
    """Return a bundle of a log that holds these entries alone, signed by the forger."""
    hashes = [leaf_hash(each) for each in entries]

    def hash_of(subtree: Subtree) -> bytes:
        start, end = (place << subtree.height for place in (subtree.number, subtree.number + 1))
        return EMPTY_EDGE.extend(hashes[start:end]).root

    size, root = len(entries), EMPTY_EDGE.extend(hashes).root
    note = Checkpoint(FORGER.name, size, root).sign(FORGER)
    paths = (inclusion_proof(index, size, hash_of) for index in range(size))
    proofs = (TlogProof(index, path, note).to_text() for index, path in enumerate(paths))
    forged = msgspec.structs.replace(
        bundle,
        origin=FORGER.name,
        key=FORGER.verifier.to_text(),
        checkpoint=note,
        entries=tuple(
            Proven(entry=entry.decode(), proof=proof)
            for entry, proof in zip(entries, proofs, strict=True)
        ),
    )
    return encode(forged)
