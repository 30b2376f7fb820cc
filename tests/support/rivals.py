"""A rival that acts exactly between two steps, where threads would meet once in a thousand runs."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from events.store.database import Database, Row, Transaction
from tests.support.databases import Wrapped

T = TypeVar("T")


class Interrupted(Wrapped):
    """Passes everything on, but before one of its caller's steps a rival has its turn."""

    def __init__(
        self, database: Database, *, before_step: int, rival: Callable[[], object]
    ) -> None:
        super().__init__(database)
        self._left = before_step  # counted from 1; every transaction and every query is a step
        self._rival = rival
        self.met = False  # whether the caller came so far

    def transact(self, work: Callable[[Transaction], T]) -> T:
        self._step()
        return self._database.transact(work)

    def read(self, work: Callable[[Transaction], T]) -> T:
        self._step()
        return self._database.read(work)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        self._step()
        return self._database.rows(sql, parameters)

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.met = True
            self._rival()
