"""A log of one's own: whoever has one signs what they like."""

from dataclasses import replace
from functools import cache

import msgspec

from events.definitions.catalogue import UnreadableEntry
from events.definitions.entry import decode_entry
from events.proof.checkpoints import Checkpoint
from events.proof.heads import Head, Heads, read_heads
from events.proof.inclusion import TlogProof, inclusion_proof
from events.proof.merkle import EMPTY_EDGE, leaf_hash
from events.proof.notes import SigningKey
from events.proof.subtrees import Subtree
from events.replay.bundles import Bundle, Proven, encode

FORGER = SigningKey.generate("forged.example/log", bytes(range(1, 33)))


def sign_anew(bundle: Bundle, entries: list[bytes]) -> bytes:
    """Return a bundle of a log that holds these entries alone, signed by the forger.

    Of its streams is stated what the bundle says of them, with the entries that are there now.
    """
    hashes = [leaf_hash(each) for each in entries]

    @cache  # the proofs of all entries share most subtrees
    def hash_of(subtree: Subtree) -> bytes:
        start, end = (place << subtree.height for place in (subtree.number, subtree.number + 1))
        return EMPTY_EDGE.extend(hashes[start:end]).root

    size, root = len(entries), EMPTY_EDGE.extend(hashes).root
    checkpoint = Checkpoint(FORGER.name, size, root)
    note = checkpoint.sign(FORGER)
    paths = (inclusion_proof(index, size, hash_of) for index in range(size))
    proofs = (TlogProof(index, path, note).to_text() for index, path in enumerate(paths))
    forged = msgspec.structs.replace(
        bundle,
        origin=FORGER.name,
        key=FORGER.verifier.to_text(),
        checkpoint=note,
        heads=replace(checkpoint, extensions=_heads(bundle, entries).lines()).sign(FORGER),
        entries=tuple(
            Proven(entry=entry.decode(), proof=proof)
            for entry, proof in zip(entries, proofs, strict=True)
        ),
    )
    return encode(forged)


def _heads(bundle: Bundle, entries: list[bytes]) -> Heads:
    """Return what was stated in a bundle, of the entries that a forger has put into it."""
    text, _, _ = bundle.heads.rpartition("\n\n")
    stated = read_heads(Checkpoint.parse(f"{text}\n").extensions)
    whole, parts = dict[str, Head](stated.whole), dict[str, tuple[int, ...]]()
    for encoded in entries:
        try:
            entry = decode_entry(encoded)
        except UnreadableEntry:
            continue
        if entry.stream in stated.parts:
            parts[entry.stream] = (*parts.get(entry.stream, ()), entry.streamversion)
        else:
            whole[entry.stream] = Head(entry.streamversion, leaf_hash(encoded))
    return stated._replace(whole=whole, parts=dict(stated.parts) | parts)
