"""PostgreSQL: what scales. Statements run prepared, rows go over as typed binary arrays."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.engine import Connection

from events.errors import ConcurrentAppend, StoreUnavailable
from events.store.database import (
    Database,
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

_LOST_RACES = (
    errors.UniqueViolation,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
)
_OPTIONS = (
    f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c statement_timeout={TRANSACTION_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={TRANSACTION_SECONDS}s -c timezone=UTC"
)
_ARRAYS: dict[type[sa.types.TypeEngine[Any]], str] = {
    sa.Text: "text[]",
    sa.LargeBinary: "bytea[]",
    sa.BigInteger: "int8[]",
    sa.Integer: "int4[]",
    sa.Boolean: "bool[]",
}


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
            self._execute(_insert_sql(table, on_conflict), columns_of(rows))

    def rows_in(self, sql: str, values: Sequence[object]) -> list[Row]:
        return self.rows(sql.replace("IN ?", "= ANY(?)"), (list(values),))

    def delete_in(self, table: str, column: str, values: Sequence[int]) -> int:
        sql = f"DELETE FROM {table} WHERE {column} = ANY(?::int8[])"
        return self.run(sql, (list(values),))

    def try_lead(self, lock: int) -> bool:
        return bool(self.rows("SELECT pg_try_advisory_xact_lock(?)", (lock,))[0][0])

    def _execute(self, sql: str, parameters: Sequence[object]) -> psycopg.Cursor[Row]:
        cursor = self.driver.cursor(binary=True)
        return cursor.execute(adapted(sql), parameters or None, prepare=True)


def translate(error: BaseException) -> None:
    """Raise in our words what PostgreSQL says in its own; return where there is nothing to say."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, _LOST_RACES):
        raise ConcurrentAppend(cause.diag.constraint_name or type(cause).__name__) from error
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | sa.exc.TimeoutError):
        raise StoreUnavailable(f"the database cannot be used: {cause}") from error


translated = Translating(translate)


class PostgresDatabase(Database):
    """One PostgreSQL database, by its SQLAlchemy address `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(
            url,
            pool_size=8,
            max_overflow=POOL_MAX - 8,
            pool_timeout=CONNECT_SECONDS,
            pool_pre_ping=False,  # costs a round trip; a dead connection is found when it is used
            connect_args={"options": _OPTIONS, "connect_timeout": CONNECT_SECONDS},
        )

    def transact(self, work: Callable[[Transaction], T]) -> T:
        with translated, self.engine.begin() as connection:
            return work(PostgresTransaction(connection))

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self.transact(work)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self.alone() as driver:
            cursor = driver.cursor(binary=True)
            return cursor.execute(adapted(sql), parameters or None, prepare=True).fetchall()

    @contextmanager
    def alone(self) -> Iterator[psycopg.Connection[Row]]:
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

    def close(self) -> None:
        self.engine.dispose()


def columns_of(rows: Sequence[Row]) -> list[list[object]]:
    """Return rows turned into one array a column."""
    return [list(column) for column in zip(*rows, strict=True)]


@functools.lru_cache(maxsize=512)
def adapted(sql: str) -> str:
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
