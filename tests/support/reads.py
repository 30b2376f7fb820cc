"""How much a database looks at for what it answers: the same on every machine, unlike seconds."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from events.store.database import Row, Transaction
from events.store.postgresql import PostgresTransaction
from events.store.sqlite import SqliteTransaction
from tests.support.databases import Wrapped

T = TypeVar("T")

_WAYS_OF_SMALL_TABLES = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_ANALYZE = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON)"


class Watched(Wrapped):
    """Counts what is looked at: rows on PostgreSQL, on SQLite the steps of its machine.

    Both grow with the rows that a query touches, be they shown or passed over.
    """

    looked_at = 0

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._database.read(lambda transaction: self._watch(transaction, work))

    def _watch(self, transaction: Transaction, work: Callable[[Transaction], T]) -> T:
        match transaction:
            case SqliteTransaction(driver=driver):
                driver.set_progress_handler(self._count_step, 1)
                try:
                    return work(transaction)
                finally:
                    driver.set_progress_handler(None, 0)
            case PostgresTransaction():
                self._explain_each(transaction)
                return work(transaction)
            case _:
                raise TypeError(f"nobody knows how much a {type(transaction).__name__} looks at")

    def _count_step(self) -> int:
        self.looked_at += 1
        return 0

    def _explain_each(self, transaction: PostgresTransaction) -> None:
        """Let each query be carried out once more before, to count its rows.

        Tables of a test are so small that they would be read whole, but for this.
        """
        plain = transaction.rows

        def rows(sql: str, parameters: Sequence[object] = ()) -> list[Row]:
            for way in _WAYS_OF_SMALL_TABLES:
                transaction.run(f"SET LOCAL {way} = off")
            ((plans,),) = plain(f"{_ANALYZE} {sql}", parameters)
            self.looked_at += sum(_rows_of(each["Plan"]) for each in plans)
            return plain(sql, parameters)

        transaction.rows = rows  # type: ignore[method-assign]


def _rows_of(plan: dict[str, Any]) -> int:
    """Return how many rows the parts of a plan looked at that read tables."""
    below = sum(_rows_of(each) for each in plan.get("Plans", ()))
    seen = plan["Actual Rows"] + sum(
        count for name, count in plan.items() if name.startswith("Rows Removed by")
    )
    reads = "Relation Name" in plan or "Index Name" in plan
    return below + (int(seen * plan["Actual Loops"]) if reads else 0)
