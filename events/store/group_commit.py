"""One writer for SQLite that commits for many: whoever waits together is made durable together.

SQLite has one writer at a time and pays for a flush at every commit. So all writing goes through
one thread, which puts what has arrived meanwhile into one transaction, each piece of work in a
savepoint of its own; a piece that fails leaves the others untouched. A crash before the commit
loses all of them, and nobody was told otherwise.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from events.errors import StoreUnavailable

T = TypeVar("T")
Action = Callable[[sqlite3.Connection], T]

HOLD_SECONDS = 0.05  # how long one transaction may go on taking work while others wait
GROUP_MAX = 500


class Work(Generic[T]):
    """A piece of work that somebody waits for."""

    __slots__ = ("_done", "action", "error", "result", "undoes_itself")

    def __init__(self, action: Action[T], *, undoes_itself: bool) -> None:
        self.action = action
        self.undoes_itself = undoes_itself
        self.result: T | None = None
        self.error: BaseException | None = None
        self._done = threading.Lock()  # the cheapest thing a thread can wait for
        self._done.acquire()

    def finish(self, error: BaseException | None = None) -> None:
        self.error = error or self.error
        self._done.release()

    def wait(self) -> T:
        with self._done:
            if self.error is not None:
                raise self.error
            return self.result  # type: ignore[return-value] # set, for there was no error


class GroupCommit:
    """The thread that writes to one SQLite connection, which is its own."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._queue: queue.SimpleQueue[Work[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._asking = threading.Lock()  # whoever asks, asks before the end or is told of it
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def do(self, action: Action[T], *, undoes_itself: bool = False) -> T:
        """Return what `action` returned, once it is durable; raise what it raised.

        An action of one statement undoes itself when it fails, and needs no savepoint.
        """
        work = Work(action, undoes_itself=undoes_itself)
        with self._asking:
            if self._closed:
                raise StoreUnavailable("the database was closed by this program")
            self._queue.put(work)
        return work.wait()

    def close(self) -> None:
        """Finish what has been asked for, then stop."""
        with self._asking:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            group = [work]
            error = self._commit(group)
            for each in group:
                each.finish(error)

    def _commit(self, group: list[Work[Any]]) -> BaseException | None:
        """Do the group in one transaction; return what befell all of it, if anything did."""
        try:
            connection = self._connection = self._connection or self._connect()
            connection.execute("BEGIN IMMEDIATE")
            self._take(connection, group)
            connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - whoever waits must be told, whatever it is
            self._abandon()
            return error
        return None

    def _take(self, connection: sqlite3.Connection, group: list[Work[Any]]) -> None:
        """Do the work in hand, then what waits, as long as the transaction may be held."""
        until = time.monotonic() + HOLD_SECONDS
        _piece(connection, group[0])
        while len(group) < GROUP_MAX and time.monotonic() < until:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                return
            if work is None:
                self._queue.put(None)  # stop after this group
                return
            group.append(work)
            _piece(connection, work)

    def _abandon(self) -> None:
        """Roll back, or, where even that fails, let the connection go: nothing was committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # closing rolls back


def _piece(connection: sqlite3.Connection, work: Work[Any]) -> None:
    """Do one piece of work; its failure is its own."""
    if not work.undoes_itself:
        connection.execute("SAVEPOINT piece")
    try:
        work.result = work.action(connection)
    except BaseException as error:
        if not connection.in_transaction:  # a full disk rolls back everything by itself
            raise
        work.error = error
        if not work.undoes_itself:
            connection.execute("ROLLBACK TO piece")
    if not work.undoes_itself:
        connection.execute("RELEASE piece")
