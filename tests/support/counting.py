"""A database that counts what it is asked and what it hands out: what is counted cannot rot."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from events.store.database import Database, Row, Transaction
from tests.support.databases import Wrapped

T = TypeVar("T")

ENTRIES = "events.entry"  # stands in every statement that reads facts


class Counted(Wrapped):
    """Passes everything on, and counts statements and rows."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.statements = Counter[str]()  # by their text
        self.handed_out = Counter[str]()  # rows, likewise

    @property
    def rows_read(self) -> int:
        return self.handed_out.total()

    @property
    def facts_read(self) -> int:
        """How many facts were read from the log, wanted or not."""
        return sum(count for sql, count in self.handed_out.items() if ENTRIES in sql)

    def forget(self) -> None:
        """Begin anew to count."""
        self.statements.clear()
        self.handed_out.clear()

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._database.transact(lambda transaction: work(self._counting(transaction)))

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._database.read(lambda transaction: work(self._counting(transaction)))

    def _counting(self, transaction: Transaction) -> Transaction:
        transaction.rows = self._counted(transaction.rows)  # type: ignore[method-assign]
        return transaction  # whatever else hands out rows asks by that

    def _counted(self, method: Callable[..., list[Row]]) -> Callable[..., list[Row]]:
        def ask(sql: str, values: Sequence[object] = ()) -> list[Row]:
            rows = method(sql, values)
            self.statements[sql] += 1
            self.handed_out[sql] += len(rows)
            return rows

        return ask
