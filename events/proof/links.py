"""A signed link from a checkpoint to the one before it, and to when all between was numbered.

A checkpoint says what stood in the log, and neither which others were signed nor when. So beside
each the log's key signs a second statement, which stays with the log: after which checkpoint it
came, when it was signed, and a digest of the stamps of all positions since. One that is deleted
is named by the next, and none of these times moves by itself.

It is not published: from the digest anybody could guess to the microsecond when something was told.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
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
from events.proof.notes import SigningKey, VerifierKey, decode_base64, encode_base64

STAMP_BYTES = 8  # of each stamp in a digest, the larger byte first

_FORM = "tusoi/link/1"
_LINE = re.compile(rf"{_FORM} after (0|[1-9][0-9]{{0,18}}) at (\S+) stamps (\S+)")


class SignedHead(NamedTuple):
    """A checkpoint as it is kept: two notes, of which the first is for everybody."""

    size: int
    note: str
    link: str

    @property
    def text(self) -> str:
        """What was signed, without the signatures; a checkpoint holds no blank line."""
        return self.note.partition("\n\n")[0] + "\n"


class Link(NamedTuple):
    """What is stated with a checkpoint."""

    after: int  # the size of the checkpoint before; 0 with the first
    signed_at: datetime
    stamps: bytes  # digest of the stamps of the positions since, in their order

    def line(self) -> str:
        """Return the extension line of the checkpoint that states this."""
        stamps = encode_base64(self.stamps)
        return f"{_FORM} after {self.after} at {write_moment(self.signed_at)} stamps {stamps}"


class StampsDigest:
    """A digest of stamps, in microseconds since 1970, as they come."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def extend(self, stamps: Iterable[int]) -> None:
        joined = b"".join(each.to_bytes(STAMP_BYTES, "big", signed=True) for each in stamps)
        self._hash.update(joined)

    def value(self) -> bytes:
        return self._hash.digest()


def sign_head(checkpoint: Checkpoint, link: Link, key: SigningKey) -> SignedHead:
    """Return a checkpoint as it is kept. Raises WrongOrigin if the key has not the log's name."""
    linked = replace(checkpoint, extensions=(link.line(),))
    return SignedHead(checkpoint.size, checkpoint.sign(key), linked.sign(key))


def open_link(note: str, key: VerifierKey, checkpoint: Checkpoint) -> Link:
    """Return what `key` stated with a checkpoint; every statement has one text only.

    Raises:
        TusoiError: as `open_statement`; MalformedCheckpoint also where it states no link.
    """
    lines = open_statement(note, key, checkpoint)
    found = _LINE.fullmatch(lines[0]) if len(lines) == 1 else None
    if found is None:
        raise MalformedCheckpoint("it states no link that this program reads")
    link = Link(int(found[1]), read_moment(found[2]), _digest(found[3]))
    if not link.after < checkpoint.size:
        raise MalformedCheckpoint("it follows a checkpoint that is not smaller")
    return link


def _digest(text: str) -> bytes:
    try:
        digest = decode_base64(text)
    except ValueError:
        raise MalformedCheckpoint("the digest of its stamps is not base64") from None
    if len(digest) != HASH_BYTES:
        raise MalformedCheckpoint(f"the digest of its stamps has {HASH_BYTES} bytes")
    return digest
