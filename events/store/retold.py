"""Events that told what is in the log already: they are no facts, and their ids are known.

A row says which fact of the stream says what was told, and of which time it was told again. So a
repeat gets its first receipt, a correction finds what it names, and what was told again becomes a
fact once it matters that it was (decision 0065).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from events.identifiers import Stream
from events.store.batch import Retold
from events.store.database import Database, Row, Transaction, microseconds, moment

KEPT = timedelta(days=40)  # until then a sender may repeat or correct what it told again
FORGOTTEN_MAX = 1_000  # at once

_COLUMNS = "source, id, stream, version, type, heldat, recordedat, principal, request_digest"
_BY_ID = f"SELECT {_COLUMNS} FROM retold WHERE id IN ?"
_BY_STREAM = f"SELECT {_COLUMNS} FROM retold WHERE stream IN ?"
_LAST = "SELECT type, max(toldat) FROM retold WHERE stream = ? GROUP BY type"
_OLD = "SELECT id, source FROM retold WHERE toldat < ? ORDER BY toldat LIMIT ?"


def by_id(transaction: Transaction, source: str, ids: Iterable[str]) -> dict[str, Retold]:
    """Return what one sender told again, by the ids of the events."""
    wanted = list(dict.fromkeys(ids))
    found = map(_told_again, transaction.rows_in(_BY_ID, wanted)) if wanted else ()
    return {each.id: each for each in found if each.source == source}


def by_stream(transaction: Transaction, streams: Iterable[Stream]) -> list[Retold]:
    """Return what was told again of some streams, by the times of which it was told."""
    wanted = list(dict.fromkeys(streams))
    found = map(_told_again, transaction.rows_in(_BY_STREAM, wanted)) if wanted else ()
    return sorted(found, key=lambda each: (each.time, each.source, each.id))


def last_of(transaction: Transaction, stream: Stream) -> dict[str, datetime]:
    """Return when an event of each type last told nothing new of a stream."""
    return {row[0]: moment(row[1]) for row in transaction.rows(_LAST, (stream,))}


def retold_row(told: Retold, now: datetime) -> tuple[object, ...]:
    """Return the row of an event that is told now, in the order of the table's columns."""
    return (
        told.id,
        told.source,
        told.stream,
        told.version,
        told.type,
        microseconds(told.time),
        microseconds(told.recorded_at),
        microseconds(now),
        told.principal,
        told.request_digest,
    )


def forget(database: Database, *, now: datetime) -> int:
    """Forget what was told long ago, as many as may be at once; return how many that were."""

    def let_go(transaction: Transaction) -> int:
        old = transaction.rows(_OLD, (microseconds(now - KEPT), FORGOTTEN_MAX))
        sql = "DELETE FROM retold WHERE id = ? AND source = ?"
        return sum(transaction.run(sql, tuple(each)) for each in old)

    return database.transact(let_go)


def _told_again(row: Row) -> Retold:
    source, event_id, stream, version, event_type, held_at, recorded_at, principal, digest = row
    return Retold(
        source=source,
        id=event_id,
        stream=stream,
        version=version,
        type=event_type,
        time=moment(held_at),
        recorded_at=moment(recorded_at),
        principal=principal,
        request_digest=bytes(digest) if digest is not None else None,
    )
