"""PostgreSQL: what scales. Statements run prepared, rows go over as typed binary arrays.

Streams are kept from moving under a guard by advisory locks on stripes: whoever writes shares a
stream's stripe, whoever guards a stream takes it alone.

It has over 300 lines, for all that is PostgreSQL's is here, and the statements are half of it.
"""

import functools
import select
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.engine import Connection
from sqlalchemy.pool import ConnectionPoolEntry

from events.errors import ConcurrentAppend, DatabaseRefuses, StoreUnavailable
from events.store import tables
from events.store.batch import Batch
from events.store.database import (
    MOVE_HEAD,
    Database,
    NewHead,
    OnConflict,
    Row,
    Transaction,
    Translating,
    conflict_clause,
)

T = TypeVar("T")

LOCK_WAIT_SECONDS = 5
TRANSACTION_SECONDS = 30
POOL_MAX = 40
CONNECT_SECONDS = 5
STRIPES = 256  # bounds the locks that one append holds, for PostgreSQL's lock table is finite
STRIPE_LOCKS = 7_561  # the class of advisory locks that stripes are

_LOST_RACES = (
    errors.UniqueViolation,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
)
_REFUSALS = (  # what a server says, in its default language, that will say so again
    "password authentication failed",
    "no pg_hba.conf entry",
    "does not exist",
)
_STARTUP_REFUSED = "unsupported startup parameter"  # said by a pooler that takes no options
_OPTIONS = (
    f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c statement_timeout={TRANSACTION_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={TRANSACTION_SECONDS}s -c timezone=UTC"
)
_ARRAYS: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.Text: "text[]",
    sa.LargeBinary: "bytea[]",
    sa.BigInteger: "int8[]",
    tables.Place: "int8[]",
    sa.Integer: "int4[]",
    sa.Boolean: "bool[]",
}

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

# All that numbering writes goes over in one statement, for round trips are what it costs.
_NUMBER = f"""
WITH numbered AS (
  INSERT INTO log (position, arrival, sequencedat)
  SELECT ?::int8 + place, arrival, ?::int8
  FROM unnest(?::int8[]) WITH ORDINALITY AS row (arrival, place)),
gone AS (DELETE FROM pending WHERE arrival = ANY(?::int8[]))
{MOVE_HEAD}"""


class PostgresTransaction(Transaction):
    """A transaction on PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        self.driver: psycopg.Connection[Row] = driver

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        return self._execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        return self._execute(sql, parameters).rowcount

    def insert(
        self, table: sa.Table, rows: Sequence[Row], *, on_conflict: OnConflict = "refuse"
    ) -> None:
        if rows:
            self._execute(_insert_sql(table, on_conflict), _columns_of(rows))

    def rows_in(self, sql: str, values: Sequence[object]) -> list[Row]:
        return self.rows(sql.replace("IN ?", "= ANY(?)"), (list(values),))

    def delete_in(self, table: str, column: str, values: Sequence[int] | Sequence[str]) -> int:
        array = "text[]" if values and isinstance(values[0], str) else "int8[]"
        sql = f"DELETE FROM {table} WHERE {column} = ANY(?::{array})"
        return self.run(sql, (list(values),))

    def rows_for_update(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        return self.rows(f"{sql} FOR UPDATE", parameters)

    def see_one_snapshot(self) -> None:
        self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def try_lead(self, lock: int) -> bool:
        return bool(self.rows("SELECT pg_try_advisory_xact_lock(?)", (lock,))[0][0])

    def lead(self, lock: int) -> None:
        self.rows("SELECT pg_advisory_xact_lock(?::int8)", (lock,))

    def lock_table(self, table: sa.Table, *, alone: bool) -> None:
        mode = "EXCLUSIVE" if alone else "ROW EXCLUSIVE"
        self.run(f"LOCK TABLE {table.name} IN {mode} MODE")

    def append(self, batch: Batch) -> None:
        if batch.guards:
            self._lock_stripes(batch)
            self.require_versions(batch.guards)
        self.insert_companions(batch)
        _append(self.driver, batch)

    def number(self, arrivals: Sequence[int], head: NewHead, *, after: int) -> int:
        places = list(arrivals)
        return self.run(_NUMBER, (after, head.sequencedat, places, places, *head, after))

    def refuse_changes(self, table: str) -> None:
        self.run("""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$""")
        self.run(f"""
        CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""")

    def prepare_appends(self) -> None:
        """Keep the queue of pending rows slim."""
        self.run("""
        ALTER TABLE pending SET (autovacuum_vacuum_scale_factor = 0,
            autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)""")

    def _lock_stripes(self, batch: Batch) -> None:
        """Take every stripe of an append in sorted order: alone where it guards, else shared."""
        alone = {stripe(stream) for stream, _ in batch.guards}
        for each in sorted(alone | {stripe(stream) for stream, _ in batch.written}):
            how = "" if each in alone else "_shared"
            sql = f"SELECT pg_advisory_xact_lock{how}(?::int4, ?::int4)"
            self.rows(sql, (STRIPE_LOCKS, each))

    def _execute(self, sql: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
        cursor = self.driver.cursor(binary=True)
        return cursor.execute(adapt(sql), parameters or None, prepare=True)


def translate(error: BaseException) -> None:
    """Raise in our words what PostgreSQL says in its own; return where there is nothing to say."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, _LOST_RACES):
        raise ConcurrentAppend(cause.diag.constraint_name or type(cause).__name__) from error
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | sa.exc.TimeoutError):
        told = " ".join(str(cause).split())  # in one line, which the driver breaks in several
        if _STARTUP_REFUSED in told:
            raise PoolerBetween from error
        kind = DatabaseRefuses if any(each in told for each in _REFUSALS) else StoreUnavailable
        raise kind(f"the database cannot be used: {told}") from error


translated = Translating(translate)


class PoolerBetween(DatabaseRefuses):
    """A pooler such as PgBouncer hands our connections on to others.

    It forgets what a session relies on: prepared statements, and the bounds on waiting and running
    that are told when it begins. So it is refused in any mode, by one look at each new connection.
    """

    def __init__(self) -> None:
        super().__init__(
            "between this program and PostgreSQL stands a pooler, such as PgBouncer, which forgets "
            "prepared statements and time limits: name PostgreSQL itself in TUSOI_DATABASE_URL and "
            f"TUSOI_KEYS_URL; each process keeps a pool of its own, of {POOL_MAX} at most"
        )


def _require_direct(connection: psycopg.Connection[Row], _record: ConnectionPoolEntry) -> None:
    """Raise PoolerBetween unless a new connection is the server's own, and took our bounds.

    A pooler tells another process id than that of the server which it lends.
    """
    sql = "SELECT pg_backend_pid(), current_setting('lock_timeout')"
    connection.autocommit = True
    found = connection.execute(sql).fetchone()
    connection.autocommit = False
    if found != (connection.info.backend_pid, f"{LOCK_WAIT_SECONDS}s"):
        raise PoolerBetween


def _require_alive(connection: psycopg.Connection[Row], *_: object) -> None:
    """Let the pool begin anew where a server ended its connections while nobody used them.

    It says nothing to a connection at rest but that it ends, and to look for that costs a
    microsecond, not a round trip.
    """
    looking = select.poll()
    if not connection.closed:
        looking.register(connection.fileno(), select.POLLIN)
    if connection.closed or looking.poll(0):
        raise sa.exc.InvalidatePoolError


class PostgresDatabase(Database):
    """One PostgreSQL database."""

    address = "postgresql://"
    embedded = False

    def __init__(self, url: sa.URL) -> None:
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=8,
            max_overflow=POOL_MAX - 8,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=False,  # costs a round trip; see `_require_alive`
            connect_args={"options": _OPTIONS, "connect_timeout": CONNECT_SECONDS},
        )
        sa.event.listen(self.engine, "connect", _require_direct)
        sa.event.listen(self.engine, "checkout", _require_alive)

    @classmethod
    def at(cls, url: sa.URL) -> Self:
        return cls(url)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        with translated, self.engine.begin() as connection:
            return work(PostgresTransaction(connection))

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self.transact(work)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self.lend_connection() as driver:
            cursor = driver.cursor(binary=True)
            return cursor.execute(adapt(sql), parameters or None, prepare=True).fetchall()

    def append(self, batch: Batch) -> None:
        """Append in one statement where it can be one, else in one transaction."""
        if batch.is_plain:
            with self.lend_connection() as driver:
                _append(driver, batch)
        else:
            super().append(batch)

    @contextmanager
    def lend_connection(self) -> Iterator[psycopg.Connection[Row]]:
        """Lend a connection on which each statement is a transaction of its own.

        One round trip, where a transaction of several statements takes three.
        """
        with translated:
            pooled = self.engine.raw_connection()
            driver = pooled.driver_connection
            assert isinstance(driver, psycopg.Connection)
            driver.autocommit = True
            try:
                yield driver
            finally:
                if driver.closed:
                    pooled.invalidate()
                else:  # whatever happened: the next one to get it relies on transactions
                    driver.autocommit = False
                pooled.close()

    def scrub(self) -> None:
        """Leave that to vacuuming: what was deleted stays in old pages, and in the write-ahead log.

        So nothing in the clear is put there: words, logins and hashes are sealed, numbers digested.
        """

    def close(self) -> None:
        self.engine.dispose()


def stripe(stream: str) -> int:
    """Return the stripe on which a stream is locked."""
    return zlib.crc32(stream.encode()) % STRIPES


def _append(driver: psycopg.Connection[Row], batch: Batch) -> None:
    """Write the events of a batch in one statement."""
    if not batch.rows:
        return
    if len(batch.rows) == 1:
        row, ((stream, expected),) = batch.rows[0], batch.written
        parameters: list[object] = [stripe(stream), *row, expected, stream, expected]
        written = driver.execute(_ONE, parameters, prepare=True, binary=True).rowcount
    else:
        stripes = sorted({stripe(stream) for stream, _ in batch.written})
        columns = _columns_of(batch.rows)
        parameters = [stripes, *columns, *_columns_of(batch.written)]
        written = driver.execute(_MANY, parameters, prepare=True, binary=True).rowcount
    if written != len(batch.rows):
        stream, expected = batch.written[0]
        raise ConcurrentAppend(stream, expected_version=expected)


def _columns_of(rows: Sequence[Row]) -> list[list[object]]:
    """Return rows turned into one array a column."""
    return [list(column) for column in zip(*rows, strict=True)]


@functools.lru_cache(maxsize=512)
def adapt(sql: str) -> str:
    """Return neutral SQL with the driver's marks, everything sent binary."""
    return sql.replace("?", "%b")


@functools.lru_cache(maxsize=256)
def _insert_sql(table: sa.Table, on_conflict: OnConflict) -> str:
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(f"?::{_ARRAYS[type(column.type)]}" for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"
        f"{conflict_clause(table, on_conflict)}"
    )
