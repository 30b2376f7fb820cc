"""What work costs in counts, which are the same on a fast machine and on a slow one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa


class Cost(msgspec.Struct):
    """What was asked of databases on SQLite."""

    statements: int = 0  # also those that begin and end a transaction
    written: int = 0  # of these, transactions that wrote
    rows: int = 0  # that came back; whatever is decoded is one of them
    steps: int = 0  # of SQLite's machine: they grow with the rows that it passes over


class Meter:
    """Counts what all connections do that were opened since."""

    def __init__(self) -> None:
        self._connections: list[sqlite3.Connection] = []
        self._cost = Cost()

    def watch(self, connection: sqlite3.Connection, _record: object) -> None:
        self._connections.append(connection)

    @contextmanager
    def counting(self) -> Iterator[Cost]:
        """Give what is counted until the end."""
        self._cost = Cost()
        for each in self._connections:
            each.set_trace_callback(self._count_statement)
            each.set_progress_handler(self._count_step, 1)
            each.row_factory = self._count_row
        try:
            yield self._cost
        finally:
            for each in self._connections:
                each.set_trace_callback(None)
                each.set_progress_handler(None, 0)
                each.row_factory = None

    def _count_statement(self, sql: str) -> None:
        self._cost.statements += 1
        self._cost.written += sql.startswith("BEGIN IMMEDIATE")

    def _count_step(self) -> int:
        self._cost.steps += 1
        return 0

    def _count_row(self, _cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
        self._cost.rows += 1
        return row


@contextmanager
def metered() -> Iterator[Meter]:
    """Give a meter of all connections that are opened in the block."""
    meter = Meter()
    sa.event.listen(sa.pool.Pool, "connect", meter.watch)
    try:
        yield meter
    finally:
        sa.event.remove(sa.pool.Pool, "connect", meter.watch)
