"""The entries of a bundle: each proven to stand in the log, and none left out of their streams."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from events.definitions.catalogue import CATALOGUE, UnknownType, UnreadableEntry
from events.definitions.entry import (
    NOT_AS_WRITTEN,
    Recorded,
    is_as_written,
    is_canonical,
    read_entry,
)
from events.definitions.event import stream_of
from events.domain.verification.streams import rests_on
from events.errors import TusoiError
from events.proof import heads as stated_heads
from events.proof import inclusion
from events.proof.checkpoints import open_checkpoint
from events.proof.heads import Head, Heads
from events.proof.merkle import leaf_hash
from events.proof.notes import VerifierKey
from events.replay.bundles import Bundle


class NotVerified(TusoiError):
    """The bundle does not show what it claims; the first reason is told."""

    code = "not_verified"


class Proven(NamedTuple):
    """What a bundle's signatures and proofs vouch for."""

    history: tuple[Recorded, ...]  # by position
    position: int  # of the last entry
    size: int  # of the log that was signed
    heads: Heads  # as of that size


def prove(bundle: Bundle, verifier: VerifierKey) -> Proven:
    """Return the entries, each proven to stand in the log under the one checkpoint.

    Raises:
        NotVerified: they are not in order or not canonical, or streams are not whole.
        TusoiError: a signature, proof or entry is not what it must be.
    """
    history, last = list[Recorded](), 0
    checkpoint = open_checkpoint(bundle.checkpoint, verifier, bundle.origin)
    heads = stated_heads.open_heads(bundle.heads, verifier, checkpoint)
    for each in bundle.entries:
        encoded, proof = each.entry.encode(), inclusion.read_bare(each.proof)
        if proof.checkpoint != bundle.checkpoint:
            raise NotVerified("an entry is proven under another checkpoint than the bundle's")
        proven = inclusion.prove(encoded, proof, checkpoint)
        if proven.position <= last:
            raise NotVerified("the entries do not stand in the order of their positions")
        last = proven.position
        history.append(_read(encoded, f"the entry at position {last}"))
    _require_heads(bundle, history, heads)
    return Proven(tuple(history), last, checkpoint.size, heads)


def _read(encoded: bytes, named: str) -> Recorded:
    """Return an entry with its fact.

    Raises:
        NotVerified: it is not as it would have been written.
        FutureVersion: this program is too old for it.
    """
    if not is_canonical(encoded):
        raise NotVerified(f"{named} is not canonical")
    try:
        recorded = read_entry(encoded, CATALOGUE)
    except (UnreadableEntry, UnknownType) as error:
        raise NotVerified(f"{named}: {error}") from error
    if not is_as_written(encoded, recorded):
        raise NotVerified(f"{named} {NOT_AS_WRITTEN}")
    if {stream_of(recorded.event), recorded.entry.subject} != {recorded.entry.stream}:
        raise NotVerified(f"{named} is not about its stream")
    return recorded


def require_streams(
    history: Sequence[Recorded],
    heads: Heads,
    period: str,
    subject_id: str,
    documents: Mapping[str, Any],
) -> None:
    """Raise NotVerified unless the streams are those that the rating rests on, and no other."""
    streams = by_stream(history)
    needed = rests_on(
        period,
        subject_id,
        lambda stream: streams.get(stream, []),
        lambda digest: documents[digest]["issuer"],
    )
    missing = {*needed.whole, *needed.parts} - {*heads.whole, *heads.parts}
    if missing:
        raise NotVerified(f"the rating rests on {min(missing)}, of which nothing is stated")
    if set(needed.whole) != set(heads.whole) or needed.parts != heads.parts:
        raise NotVerified("its streams are not those that the rating rests on, or not as whole")


def by_stream(history: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Return a history stream by stream."""
    streams = defaultdict[str, list[Recorded]](list)
    for recorded in history:
        streams[recorded.entry.stream].append(recorded)
    return streams


def _require_heads(bundle: Bundle, history: Sequence[Recorded], heads: Heads) -> None:
    """Raise NotVerified unless every stream goes as far as was signed, or holds what was."""
    leaves = {
        recorded.entry.stream: leaf_hash(each.entry.encode())
        for each, recorded in zip(bundle.entries, history, strict=True)
    }
    found = {
        stream: tuple(each.entry.streamversion for each in told)
        for stream, told in by_stream(history).items()
    }
    for stream, head in heads.whole.items():
        versions = found.pop(stream, ())
        if versions != tuple(range(1, head.version + 1)):
            raise NotVerified(f"{stream} is not whole: it goes to version {head.version}")
        if head != Head(len(versions), leaves.get(stream, b"")):
            raise NotVerified(f"{stream} does not end with the entry that was signed as its last")
    for stream, versions in heads.parts.items():
        if found.pop(stream, ()) != versions:
            raise NotVerified(f"of {stream} not those versions are there that were signed")
    if found:
        raise NotVerified(f"{min(found)} stands in it, of which nothing was signed")
