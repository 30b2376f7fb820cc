"""The write: events, their `pending` rows, texts, numbers and files in one transaction.

Streams are kept from moving under a guard by advisory locks on stripes: whoever writes shares a
stream's stripe, whoever guards a stream takes it alone. Without that a guarded stream could get an
event between the check and the commit, with a lower position than the decision that relied on it.
"""

import zlib

import psycopg

from events.errors import ConcurrentAppend
from events.store import tables
from events.store.batch import Batch
from events.store.database import Database, Transaction
from events.store.postgresql import PostgresDatabase, PostgresTransaction, columns_of
from events.store.sqlite import SqliteDatabase, SqliteTransaction

STRIPES = 256  # bounds the locks that one append holds, for PostgreSQL's lock table is finite
STRIPE_LOCKS = 7_561  # the class of advisory locks that stripes are

_ROW = "stream, version, source, id, type, entry, leaf_hash, request_digest"
_PENDING = "INSERT INTO pending (arrival) SELECT arrival FROM added"

# One event, one round trip. The lock is taken before the arrival is drawn, for the row that draws
# it comes out of `locked`. An expected version that does not exist inserts nothing; one that has a
# successor already violates the unique index.
_ONE = f"""
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({STRIPE_LOCKS}, %b::int4)),
added AS (
  INSERT INTO events ({_ROW})
  SELECT %b::text, %b::int4, %b::text, %b::text, %b::text, %b::bytea, %b::bytea, %b::bytea
  FROM locked
  WHERE %b::int4 = 0 OR EXISTS (SELECT FROM events WHERE stream = %b AND version = %b)
  RETURNING arrival)
{_PENDING}"""

# Many events. Arrivals are drawn in the append's order, rows are put in by stream and version, for
# in another order two batches would wait for each other's index entries for ever.
_MANY = f"""
WITH locked AS MATERIALIZED (
  SELECT count(pg_advisory_xact_lock_shared({STRIPE_LOCKS}, stripe))
  FROM unnest(%b::int4[]) AS stripe),
sent AS MATERIALIZED (
  SELECT nextval('events_arrival_seq') AS arrival, row.*
  FROM locked CROSS JOIN LATERAL unnest(%b::text[], %b::int4[], %b::text[], %b::text[],
    %b::text[], %b::bytea[], %b::bytea[], %b::bytea[]) AS row ({_ROW})),
added AS (
  INSERT INTO events (arrival, {_ROW}) OVERRIDING SYSTEM VALUE
  SELECT * FROM sent
  WHERE NOT EXISTS (
    SELECT FROM unnest(%b::text[], %b::int4[]) AS expected (stream, version)
    WHERE expected.version > 0 AND NOT EXISTS (
      SELECT FROM events
      WHERE events.stream = expected.stream AND events.version = expected.version))
  ORDER BY stream, version
  RETURNING arrival)
{_PENDING}"""

# On SQLite there is one writer, so arrivals are taken in order, and a trigger adds `pending` rows:
# every statement gives up the interpreter's lock, and eight waiting threads make that dear.
_MANY_SQLITE = f"INSERT INTO events ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ONE_SQLITE = f"""
INSERT INTO events ({_ROW}) SELECT ?, ?, ?, ?, ?, ?, ?, ?
WHERE ? = 0 OR EXISTS (SELECT 1 FROM events WHERE stream = ? AND version = ?)"""

_VERSIONS = "SELECT stream, max(version) FROM events WHERE stream IN ? GROUP BY stream"


def write(database: Database, batch: Batch) -> None:
    """Append a batch: one statement where it can be one, else one transaction.

    Raises:
        ConcurrentAppend, StoreUnavailable: nothing was written.
    """
    is_plain = not (batch.guards or batch.texts or batch.numbers or batch.files)
    if is_plain and isinstance(database, PostgresDatabase):
        with database.alone() as driver:
            _execute(driver, batch)
    elif is_plain and len(batch.rows) == 1 and isinstance(database, SqliteDatabase):
        ((stream, expected),) = batch.written
        if not database.run_alone(_ONE_SQLITE, (*batch.rows[0], expected, stream, expected)):
            raise ConcurrentAppend(stream, expected_version=expected)
    else:
        database.transact(lambda transaction: _write(transaction, batch))


def _write(transaction: Transaction, batch: Batch) -> None:
    """Write guarded or many, with what goes along."""
    if isinstance(transaction, PostgresTransaction):
        if batch.guards:
            _lock(transaction, batch)
            _require_versions(transaction, batch.guards)
        _write_companions(transaction, batch)
        _execute(transaction.driver, batch)
    else:
        assert isinstance(transaction, SqliteTransaction)
        _require_versions(transaction, batch.written + batch.guards)  # as the only writer
        _write_companions(transaction, batch)
        transaction.driver.executemany(_MANY_SQLITE, batch.rows)


def _execute(driver: psycopg.Connection, batch: Batch) -> None:
    if len(batch.rows) == 1:
        row, ((stream, expected),) = batch.rows[0], batch.written
        parameters: list[object] = [stripe(stream), *row, expected, stream, expected]
        written = driver.execute(_ONE, parameters, prepare=True, binary=True).rowcount
    else:
        stripes = sorted({stripe(stream) for stream, _ in batch.written})
        columns = columns_of(batch.rows)
        parameters = [stripes, *columns, *columns_of(batch.written)]
        written = driver.execute(_MANY, parameters, prepare=True, binary=True).rowcount
    if written != len(batch.rows):
        stream, expected = batch.written[0]
        raise ConcurrentAppend(stream, expected_version=expected)


def _lock(transaction: Transaction, batch: Batch) -> None:
    """Take every stripe of the append in sorted order: alone where it guards, else shared."""
    alone = {stripe(stream) for stream, _ in batch.guards}
    for each in sorted(alone | {stripe(stream) for stream, _ in batch.written}):
        how = "" if each in alone else "_shared"
        transaction.rows(
            f"SELECT pg_advisory_xact_lock{how}(?::int4, ?::int4)", (STRIPE_LOCKS, each)
        )


def _write_companions(transaction: Transaction, batch: Batch) -> None:
    """Write what goes with events: sealed words and files, and numbers that became known."""
    if batch.texts:
        rows = [(text.commitment, text.owner, text.scope, text.box) for text in batch.texts]
        transaction.insert(tables.texts, rows)
    if batch.numbers:
        transaction.insert(tables.numbers, [(each.digest, each.id) for each in batch.numbers])
    if batch.files:
        transaction.insert(tables.files, batch.files)
        transaction.insert(tables.chunks, batch.chunks)


def _require_versions(transaction: Transaction, expected: tuple[tuple[str, int], ...]) -> None:
    found: dict[str, int] = dict(transaction.rows_in(_VERSIONS, [stream for stream, _ in expected]))
    for stream, version in expected:
        if found.get(stream, 0) != version:
            raise ConcurrentAppend(stream, expected_version=version)


def stripe(stream: str) -> int:
    """Return the stripe on which a stream is locked."""
    return zlib.crc32(stream.encode()) % STRIPES
