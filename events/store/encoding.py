"""Turn what is to be appended into the bytes that will be stored."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from events.definitions.entry import SALT_BYTES, Entry, encode_data, encode_entry, encode_salt
from events.errors import TusoiError
from events.identifiers import Chance, Stream
from events.store.batch import (
    NONE_RETOLD,
    Appended,
    Batch,
    EventRow,
    KnownNumber,
    NewEvent,
    Receipt,
    Retellings,
)
from events.store.files import chunk_rows, file_row
from events.store.retold import retold_row
from events.vault.files import SealedFile
from events.vault.sealing import SealedText

EVENTS_MAX = 1_000  # in one append


class TooManyEvents(TusoiError):
    code = "too_many_events"

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} events in one append, the limit is {EVENTS_MAX}: split them")
        self.count = count


def encode(
    streams: Mapping[Stream, Appended],
    texts: tuple[SealedText, ...],
    numbers: tuple[KnownNumber, ...],
    files: tuple[SealedFile, ...] = (),
    freed: tuple[KnownNumber, ...] = (),
    retellings: Retellings = NONE_RETOLD,
    *,
    now: datetime,
    chance: Chance,
) -> Batch:
    """Return an append in the bytes that will be stored.

    Raises:
        TooManyEvents, EntryTooLarge, NotCanonical: the caller must send less or other.
    """
    count = sum(len(appended.events) for appended in streams.values())
    if count > EVENTS_MAX or not (count or retellings.kept):
        raise TooManyEvents(count)
    salts = _salts(chance, count)
    rows = tuple(
        _row(stream, version, new, now=now, salt=next(salts))
        for stream, appended in streams.items()
        for version, new in enumerate(appended.events, appended.expected_version + 1)
    )
    versions = [(stream, each.expected_version, each.events) for stream, each in streams.items()]
    return Batch(
        rows=rows,
        written=tuple((stream, version) for stream, version, events in versions if events),
        guards=tuple((stream, version) for stream, version, events in versions if not events),
        texts=texts,
        numbers=numbers,
        files=tuple(file_row(each, now) for each in files),
        chunks=tuple(row for each in files for row in chunk_rows(each)),
        freed=freed,
        retold=tuple(retold_row(each, now) for each in retellings.kept),
        recalled=retellings.recalled,
    )


def receipts(batch: Batch, now: datetime) -> tuple[Receipt, ...]:
    """Return the receipts of an append that was committed, in its order."""
    return tuple(Receipt(row.source, row.id, row.stream, row.version, now) for row in batch.rows)


def _salts(chance: Chance, count: int) -> Iterator[str]:
    drawn = chance.bytes(SALT_BYTES * count)  # drawn at once: a system call each costs more
    for start in range(0, len(drawn), SALT_BYTES):
        yield encode_salt(drawn[start : start + SALT_BYTES])


def _row(stream: str, version: int, new: NewEvent, *, now: datetime, salt: str) -> EventRow:
    definition = new.event.definition
    entry = encode_entry(
        Entry(
            id=new.id,
            source=new.source,
            type=definition.type,
            subject=stream,
            time=new.time,
            dataschema=definition.dataschema,
            stream=stream,
            streamversion=version,
            recordedat=new.recorded_at or now,
            principal=new.principal,
            onbehalfof=new.on_behalf_of,
            causationid=new.causation_id,
            correlationid=new.correlation_id,
            salt=salt,
            data=encode_data(new.event),
        )
    )
    return EventRow(
        stream,
        version,
        new.source,
        new.id,
        definition.type,
        entry,
        hashlib.sha256(b"\0" + entry).digest(),
        new.request_digest,
    )
