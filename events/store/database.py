"""What the store needs of a database, whichever it is.

Whatever differs between databases is a method of the two classes here, and each database is a
module that implements them (`sqlite.py`, `postgresql.py`); `address.py` tells which is meant. The
hot statements run on the driver's own connection, taken from SQLAlchemy's pool: measured at
100 % of the bare driver, against 28 to 59 % through SQLAlchemy's layers. SQL is written once, with
`?` for parameters, in what both databases understand.
"""

import abc
import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, NamedTuple, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from events.errors import ConcurrentAppend
from events.store import tables
from events.store.batch import Batch

T = TypeVar("T")
Row = tuple[Any, ...]
OnConflict = Literal["refuse", "keep", "replace"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

MOVE_HEAD = """
UPDATE head SET size = ?, root = ?, edge = ?, sequencedat = ? WHERE id = 1 AND size = ?"""
_VERSIONS = "SELECT stream, max(version) FROM events WHERE stream IN ? GROUP BY stream"


class NewHead(NamedTuple):
    """What the head of the log becomes, in the order of its columns."""

    size: int
    root: bytes
    edge: bytes
    sequencedat: int


class Transaction(abc.ABC):
    """Statements that all hold or none."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection  # for what is not hot: SQLAlchemy Core, DDL

    @abc.abstractmethod
    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a query."""

    @abc.abstractmethod
    def run(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Return how many rows a statement touched."""

    @abc.abstractmethod
    def insert(
        self, table: sa.Table, rows: Sequence[Row], *, on_conflict: OnConflict = "refuse"
    ) -> None:
        """Put rows into a table, in one statement; a row holds its columns in the table's order.

        On a conflict of primary keys: refuse (the transaction fails), keep the old row, or replace
        it.
        """

    @abc.abstractmethod
    def rows_in(self, sql: str, values: Sequence[object]) -> list[Row]:
        """Return the rows of a query with one `IN ?`, which stands for all of the values."""

    @abc.abstractmethod
    def delete_in(self, table: str, column: str, values: Sequence[int] | Sequence[str]) -> int:
        """Delete the rows whose `column` has one of the values, of one type; return how many."""

    @abc.abstractmethod
    def rows_for_update(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a query, which nobody else changes until this transaction ends."""

    @abc.abstractmethod
    def see_one_snapshot(self) -> None:
        """Let all that this transaction reads be as of one moment; called before it reads."""

    @abc.abstractmethod
    def try_lead(self, lock: int) -> bool:
        """Return whether this transaction now leads `lock`; another's lead is not waited for."""

    @abc.abstractmethod
    def lead(self, lock: int) -> None:
        """Wait until no other transaction leads `lock`, and lead it; then see what that one did."""

    @abc.abstractmethod
    def lock_table(self, table: sa.Table, *, alone: bool) -> None:
        """Wait for whoever writes the table alone, or if this one does, for whoever writes it."""

    @abc.abstractmethod
    def append(self, batch: Batch) -> None:
        """Write events, their `pending` rows and what goes with them, where versions hold.

        No guarded stream may get an event between the check and the commit: that event would have
        a lower position than the decision that relied on its absence.

        Raises:
            ConcurrentAppend: a stream is not at its version.
        """

    @abc.abstractmethod
    def refuse_changes(self, table: str) -> None:
        """Let the database itself refuse every change of a row of a table, from now on.

        Like `prepare_appends` this is for migrations: once released, what it does is not changed.
        """

    @abc.abstractmethod
    def prepare_appends(self) -> None:
        """Set up what `append` needs besides the tables."""

    def number(self, arrivals: Sequence[int], head: NewHead, *, after: int) -> int:
        """Number events after a position and move the head from there; return how many heads moved.

        That is 1, unless another one moved it.
        """
        stamp = head.sequencedat
        rows = [(position, arrival, stamp) for position, arrival in enumerate(arrivals, after + 1)]
        self.insert(tables.log, rows)
        self.delete_in("pending", "arrival", arrivals)
        return self.run(MOVE_HEAD, (*head, after))

    def require_versions(self, expected: Sequence[tuple[str, int]]) -> None:
        """Raise ConcurrentAppend unless each stream is at its version."""
        found: dict[str, int] = dict(self.rows_in(_VERSIONS, [stream for stream, _ in expected]))
        for stream, version in expected:
            if found.get(stream, 0) != version:
                raise ConcurrentAppend(stream, expected_version=version)

    def insert_companions(self, batch: Batch) -> None:
        """Write what goes with events: sealed words and files, and numbers that became known."""
        if batch.texts:
            rows = [(text.commitment, text.owner, text.scope, text.box) for text in batch.texts]
            self.insert(tables.texts, rows)
        for each in batch.freed:
            self.run("DELETE FROM numbers WHERE digest = ? AND id = ?", (each.digest, each.id))
        if batch.numbers:
            self.insert(tables.numbers, [(each.digest, each.id) for each in batch.numbers])
        if batch.files:
            self.insert(tables.files, batch.files)
            self.insert(tables.chunks, batch.chunks)
        for told in batch.recalled:
            self.run("DELETE FROM retold WHERE id = ? AND source = ?", (told.id, told.source))
        if batch.retold:
            self.insert(tables.retold, batch.retold)


class Database(abc.ABC):
    """A pool of connections to one database."""

    address: ClassVar[str]  # how its addresses begin
    embedded: ClassVar[bool]  # whether it is a file of one process's, which needs no server
    engine: sa.Engine

    @classmethod
    @abc.abstractmethod
    def at(cls, url: sa.URL) -> Self:
        """Return the database at an address; a file is nobody else's to read.

        Raises:
            StoreUnavailable: there can be none at that place.
        """

    @abc.abstractmethod
    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, after the commit; when it raises, nothing has changed.

        Raises:
            StoreUnavailable: the database does not answer or cannot write.
            ConcurrentAppend: the transaction lost a race (deadlock, lock wait too long).
        """

    @abc.abstractmethod
    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, reading only."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of one query on its own."""
        return self.read(lambda transaction: transaction.rows(sql, parameters))

    def append(self, batch: Batch) -> None:
        """Append in one transaction; raises as `transact` does, and then nothing was written."""
        self.transact(lambda transaction: transaction.append(batch))

    @abc.abstractmethod
    def scrub(self) -> None:
        """Leave nothing behind of what was deleted, as far as this database can."""

    @abc.abstractmethod
    def close(self) -> None: ...


class Translating:
    """A context that says a driver's error in our words; a generator costs five times as much."""

    __slots__ = ("_translate",)

    def __init__(self, translate: Callable[[BaseException], None]) -> None:
        self._translate = translate

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            self._translate(error)


def microseconds(moment: datetime) -> int:
    """Return a time as stored.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // _MICROSECOND


def as_bytes(value: object) -> bytes:
    """Return what a column of bytes holds; none where somebody put something else there.

    SQLite takes anything in any column, and `bytes` makes as many zeros of a number.
    """
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


@functools.lru_cache(maxsize=1024)  # a batch of events shares its stamp
def moment(stored: int) -> datetime:
    """Return a stored time as an aware one.

    >>> moment(1000000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=stored)


@functools.lru_cache(maxsize=256)
def conflict_clause(table: sa.Table, on_conflict: OnConflict) -> str:
    """Return the SQL that says what an insert does on a conflict; the same for both databases."""
    if on_conflict == "refuse":
        return ""
    keys = [column.name for column in table.primary_key]
    if on_conflict == "keep":
        return f" ON CONFLICT ({', '.join(keys)}) DO NOTHING"
    values = [column.name for column in table.columns if not column.primary_key]
    sets = ", ".join(f"{name} = excluded.{name}" for name in values)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"
