"""What the store needs of a database, whichever it is: statements, transactions, bulk inserts.

The hot statements run on the driver's own connection, taken from SQLAlchemy's pool: measured at
100 % of the bare driver, against 28 to 59 % through SQLAlchemy's layers. SQL is written once, with
`?` for parameters, in what both databases understand.
"""

import abc
import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

T = TypeVar("T")
Row = tuple[Any, ...]
OnConflict = Literal["refuse", "keep", "replace"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
    def delete_in(self, table: str, column: str, values: Sequence[int]) -> int:
        """Delete the rows whose `column` has one of the integer values; return how many."""

    @abc.abstractmethod
    def try_lead(self, lock: int) -> bool:
        """Return whether this transaction now leads `lock`; another's lead is not waited for."""


class Database(abc.ABC):
    """A pool of connections to one database."""

    engine: sa.Engine

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
