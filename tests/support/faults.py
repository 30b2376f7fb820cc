"""A database that fails at a chosen step: before its commit, or after it, when it persisted."""

from collections.abc import Callable
from typing import TypeVar

from events.errors import StoreUnavailable
from events.store.database import Database, Transaction
from tests.support.databases import Wrapped

T = TypeVar("T")


class Crash(StoreUnavailable):
    """Here the process was killed or the connection was lost."""


class Faulty(Wrapped):
    """Passes everything on, but for the one step at which it fails."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._fail_at: int | None = None  # the statement of the next transaction, from 1
        self._persisted = False

    def fail_at(self, statement: int) -> None:
        """Let the next transaction fail at a statement; nothing of it is kept."""
        self._fail_at = statement

    def fail_after_commit(self) -> None:
        """Let the next transaction commit, and its caller never hear of it."""
        self._persisted = True

    def transact(self, work: Callable[[Transaction], T]) -> T:
        fail_at, self._fail_at = self._fail_at, None
        persisted, self._persisted = self._persisted, False
        result = self._database.transact(lambda t: work(_counting(t, fail_at) if fail_at else t))
        if persisted:
            raise Crash("after the commit")
        return result


def _counting(transaction: Transaction, fail_at: int) -> Transaction:
    """Return the transaction, which now counts its statements and fails at one of them."""
    left = fail_at

    def counted(method: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **kwargs: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash(f"at statement {fail_at}")
            return method(*args, **kwargs)

        return run

    for name in ("rows", "run", "insert", "rows_in", "delete_in", "try_lead"):
        setattr(transaction, name, counted(getattr(transaction, name)))
    return transaction
