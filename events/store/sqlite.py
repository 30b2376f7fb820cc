"""SQLite: the embedded default. One file, WAL, durable at every commit, one writing thread."""

import contextlib
import functools
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry

from events.errors import ConcurrentAppend, StoreUnavailable
from events.store import tables
from events.store.batch import Batch
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
MODE = 0o600  # of the file, its write-ahead log and its shared memory
VARIABLES_MAX = 30_000  # SQLite takes 32,766 parameters in one statement
_TAKEN = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
_LOST = ("SQLITE_BUSY", "SQLITE_LOCKED")
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")  # the latter of whoever only opens it
_UNUSABLE = (
    *_NO_ROOM,
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
)

# There is one writer, so arrivals are taken in order, and a trigger adds `pending` rows: every
# statement gives up the interpreter's lock, and eight waiting threads make that dear.
_ROW = "stream, version, source, id, type, entry, leaf_hash, request_digest"
_MANY = f"INSERT INTO events ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ONE = f"""
INSERT INTO events ({_ROW}) SELECT ?, ?, ?, ?, ?, ?, ?, ?
WHERE ? = 0 OR EXISTS (SELECT 1 FROM events WHERE stream = ? AND version = ?)"""


@compiles(tables.Place, "sqlite")
def _place(_type: tables.Place, _compiler: object, **_: Any) -> str:
    """Only an INTEGER primary key is the row's own number; any other costs a second index."""
    return "INTEGER"


class SqliteTransaction(Transaction):
    """A piece of work on SQLite: the only one that writes, so there is no lock to take."""

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

    def delete_in(self, table: str, column: str, values: Sequence[int] | Sequence[str]) -> int:
        sql = f"DELETE FROM {table} WHERE {column} = ?"
        return self.driver.executemany(sql, [(value,) for value in values]).rowcount

    def rows_for_update(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        return self.rows(sql, parameters)

    def see_one_snapshot(self) -> None:
        """Do nothing: it always does."""

    def try_lead(self, lock: int) -> bool:  # noqa: ARG002 - there is one writer
        return True

    def lead(self, lock: int) -> None:
        """Do nothing: there is one writer."""

    def lock_table(self, table: sa.Table, *, alone: bool) -> None:
        """Do nothing: there is one writer."""

    def append(self, batch: Batch) -> None:
        self.require_versions(batch.written + batch.guards)
        self.insert_companions(batch)
        self.driver.executemany(_MANY, batch.rows)

    def refuse_changes(self, table: str) -> None:
        for change in ("UPDATE", "DELETE"):
            self.run(f"""
            CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}
            BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END""")

    def prepare_appends(self) -> None:
        """Let no event be without its pending row."""
        self.run("""
        CREATE TRIGGER events_are_pending AFTER INSERT ON events
        BEGIN INSERT INTO pending (arrival) VALUES (NEW.arrival); END""")


def translate(error: BaseException) -> None:
    """Raise in our words what SQLite says in its own; return where there is nothing to say."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    if name in _TAKEN or name.startswith(_LOST):
        raise ConcurrentAppend(str(cause)) from error
    if name.startswith(_UNUSABLE):
        why = "database or disk is full" if name in _NO_ROOM else cause
        raise StoreUnavailable(f"the database cannot be used: {why}") from error


translated = Translating(translate)


class SqliteDatabase(Database):
    """One SQLite file. Writing goes through one thread; reading through a pool of connections.

    `?synchronous=off` behind its path waits for no disk: for what is told anew when it is lost.
    """

    address = "sqlite:///"
    embedded = True

    def __init__(self, path: Path, *, synchronous: bool = True) -> None:
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}", pool_size=8, max_overflow=56)
        sa.event.listen(self.engine, "connect", _configure)
        if not synchronous:
            sa.event.listen(self.engine, "connect", _wait_for_no_disk)
        self._writing: Connection | None = None
        self._writer = GroupCommit(self._open_writer)

    @classmethod
    def at(cls, url: sa.URL) -> Self:
        path = Path(url.database or "")
        _make_private(path)
        return cls(path, synchronous=url.query.get("synchronous") != "off")

    def transact(self, work: Callable[[Transaction], T]) -> T:
        def piece(_driver: sqlite3.Connection) -> T:
            assert self._writing is not None
            return work(SqliteTransaction(self._writing))

        with translated:
            return self._writer.do(piece)

    def append(self, batch: Batch) -> None:
        """Append one event in a statement, else in a piece of work.

        A statement that fails undoes itself, so it needs no savepoint, and shares its commit.
        """
        if not batch.is_plain or len(batch.rows) > 1:
            super().append(batch)
            return
        ((stream, expected),) = batch.written
        parameters = (*batch.rows[0], expected, stream, expected)
        with translated:
            written = self._writer.do(
                lambda driver: driver.execute(_ONE, parameters).rowcount, undoes_itself=True
            )
        if not written:
            raise ConcurrentAppend(stream, expected_version=expected)

    def read(self, work: Callable[[Transaction], T]) -> T:
        with translated, self.engine.connect() as connection:
            transaction = SqliteTransaction(connection)
            transaction.run("BEGIN")  # one snapshot; the pool rolls back what it gets again
            return work(transaction)

    def scrub(self) -> None:
        """Empty the write-ahead log; unless somebody reads on and on, it holds nothing then."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

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
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.invalidate()
            writing.close()


def _make_private(path: Path) -> None:
    """Make the file, before SQLite makes one that others can read.

    A file that is there is not opened: closing it would take away the locks that this process
    perhaps holds on it. What SQLite lays beside it has its mode.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, MODE))
    except FileExistsError:
        _take_from_others(path)
    except OSError as error:
        raise StoreUnavailable(f"the database cannot be used: {error}") from error


def _take_from_others(path: Path) -> None:
    """Let nobody else read a database that is there, with what lies beside it."""
    for each in (path, *(path.with_name(f"{path.name}{beside}") for beside in ("-wal", "-shm"))):
        with contextlib.suppress(FileNotFoundError, PermissionError):  # somebody else's file
            each.chmod(MODE)


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


def _wait_for_no_disk(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@functools.lru_cache(maxsize=256)
def _insert_sql(table: sa.Table, on_conflict: OnConflict) -> str:
    columns = [column.name for column in table.columns]
    marks = ", ".join("?" * len(columns))
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
        f"{conflict_clause(table, on_conflict)}"
    )
