"""The store: append, read by stream, read by position. The only SQL that touches events."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from events.clock import Clock
from events.definitions.catalogue import CATALOGUE, Catalogue
from events.definitions.entry import Recorded, Sequenced, decode_entry, read_entry
from events.identifiers import Chance, Stream
from events.store import retold
from events.store.batch import NONE_RETOLD, Appended, KnownNumber, Receipt, Retellings, Retold
from events.store.database import Database, Row, Transaction, as_bytes, microseconds, moment
from events.store.encoding import encode, receipts
from events.store.head import Head, read_head
from events.vault.files import SealedFile
from events.vault.sealing import SealedText

READ_MAX = 1_000  # entries in one read by position
PAGE_EVENTS = 10_000  # of a stream, read at once; a stream has 20 to 60 in a year

_BY_STREAM = """
SELECT entry FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"""
_BY_STREAMS = "SELECT entry FROM events WHERE stream IN ?"
_BY_STREAM_AS_OF = """
SELECT events.entry FROM events JOIN log ON log.arrival = events.arrival
WHERE events.stream = ? AND events.version > ? AND log.position <= ?
ORDER BY events.version LIMIT ?"""
_BY_POSITION = """
SELECT log.position, log.sequencedat, events.entry
FROM log JOIN events ON events.arrival = log.arrival
WHERE log.position > ? AND log.position <= ? ORDER BY log.position"""
_BY_TYPE = """
SELECT arrival, entry FROM events WHERE type = ? AND arrival > ? ORDER BY arrival LIMIT ?"""
_RECEIPTS = """
SELECT source, id, stream, version, type, entry, request_digest FROM events WHERE id IN ?"""
_STREAMS_AND_TYPES = "SELECT DISTINCT stream, type FROM events WHERE stream IN ?"
_STREAM_AT = """
SELECT events.stream FROM log JOIN events ON events.arrival = log.arrival WHERE log.position = ?"""
_STAMP = "SELECT sequencedat FROM log WHERE position = ?"


class History(NamedTuple):
    """The events of one stream, and the version that they reach."""

    events: tuple[Recorded, ...]
    version: int


class Known(NamedTuple):
    """An event that is there already, with the digest of the request that brought it."""

    receipt: Receipt
    type: str
    request_digest: bytes | None
    principal: str


class Store:
    """One log in one database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        chance: Chance,
        catalogue: Catalogue = CATALOGUE,
    ) -> None:
        self.database = database
        self.catalogue = catalogue
        self.appended = threading.Event()  # set after each append by this process
        self.require_writable: Callable[[], None] = lambda: None  # raises where none may write
        self._clock = clock
        self._chance = chance

    def append(
        self,
        streams: Mapping[Stream, Appended],
        *,
        texts: Iterable[SealedText] = (),
        numbers: Iterable[KnownNumber] = (),
        files: Iterable[SealedFile] = (),
        freed: Iterable[KnownNumber] = (),
        retellings: Retellings = NONE_RETOLD,
    ) -> tuple[Receipt, ...]:
        """Append to several streams in one transaction and return a receipt for each event.

        All of it is there, or none; afterwards the sequencer will number it, whatever happens to
        this process. The order of the streams is the order in which events are numbered. Numbers
        that are `freed` are forgotten before others become known.

        Raises:
            ConcurrentAppend: a stream is not at its expected version, or an id or number is taken
                meanwhile: load and decide again.
            StoreUnavailable: nothing was appended; try again later.
            TooManyEvents, EntryTooLarge, NotCanonical: send less or other.
        """
        self.require_writable()
        now = self._clock.now()
        companions = tuple(texts), tuple(numbers), tuple(files), tuple(freed), retellings
        batch = encode(streams, *companions, now=now, chance=self._chance)
        self.database.append(batch)
        self.appended.set()
        return receipts(batch, now)

    def facts_of(self, event_type: str) -> Iterator[list[Recorded]]:
        """Iterate over the facts of a type, a page at a time, numbered or not yet.

        It looks through the whole log: for rare deeds.
        """
        after = 0
        while rows := self.database.rows(_BY_TYPE, (event_type, after, READ_MAX)):
            yield [read_entry(bytes(entry), self.catalogue) for _, entry in rows]
            after = rows[-1][0]

    def versions(self, streams: Iterable[Stream]) -> dict[Stream, int]:
        """Return the last version of each stream, 0 where there is none."""
        wanted = list(dict.fromkeys(streams))
        found = dict.fromkeys(wanted, 0)
        sql = "SELECT stream, max(version) FROM events WHERE stream IN ? GROUP BY stream"
        found.update(self.database.read(lambda t: t.rows_in(sql, wanted)))
        return found

    def streams_with(self, streams: Iterable[Stream], event_type: str) -> set[Stream]:
        """Return those of some streams in which a fact of a type was told."""
        wanted = list(dict.fromkeys(streams))
        rows = self.database.read(lambda t: t.rows_in(_STREAMS_AND_TYPES, wanted)) if wanted else []
        return {Stream(stream) for stream, told in rows if told == event_type}

    def known_events(self, source: str, ids: Iterable[str]) -> dict[str, Known]:
        """Return what is there already of one sender's events, by id."""
        wanted = list(dict.fromkeys(ids))
        rows = self.database.read(lambda t: t.rows_in(_RECEIPTS, wanted))
        return {row[1]: _known_event(row) for row in rows if row[0] == source}

    def retold_under(self, source: str, ids: Iterable[str]) -> dict[str, Retold]:
        """Return which of one sender's events told nothing new, by id."""
        return self.database.read(lambda t: retold.by_id(t, source, ids))

    def retold_in(self, streams: Iterable[Stream]) -> list[Retold]:
        """Return which events told nothing new of some streams, by the times of which they were."""
        return self.database.read(lambda t: retold.by_stream(t, streams))

    def last_retold(self, stream: Stream) -> dict[str, datetime]:
        """Return when an event of each type last told nothing new of a stream."""
        return self.database.read(lambda t: retold.last_of(t, stream))

    def read_streams(self, streams: Iterable[Stream]) -> dict[Stream, tuple[Recorded, ...]]:
        """Return the events of some streams, each in order; one that has none is missing."""
        wanted = list(dict.fromkeys(streams))
        found: dict[Stream, list[Recorded]] = {}
        for row in self.database.read(lambda t: t.rows_in(_BY_STREAMS, wanted)):
            recorded = read_entry(bytes(row[0]), self.catalogue)
            found.setdefault(Stream(recorded.entry.stream), []).append(recorded)
        return {
            stream: tuple(sorted(events, key=lambda each: each.entry.streamversion))
            for stream, events in found.items()
        }

    def read_stream(self, stream: Stream, *, after: int = 0, as_of: int | None = None) -> History:
        """Return a stream's events after a version, in order; with `as_of`, up to that position.

        A stream that is longer than a page is read page by page: cut off, it would tell what was.
        """
        found, version = list[Recorded](), after
        while True:
            if as_of is None:
                rows = self.database.rows(_BY_STREAM, (stream, version, PAGE_EVENTS))
            else:
                rows = self.database.rows(_BY_STREAM_AS_OF, (stream, version, as_of, PAGE_EVENTS))
            found += (read_entry(bytes(row[0]), self.catalogue) for row in rows)
            version = found[-1].entry.streamversion if found else after
            if len(rows) < PAGE_EVENTS:
                return History(tuple(found), version)

    def events(self, stream: Stream) -> tuple[Recorded, ...]:
        """Return the events of a stream, which `read_stream` reads."""
        return self.read_stream(stream).events

    def read_log(self, after: int, limit: int = READ_MAX) -> list[Sequenced]:
        """Return up to `limit` events after a position, in the total order.

        Raises:
            UnknownType, FutureVersion: this program is too old for what it would read.
        """
        return [
            self.sequenced_event(row)
            for row in self.database.rows(_BY_POSITION, (after, after + limit))
        ]

    def read_log_in(self, transaction: Transaction, after: int, limit: int) -> list[Row]:
        """Return rows of position, stamp and entry, read in a transaction of the caller's."""
        return transaction.rows(_BY_POSITION, (after, after + limit))

    def stream_at(self, transaction: Transaction, position: int) -> str:
        """Return which stream the event at a position belongs to; it need not be readable."""
        return str(transaction.rows(_STREAM_AT, (position,))[0][0])

    def sequenced_event(self, row: Row) -> Sequenced:
        """Return a row of position, stamp and entry as an event in its place."""
        position, stamp, encoded = row
        entry = decode_entry(encoded)
        event = self.catalogue.decode(entry.dataschema, entry.data)
        return Sequenced(position, moment(stamp), entry, event)

    def head(self) -> Head:
        """Return how far the log goes, as committed. Raises HeadLost."""
        return read_head(self.database)

    def position_at(self, when: datetime) -> int:
        """Return the last position that was given by a time; 0 when there was none yet.

        Stamps never go backwards, so the log is searched by halves.
        """
        stamp = microseconds(when)
        low, high = 0, self.head().size
        while low < high:
            middle = (low + high + 1) // 2
            if self.database.rows(_STAMP, (middle,))[0][0] <= stamp:
                low = middle
            else:
                high = middle - 1
        return low

    def known_numbers(self, digests: Iterable[bytes]) -> dict[bytes, str]:
        """Return whom other systems' numbers name, by digest, as far as they are known."""
        wanted = list(dict.fromkeys(digests))
        sql = "SELECT digest, id FROM numbers WHERE digest IN ?"
        rows = self.database.read(lambda t: t.rows_in(sql, wanted))
        return {bytes(row[0]): row[1] for row in rows}

    def forget_numbers(self, known_id: str) -> int:
        """Delete by which numbers other systems know somebody; return how many there were."""
        sql = "DELETE FROM numbers WHERE id = ?"
        return self.database.transact(lambda t: t.run(sql, (known_id,)))

    def sealed_texts(self, commitments: Sequence[str]) -> dict[str, SealedText]:
        """Return the sealed words behind commitments, as far as they are there."""
        sql = "SELECT commitment, owner, scope, box FROM texts WHERE commitment IN ?"
        rows = self.database.read(lambda t: t.rows_in(sql, commitments))
        return {row[0]: SealedText(row[0], row[1], row[2], as_bytes(row[3])) for row in rows}


def _known_event(row: Row) -> Known:
    source, event_id, stream, version, event_type, encoded, digest = row
    told = msgspec.json.decode(encoded, type=_Glance)
    receipt = Receipt(source, event_id, stream, version, told.recordedat)
    known = bytes(digest) if digest is not None else None
    return Known(receipt, event_type, known, told.principal)


class _Glance(msgspec.Struct):
    """As much of an entry as a receipt needs."""

    recordedat: datetime
    principal: str
