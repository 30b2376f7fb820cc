"""What a projection is, and the rows that it works on."""

import functools
from collections.abc import Callable, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from events.definitions.entry import Sequenced
from events.store.database import Row, Transaction

TABLES_MAX = 64  # that are kept, of all builds that this process has met


class Rows:
    """The rows that a batch of events may touch: read in one statement, written in one.

    Per event that would cost ten times as much. A row is a tuple in the order of the table's
    columns; its first one is the key.
    """

    def __init__(self, transaction: Transaction, table: sa.Table, keys: Iterable[str]) -> None:
        self._transaction = transaction
        self._table = table
        self._rows = self._read(sorted(set(keys)))
        self._changed: dict[str, Row] = {}

    def get(self, key: str) -> Row | None:
        return self._rows.get(key)

    def put(self, key: str, row: Row) -> None:
        self._rows[key] = self._changed[key] = row

    def write(self) -> None:
        """Write what was put, in the order of the keys, so that two writers never deadlock."""
        changed = [self._changed[key] for key in sorted(self._changed)]
        if changed:
            self._transaction.insert(self._table, changed, on_conflict="replace")

    def _read(self, keys: list[str]) -> dict[str, Row]:
        if not keys:
            return {}
        (key,) = self._table.primary_key
        columns = ", ".join(f'"{column.name}"' for column in self._table.columns)
        sql = f"SELECT {columns} FROM {self._table.name} WHERE {key.name} IN ?"
        return {row[0]: row for row in self._transaction.rows_in(sql, keys)}


class Projection(NamedTuple):
    """A fold of the log into one table."""

    name: str
    edition: int  # raised whenever the same facts would give other rows
    table: Callable[[str], sa.Table]
    keys: Callable[[Sequenced], Iterable[str]]  # the rows that an event may touch
    apply: Callable[[Rows, Sequenced], None]  # twice is the same as once

    @functools.lru_cache(maxsize=TABLES_MAX)  # noqa: B019 - projections live as long as the program
    def table_of(self, build: int) -> sa.Table:
        """Return the table of one build, by the name that says edition and build.

        Kept, for to describe a table takes a millisecond, and its statements are made once for it.
        """
        return self.table(f"{self.name}_{self.edition}_{build}")
