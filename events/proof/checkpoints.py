"""The log's checkpoint: its signed size and root, as C2SP's tlog-checkpoint defines it.

Source: c2sp.org/tlog-checkpoint.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import msgspec

from events.errors import TusoiError
from events.proof.merkle import HASH_BYTES, TREE_SIZE_MAX
from events.proof.notes import (
    SigningKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
    sign,
)

SIZE_PATTERN = re.compile(r"0|[1-9][0-9]{0,18}")  # as many digits as TREE_SIZE_MAX has


class MalformedCheckpoint(TusoiError):
    """A note's text is no checkpoint: it is something else, or its log writes them wrongly."""

    code = "malformed_checkpoint"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a checkpoint: {reason}; fetch /log/checkpoint again")
        self.reason = reason


class WrongOrigin(TusoiError):
    """A checkpoint speaks of another log: ask for the one that is meant."""

    code = "wrong_origin"

    def __init__(self, *, expected: str, found: str) -> None:
        super().__init__(f"this is about the log {found}, not {expected}; use that log's own")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries a log has, and the root over them all."""

    origin: str  # the log's name; every other name is another log
    size: int  # entries
    root: bytes
    extensions: tuple[str, ...] = ()  # lines that others add; kept, never interpreted

    def __post_init__(self) -> None:
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise MalformedCheckpoint("origin and extensions are lines that are not empty")
        if not 0 <= self.size <= TREE_SIZE_MAX:
            raise MalformedCheckpoint(f"no log has {self.size} entries (at most {TREE_SIZE_MAX})")
        if len(self.root) != HASH_BYTES:
            raise MalformedCheckpoint(f"a root has {HASH_BYTES} bytes, not {len(self.root)}")

    def text(self) -> str:
        """Return the checkpoint as the text of a note."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint that `text` writes; every checkpoint has one text only.

        Raises:
            MalformedCheckpoint: fewer than three lines, or a line that is not as it must be.
        """
        match text.split("\n"):
            case [origin, size, root, *extensions, ""]:
                return cls(origin, _parse_size(size), _parse_root(root), tuple(extensions))
            case _:
                raise MalformedCheckpoint("it has three lines or more, each ended by a newline")

    def sign(self, key: SigningKey) -> str:
        """Return the checkpoint as a note signed by `key`; the same again is the same note.

        Raises:
            WrongOrigin: the key has not the log's name.
        """
        if key.name != self.origin:
            raise WrongOrigin(expected=self.origin, found=key.name)
        return sign(self.text(), key)


def open_checkpoint(note: str, key: VerifierKey, origin: str) -> Checkpoint:
    """Return the checkpoint in `note`, which `key` has signed for the log `origin`.

    Raises:
        MalformedNote, NotSignedByKey, WrongSignature: as `open_note`.
        MalformedCheckpoint: signed, but no checkpoint.
        WrongOrigin: of another log.
    """
    checkpoint = Checkpoint.parse(open_note(note, key))
    if checkpoint.origin != origin:
        raise WrongOrigin(expected=origin, found=checkpoint.origin)
    return checkpoint


def open_statement(note: str, key: VerifierKey, checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the lines that `key` signed about a checkpoint, as extensions of a second note of it.

    Raises:
        MalformedNote, NotSignedByKey, WrongSignature, WrongOrigin: as `open_checkpoint`.
        MalformedCheckpoint: signed, but about another size or root.
    """
    opened = open_checkpoint(note, key, checkpoint.origin)
    if (opened.size, opened.root) != (checkpoint.size, checkpoint.root):
        raise MalformedCheckpoint("it is a statement about another size or root")
    return opened.extensions


def write_moment(moment: datetime) -> str:
    """Return a time as it stands in what is signed: in UTC, in one way only."""
    return str(msgspec.to_builtins(moment))


def read_moment(text: str) -> datetime:
    """Return the time that `write_moment` wrote. Raises MalformedCheckpoint if it did not."""
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise MalformedCheckpoint(f"{text} is no time") from None
    if not text.endswith("Z") or write_moment(moment) != text:
        raise MalformedCheckpoint(f"{text} is not a time as we write it")
    return moment


def _parse_size(line: str) -> int:
    if not SIZE_PATTERN.fullmatch(line):
        raise MalformedCheckpoint("the size is not a decimal number without leading zeros")
    return int(line)


def _parse_root(line: str) -> bytes:
    try:
        return decode_base64(line)
    except ValueError:
        raise MalformedCheckpoint("the root is not base64") from None
