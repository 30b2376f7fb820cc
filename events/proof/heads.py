"""A signed statement of the heads of streams: how far each goes in the log at a checkpoint.

Inclusion shows that an entry stands in the log, and nothing of what else does. So the log's key
signs, beside the checkpoint, the last entry of every stream that a bundle is to hold whole, and of
the others which versions it holds: whoever cuts off the end of one cannot sign another statement.

It is a checkpoint of the same size and root with extension lines, as C2SP's tlog-checkpoint allows
them: no key signs anything here that could be taken for something else. An auditor who has the
whole log sees whether the statement was true.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from events.proof.checkpoints import (
    Checkpoint,
    MalformedCheckpoint,
    open_statement,
    read_moment,
    write_moment,
)
from events.proof.merkle import HASH_BYTES
from events.proof.notes import VerifierKey, decode_base64, encode_base64

HEADS_MAX = 1_000

_FORM = "tusoi/heads/1"
_STREAM = re.compile(r"[a-z]+-[A-Za-z0-9_-]{1,190}")
_COUNT = r"(?:0|[1-9][0-9]{0,18})"
_STATED = re.compile(rf"{_FORM} of ({_COUNT}) at (\S+)")
_WHOLE = re.compile(rf"whole (\S+) ({_COUNT})(?: (\S+))?")
_PART = re.compile(rf"part (\S+)((?: {_COUNT})*)")


Versions = tuple[int, ...]


class Head(NamedTuple):
    """Where a stream ends: its last version and the leaf hash of that; none before the first."""

    version: int
    leaf: bytes  # empty before the first


class Heads(NamedTuple):
    """What is stated: every stream stands in one of the two."""

    log_size: int  # entries that the log had then; those after the checkpoint are not spoken of
    stated_at: datetime
    whole: Mapping[str, Head]
    parts: Mapping[str, Versions]  # versions, of streams of which no more is needed

    def lines(self) -> tuple[str, ...]:
        """Return the extension lines of the checkpoint that states this."""
        return (
            f"{_FORM} of {self.log_size} at {write_moment(self.stated_at)}",
            *(_whole_line(stream, head) for stream, head in self.whole.items()),
            *(" ".join(("part", each, *map(str, told))) for each, told in self.parts.items()),
        )


def open_heads(note: str, key: VerifierKey, checkpoint: Checkpoint) -> Heads:
    """Return what `key` stated of the log at a checkpoint; every statement has one text only.

    Raises:
        TusoiError: as `open_statement`; MalformedCheckpoint also where it states no heads.
    """
    return read_heads(open_statement(note, key, checkpoint))


def _whole_line(stream: str, head: Head) -> str:
    leaf = (encode_base64(head.leaf),) if head.leaf else ()
    return " ".join(("whole", stream, str(head.version), *leaf))


def read_heads(lines: tuple[str, ...]) -> Heads:
    """Return what the extension lines of a checkpoint state.

    Raises:
        MalformedCheckpoint: they are not written as `Heads.lines` writes them.
    """
    first, *others = lines or ("",)
    stated = _STATED.fullmatch(first)
    if stated is None or len(others) > HEADS_MAX:
        raise MalformedCheckpoint("it states no heads of streams that this program reads")
    whole = dict(_heads(others))
    parts = dict(_parts(others))
    if len(whole) + len(parts) != len(others) or whole.keys() & parts.keys():
        raise MalformedCheckpoint("a head in it is written wrongly, or twice")
    heads = Heads(int(stated[1]), read_moment(stated[2]), whole, parts)
    if heads.lines() != lines:
        raise MalformedCheckpoint("its heads are not written as we write them")
    return heads


def _heads(lines: list[str]) -> Iterator[tuple[str, Head]]:
    for line in lines:
        if (found := _WHOLE.fullmatch(line)) and _STREAM.fullmatch(found[1]):
            leaf = _leaf(found[3]) if found[3] else b""
            if bool(leaf) != (found[2] != "0"):
                raise MalformedCheckpoint("a stream has a last entry if it has a version")
            yield found[1], Head(int(found[2]), leaf)


def _leaf(text: str) -> bytes:
    try:
        leaf = decode_base64(text)
    except ValueError:
        raise MalformedCheckpoint("the hash of a last entry is not base64") from None
    if len(leaf) != HASH_BYTES:
        raise MalformedCheckpoint(f"the hash of a last entry has {HASH_BYTES} bytes")
    return leaf


def _parts(lines: list[str]) -> Iterator[tuple[str, Versions]]:
    for line in lines:
        if (found := _PART.fullmatch(line)) and _STREAM.fullmatch(found[1]):
            yield found[1], tuple(map(int, found[2].split()))
