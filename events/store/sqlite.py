"""SQLite: the embedded default. One file, WAL, durable at every commit, one writing thread."""

import functools
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.pool import ConnectionPoolEntry

from events.errors import ConcurrentAppend, StoreUnavailable
from events.store.database import (
    Database,
    OnConflict,
    Row,
    Transaction,
    Translating,
    conflict_clause,
)
from events.store.group_commit import GroupCommit

T = TypeVar("T")

BUSY_MILLISECONDS = 5_000
VARIABLES_MAX = 30_000  # SQLite takes 32,766 parameters in one statement
_TAKEN = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
_LOST = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNUSABLE = (
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
)


class SqliteTransaction(Transaction):
    """A piece of work on SQLite."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self.driver = driver

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        return self.driver.execute(sql, tuple(parameters)).fetchall()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        return self.driver.execute(sql, tuple(parameters)).rowcount

    def insert(
        self, table: sa.Table, rows: Sequence[Row], *, on_conflict: OnConflict = "refuse"
    ) -> None:
        self.driver.executemany(_insert_sql(table, on_conflict), rows)

    def rows_in(self, sql: str, values: Sequence[object]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(values), VARIABLES_MAX):
            page = values[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(page))
            found += self.rows(sql.replace("IN ?", f"IN ({marks})"), page)
        return found

    def delete_in(self, table: str, column: str, values: Sequence[int]) -> int:
        sql = f"DELETE FROM {table} WHERE {column} = ?"
        return self.driver.executemany(sql, [(value,) for value in values]).rowcount

    def try_lead(self, lock: int) -> bool:  # noqa: ARG002 - there is one writer anyway
        return True


def translate(error: BaseException) -> None:
    """Raise in our words what SQLite says in its own; return where there is nothing to say."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    if name in _TAKEN or name.startswith(_LOST):
        raise ConcurrentAppend(str(cause)) from error
    if name.startswith(_UNUSABLE):
        raise StoreUnavailable(f"the database cannot be used: {cause}") from error


translated = Translating(translate)


class SqliteDatabase(Database):
    """One SQLite file. Writing goes through one thread; reading through a pool of connections."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}", pool_size=8, max_overflow=56)
        sa.event.listen(self.engine, "connect", _configure)
        self._writing: Connection | None = None
        self._writer = GroupCommit(self._open_writer)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        def piece(_driver: sqlite3.Connection) -> T:
            assert self._writing is not None
            return work(SqliteTransaction(self._writing))

        with translated:
            return self._writer.do(piece)

    def run_alone(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Return how many rows one statement touched, once that is durable.

        A statement that fails undoes itself, so it needs no savepoint, and shares its commit.
        """
        with translated:
            return self._writer.do(
                lambda driver: driver.execute(sql, parameters).rowcount, undoes_itself=True
            )

    def read(self, work: Callable[[Transaction], T]) -> T:
        with translated, self.engine.connect() as connection:
            transaction = SqliteTransaction(connection)
            transaction.run("BEGIN")  # one snapshot; the pool rolls back what it gets again
            return work(transaction)

    def close(self) -> None:
        self._writer.close()
        self._let_go()
        self.engine.dispose()

    def _open_writer(self) -> sqlite3.Connection:
        """Return the writing thread's connection; it begins and commits by itself."""
        self._let_go()
        self._writing = self.engine.connect()
        self._writing.begin()  # in SQLAlchemy's eyes only, so that nothing commits but the writer
        return SqliteTransaction(self._writing).driver

    def _let_go(self) -> None:
        """Give up the writing thread's connection, which it may have closed itself."""
        if self._writing is not None:
            self._writing.invalidate()
            self._writing.close()


def _configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    """Set what durability and the triggers need."""
    connection.isolation_level = None  # we begin and commit, the driver does not
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL loses commits when the power fails
        "foreign_keys = ON",
        "recursive_triggers = ON",  # else INSERT OR REPLACE deletes without a trigger
        "secure_delete = ON",
        "cache_size = -65536",
        "temp_store = MEMORY",  # where statements keep what they would undo
    ):
        connection.execute(f"PRAGMA {pragma}")


@functools.lru_cache(maxsize=256)
def _insert_sql(table: sa.Table, on_conflict: OnConflict) -> str:
    columns = [column.name for column in table.columns]
    marks = ", ".join("?" * len(columns))
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
        f"{conflict_clause(table, on_conflict)}"
    )
