"""Keep watch over a log from outside: fetch its entries, check its tree, remember what was signed.

Whoever has the service's host can write another history and sign it; only who remembers a
checkpoint of the true one finds out. Fetched is what C2SP's tlog-tiles has: `/log/checkpoint` and
`/log/tile/entries/…`. What is remembered is the tree's right edge: the new entries, added to it,
must lead to the root that is signed now. Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from events.definitions.entry import is_canonical
from events.errors import TusoiError
from events.proof import signer
from events.proof.checkpoints import open_checkpoint
from events.proof.merkle import TreeDamaged, leaf_hash
from events.proof.notes import NOTE_BYTES_MAX, VerifierKey
from events.proof.signer import LastSigned
from events.proof.tiles import TILE_WIDTH, Tile
from events.replay.fetching import LENGTH_BYTES, Fetch
from events.replay.showing import read_file

MEMORY_BYTES_MAX = 2 * NOTE_BYTES_MAX
LOOK_SECONDS_MAX = 6 * 60 * 60  # for all answers together: the first look at a large log takes long


class NotTheLog(TusoiError):
    """What is served is no log, or not the one that was remembered: keep both and ask why."""

    code = "not_the_log"


class MemoryDamaged(TusoiError):
    """The file does not hold what was remembered: restore it, or begin anew with the log's key."""

    code = "memory_damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not hold what was remembered: restore it")


class KeyUnknown(TusoiError):
    """Nothing is remembered yet, nor which key the log has."""

    code = "key_unknown"

    def __init__(self) -> None:
        super().__init__("nothing is remembered yet: give the log's key, from elsewhere, by --key")


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """The newest checkpoint that was seen, as it was signed, and the tree by then."""

    key: str
    note: str
    signed: LastSigned


class Looked(NamedTuple):
    """What looking at a log came to."""

    before: int  # entries that were remembered
    remembered: Remembered  # from now on


def look(fetch: Fetch, before: Remembered | None, key: str | None = None) -> Looked:
    """Return what a log has grown to since it was looked at last, by its key or the one remembered.

    Raises:
        KeyUnknown: neither is there.
        NotTheLog: it is shorter, or not an extension of what was remembered; or it serves what
            cannot stand in a log.
        TusoiError: its checkpoint is not signed by the key, or is none.
        OSError: it does not answer.
    """
    if key is None:
        if before is None:
            raise KeyUnknown
        key = before.key
    if before and before.key != key:
        raise NotTheLog(f"remembered is the log of the key {before.key}, not of {key}")
    verifier = VerifierKey.from_text(key)
    note = _text(fetch("/log/checkpoint"))
    checkpoint = open_checkpoint(note, verifier, verifier.name)
    last = before.signed if before else None
    after = last.size if last else 0
    try:
        leaves = _leaf_pages(fetch, after, checkpoint.size)
        grown = signer.advance(last, leaves, (checkpoint.size, checkpoint.root))
    except (signer.LogRolledBack, signer.LogInconsistent, TreeDamaged) as error:
        signed = f"; remembered is {before.note!r}" if before else ""
        raise NotTheLog(f"it signs {note!r}, and does not lead there ({error}){signed}") from error
    return Looked(after, Remembered(key=key, note=note, signed=grown))


def load(path: Path) -> Remembered | None:
    """Return what was remembered in a file; None where there is none yet.

    Raises:
        MemoryDamaged: it holds something else.
        OSError: it cannot be read, or is no regular file.
    """
    try:
        return msgspec.json.decode(read_file(path, MEMORY_BYTES_MAX), type=Remembered)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TreeDamaged) as error:
        raise MemoryDamaged(path) from error


def save(path: Path, remembered: Remembered) -> None:
    """Remember what was seen, durably: the old file is there until the new one is whole."""
    signer.write_durably(path, msgspec.json.encode(remembered))


def _leaf_pages(fetch: Fetch, after: int, size: int) -> Iterator[list[bytes]]:
    """Iterate over the leaf hashes after some, as the entries that are served have them."""
    while after < size:
        tile = Tile(0, after // TILE_WIDTH)
        width = tile.width_at(size)
        path = tile.path(width).removeprefix("0/")
        entries = _split(fetch(f"/log/tile/entries/{path}"), path, width)
        for place in range(after % TILE_WIDTH, width):
            if not is_canonical(entries[place]):
                position = tile.number * TILE_WIDTH + place + 1
                raise NotTheLog(f"the entry at position {position} is not canonical")
        yield [leaf_hash(each) for each in entries[after % TILE_WIDTH :]]
        after = tile.number * TILE_WIDTH + width


def _split(bundle: bytes, path: str, width: int) -> list[bytes]:
    """Return the entries of a bundle, each behind its length."""
    entries, start = list[bytes](), 0
    while start < len(bundle):
        length = int.from_bytes(bundle[start : start + LENGTH_BYTES], "big")
        start += LENGTH_BYTES
        entries.append(bundle[start : start + length])
        start += length
    if start != len(bundle) or len(entries) != width:
        raise NotTheLog(f"entries/{path} does not hold {width} entries")
    return entries


def _text(note: bytes) -> str:
    try:
        return note.decode()
    except UnicodeDecodeError:
        raise NotTheLog("its checkpoint is no text") from None
