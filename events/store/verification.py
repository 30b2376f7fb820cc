"""Prove that nothing was changed: read the whole log again and compare it with all that is signed.

Reads in pages, so no transaction lasts long, and tells every difference it finds by its place.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple, ParamSpec, TypeVar

from events.definitions.catalogue import Catalogue, FutureVersion, UnknownType, UnreadableEntry
from events.definitions.entry import (
    CLOCKS_APART_MAX,
    NOT_AS_WRITTEN,
    Recorded,
    is_as_written,
    is_canonical,
    read_entry,
)
from events.definitions.event import stream_of
from events.errors import TusoiError
from events.proof.checkpoints import Checkpoint, open_checkpoint
from events.proof.links import open_link
from events.proof.merkle import EMPTY_EDGE, HASH_BYTES, RightEdge
from events.proof.notes import VerifierKey
from events.proof.tiles import Tile
from events.store import signed_heads
from events.store.database import Database, Row, as_bytes, microseconds
from events.store.head import HEAD
from events.store.link_check import LinkCheck, Linked
from events.store.tile_check import TileCheck

T = TypeVar("T")
P = ParamSpec("P")

PAGE = 1_000
FINDINGS_MAX = 100  # told; more are counted
ERROR_CHARACTERS_MAX = 200  # of what reading something raised
APART = CLOCKS_APART_MAX // timedelta(microseconds=1)

_ROWS = """
SELECT log.position, log.sequencedat, events.arrival, events.stream, events.version, events.source,
  events.id, events.type, events.entry, events.leaf_hash
FROM log LEFT JOIN events ON events.arrival = log.arrival
WHERE log.position > ? ORDER BY log.position LIMIT ?"""
_UNPLACED = """
SELECT events.stream, events.version FROM events
LEFT JOIN log ON log.arrival = events.arrival
LEFT JOIN pending ON pending.arrival = events.arrival
WHERE log.arrival IS NULL AND pending.arrival IS NULL ORDER BY events.arrival LIMIT ?"""
_LAST = "SELECT max(position) FROM log"
NO_HEAD = (None, None, None, None)


class Finding(NamedTuple):
    """One thing that is not as it must be."""

    where: str  # "position 17", "checkpoint 60", "member_states k3f…"
    what: str


def finding_of(where: str, error: Exception) -> Finding:
    """Return what is told of something that was changed so that nobody can judge it."""
    return Finding(where, f"cannot be judged ({_text_of(error)})")


def findings_from(where: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Iterate over findings; what nobody foresaw is one more, and ends them."""
    try:
        yield from findings
    except Exception as error:  # noqa: BLE001 - whoever has the database may put anything in it
        yield finding_of(where, error)


def last_position(database: Database) -> int:
    """Return how far the log goes, whatever its head says."""
    return int(database.rows(_LAST)[0][0] or 0)


class Verified(NamedTuple):
    """What a run over the log found."""

    size: int
    root: bytes
    streams: int
    checkpoints: int
    findings: tuple[Finding, ...]
    more: int = 0  # findings beyond those: counted, and not told


class LogCheck:
    """One pass over the log. `each` gets every readable event in order, for further checks."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        verifiers: dict[str, VerifierKey],
        *,
        each: Callable[[int, Recorded], None] = lambda _position, _recorded: None,
        progress: Callable[[int], None] = lambda _position: None,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._verifiers = verifiers  # origin to key; a checkpoint of another origin is a finding
        self._each = each
        self._progress = progress
        self._edge: RightEdge = EMPTY_EDGE
        self._leaves: list[bytes] = []  # that the edge has not grown by yet
        self._size = 0  # with them
        self._tiles = TileCheck(database)
        self._links = LinkCheck(())
        self._versions: dict[str, int] = {}
        self._position = self._stamp = 0
        self._findings: list[Finding] = []
        self._more = 0

    def run(self) -> Verified:
        """Return what was found. The log may grow meanwhile; it is checked as far as its head."""
        # The head is read last: whatever is numbered or signed by now lies before it.
        signed, last = self._signed_heads(), last_position(self._database)
        head = self._database.rows(HEAD)
        size, root, edge, stamp = head[0] if head else NO_HEAD
        if not isinstance(size, int):
            self._tell("head", "its size is no number" if head else "its row is not there")
            size = last
        if last > size:
            self._tell(f"position {last}", f"lies beyond the head, which says {size}")
        for page in self._pages(size):
            self._check_page(page, signed)
            self._progress(self._size)
        self._grow_edge()
        self._check_head(size, as_bytes(root), as_bytes(edge))
        if stamp != self._stamp:
            self._tell("head", "the stamp is not that of the last position")
        for missing in (each for each in signed if each > self._edge.size):
            self._tell(f"checkpoint {missing}", f"signed, but the log ends at {self._edge.size}")
        for tile in self._tiles.tiles_beyond():
            self._tell(f"tile {_path_of(tile)}", "lies beyond the log's full tiles")
        for stream, version in self._database.rows(_UNPLACED, (FINDINGS_MAX,)):
            self._tell(f"{stream} version {version}", "is neither in the log nor waiting for it")
        return Verified(
            self._edge.size,
            self._edge.root,
            len(self._versions),
            sum(map(len, signed.values())),
            tuple(self._findings),
            self._more,
        )

    def _pages(self, size: int) -> Iterator[list[Row]]:
        after = 0
        while after < size:
            rows = [row for row in self._database.rows(_ROWS, (after, PAGE)) if row[0] <= size]
            if not rows:
                self._tell(f"position {after + 1}", f"missing, and all after it up to {size}")
                return
            yield rows
            after = rows[-1][0]

    def _check_page(self, page: list[Row], signed: dict[int, list[Checkpoint]]) -> None:
        for row in page:
            self._check_row(row)
            if self._size in signed:
                self._check_signed(self._size, signed[self._size])
            if self._size in self._links.places:
                self._check_links(self._size)

    def _check_row(self, row: Row) -> None:
        """Judge one position. Whatever stands there, the check goes on to the next."""
        size = self._size
        try:
            self._judge_row(row)
        except Exception as error:  # noqa: BLE001 - whoever has the database may put anything in it
            self._tell(f"position {row[0]}", f"is not what can stand there ({_text_of(error)})")
            if self._size == size:
                self._grow(bytes(HASH_BYTES))

    def _judge_row(self, row: Row) -> None:
        position, stamp, arrival, stream, version, source, event_id, event_type, entry, leaf = row
        where = f"position {position}"
        if position != self._position + 1:
            self._tell(where, f"follows position {self._position}: those between are missing")
        self._position = position
        if stamp < self._stamp:
            self._tell(where, "was stamped earlier than the position before it")
        self._stamp = stamp
        self._links.grow(stamp)
        if arrival is None:
            self._tell(where, "names an event that is not there")
            self._grow(bytes(32))
            return
        encoded = as_bytes(entry)
        computed = hashlib.sha256(b"\0" + encoded).digest()
        if computed != as_bytes(leaf):
            self._tell(where, "the entry does not have the leaf hash stored beside it")
        self._grow(computed)
        columns = (stream, version, source, event_id, event_type)
        self._check_entry(where, position, encoded, columns)

    def _grow(self, leaf: bytes) -> None:
        """Let the tree grow by a leaf, and compare the tiles that it fills with those stored."""
        self._leaves.append(leaf)
        self._size += 1
        if len(self._leaves) == PAGE:
            self._grow_edge()
        for tile in self._tiles.grow(leaf):
            self._tell(f"tile {tile.path()}", "does not hold the hashes of the log's entries")

    def _grow_edge(self) -> None:
        """Let the edge grow by all leaves that wait: many at once cost half as much."""
        self._edge = self._edge.extend(self._leaves)
        self._leaves = []

    def _check_entry(
        self, where: str, position: int, encoded: bytes, columns: tuple[object, ...]
    ) -> None:
        try:
            recorded = read_entry(encoded, self._catalogue)
        except (UnreadableEntry, UnknownType, FutureVersion) as error:
            self._tell(where, str(error))
            return
        entry = recorded.entry
        if not is_canonical(encoded):
            self._tell(where, "the entry is not in canonical form")
        elif not is_as_written(encoded, recorded):
            self._tell(where, f"the entry {NOT_AS_WRITTEN}")
        if stream_of(recorded.event) != entry.stream or entry.subject != entry.stream:
            self._tell(where, "the fact is not about the stream that it stands in")
        if columns != (entry.stream, entry.streamversion, entry.source, entry.id, entry.type):
            self._tell(where, "the columns beside the entry say something else than the entry")
        before = self._versions.get(entry.stream, 0)
        if entry.streamversion != before + 1:
            told = f"{entry.stream} version {entry.streamversion} follows version {before}"
            self._tell(where, told)
        if self._stamp < microseconds(entry.recordedat) - APART:
            self._tell(where, "was numbered before it was recorded")
        self._versions[entry.stream] = entry.streamversion
        self._each(position, recorded)

    def _signed_heads(self) -> dict[int, list[Checkpoint]]:
        """Return the checkpoints whose signatures are good, by size; tell of the others."""
        found, linked = dict[int, list[Checkpoint]](), list[Linked]()
        for origin, (size, note, link) in signed_heads.every(self._database):
            key = self._verifiers.get(origin)
            if key is None:
                self._tell(f"checkpoint {size}", f"signed under {origin}, whose key is not at hand")
                continue
            opened = self._open(size, open_checkpoint, note, key, origin)
            if opened is None:
                continue
            if opened.size != size:
                self._tell(f"checkpoint {size}", f"the signed text says size {opened.size}")
            found.setdefault(opened.size, []).append(opened)
            stated = self._open(size, open_link, link, key, opened)
            linked.append(Linked(origin, opened.size, stated))
        self._links = LinkCheck(linked)
        return found

    def _open(self, size: int, read: Callable[P, T], *given: P.args, **named: P.kwargs) -> T | None:
        """Return what was signed, or nothing after telling why that cannot be read."""
        try:
            return read(*given, **named)
        except (TusoiError, TypeError, AttributeError) as error:  # a note may be no text at all
            self._tell(f"checkpoint {size}", str(error))
            return None

    def _check_signed(self, size: int, signed: list[Checkpoint]) -> None:
        self._grow_edge()
        for checkpoint in signed:
            if checkpoint.root != self._edge.root:
                where = f"checkpoint {size}"
                self._tell(where, "the log up to there is not the one that was signed")

    def _check_links(self, size: int) -> None:
        for where, what in self._links.reach(size):
            self._tell(where, what)

    def _check_head(self, size: int, root: bytes, edge: bytes) -> None:
        if (size, root, edge) != (self._edge.size, self._edge.root, self._edge.to_bytes()):
            self._tell("head", "size, root or edge are not those of the log")

    def _tell(self, where: str, what: str) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(where, what))
        else:
            self._more += 1


def _path_of(tile: Tile) -> str:
    """Return a tile's path, also where its number is none."""
    try:
        return tile.path()
    except (TypeError, ValueError):
        return f"{tile.level}/{tile.number}"


def _text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:ERROR_CHARACTERS_MAX]
