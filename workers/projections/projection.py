"""What a projection is, and the rows that it works on."""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self

import sqlalchemy as sa

from events.definitions.entry import Sequenced
from events.store.database import Row, Transaction
from services.read_models.states import Lookup

TABLES_MAX = 64  # that are kept, of all builds that this process has met


class Rows:
    """The rows that a batch of events may touch: read in one statement, written in one a table.

    Per event that would cost ten times as much. A row is a tuple in the order of the table's
    columns; its first one is the key.
    """

    def __init__(
        self, transaction: Transaction, tables: Sequence[sa.Table], keys: Iterable[str]
    ) -> None:
        self._transaction = transaction
        self._table, *self._lookups = tables
        self._rows = self._read(sorted(set(keys)))
        self._changed: dict[str, Row] = {}
        self._listed: dict[str, Sequence[Row]] = {}

    def get(self, key: str) -> Row | None:
        return self._rows.get(key)

    def put(self, key: str, row: Row) -> None:
        self._rows[key] = self._changed[key] = row

    def relist(self, key: str, rows: Sequence[Row]) -> None:
        """Let the lookup list these of a row, and nothing else."""
        self._listed[key] = rows

    def write(self) -> None:
        """Write what was put, in the order of the keys, so that two writers never deadlock."""
        changed = [self._changed[key] for key in sorted(self._changed)]
        if changed:
            self._transaction.insert(self._table, changed, on_conflict="replace")
        keys = sorted(self._listed)
        for lookup in self._lookups if keys else ():
            self._transaction.delete_in(lookup.name, lookup.columns[0].name, keys)
            self._transaction.insert(lookup, [row for key in keys for row in self._listed[key]])

    def _read(self, keys: list[str]) -> dict[str, Row]:
        if not keys:
            return {}
        (key,) = self._table.primary_key
        columns = ", ".join(f'"{column.name}"' for column in self._table.columns)
        sql = f"SELECT {columns} FROM {self._table.name} WHERE {key.name} IN ?"
        return {row[0]: row for row in self._transaction.rows_in(sql, keys)}


class Projection(NamedTuple):
    """A fold of the log into one table, and perhaps a lookup beside it."""

    name: str
    edition: int  # raised whenever the same facts would give other rows
    table: Callable[[str], sa.Table]
    keys: Callable[[Sequenced], Iterable[str]]  # the rows that an event may touch
    apply: Callable[[Rows, Sequenced], None]  # twice is the same as once
    lookup: Lookup | None = None

    @property
    def views(self) -> tuple[str, ...]:
        """Return the names by which queries read it: its own first, then that of its lookup."""
        return (self.name, self.lookup.name) if self.lookup else (self.name,)

    def with_name(self, name: str) -> Self:
        """Return the same under another name, with tables of its own."""
        lookup = self.lookup._replace(name=f"{name}_lookup") if self.lookup else None
        return self._replace(name=name, lookup=lookup)

    @functools.lru_cache(maxsize=TABLES_MAX)  # noqa: B019 - projections live as long as the program
    def tables_of(self, build: int) -> tuple[sa.Table, ...]:
        """Return the tables of one build, as `views`, by names that say edition and build.

        Kept, for to describe a table takes a millisecond, and its statements are made once for it.
        """
        described = (self.table, self.lookup.table) if self.lookup else (self.table,)
        names = (f"{view}_{self.edition}_{build}" for view in self.views)
        return tuple(table(name) for table, name in zip(described, names, strict=True))
