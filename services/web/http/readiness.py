"""Whether this process can do its work, and if not, why."""

import errno
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from events.errors import TusoiError
from events.proof.signer import LogInconsistent, LogRolledBack, MemoryDamaged
from events.store import schema
from events.store.head import HeadLost
from events.vault.wrapping import KeyDamaged, WrongMasterKey
from services.bootstrap import System
from services.context import IndexKeyLost
from services.read_models import backlog
from services.read_models.backlog import WorkLeft

FULL = (errno.ENOSPC, errno.EDQUOT)  # what a file says in which nothing has room
STOPPED_AFTER = timedelta(seconds=60)  # without a step, although there is something to do


class Reason(NamedTuple):
    """One thing that is not as it should be."""

    what: str
    detail: str


class Readiness:
    """Looks when it is asked, and remembers since when nothing moved."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._moved: dict[str, tuple[int, datetime]] = {}
        self._lock = threading.Lock()

    def reasons(self) -> list[Reason]:
        """Return why this process is not ready; none when it is."""
        try:
            schema.require_current(self._system.store.database)
            return [*self._rollback(), *self._lost_key(), *self._stalls()]
        except HeadLost as error:
            return [Reason(error.code, str(error))]
        except TusoiError as error:
            return [Reason(error.code, "the database does not answer, or needs `tusoi migrate`")]
        except OSError as error:  # the signer keeps what it saw in a file
            what = "disk_full" if error.errno in FULL else "disk_unusable"
            where = error.filename or "the folder of the signing key"
            told = f"{where} cannot be written ({error.strerror}): make room, or let tusoi write it"
            return [Reason(what, told)]

    def _rollback(self) -> Iterator[Reason]:
        """Tell of a log that is no extension of what was signed, or seen by this process."""
        try:
            self._system.signer.require_grown()
        except (LogRolledBack, LogInconsistent, MemoryDamaged) as error:
            yield Reason(error.code, str(error))

    def _lost_key(self) -> Iterator[Reason]:
        """Tell of a key store that was lost or exchanged under this process."""
        try:
            self._system.check_index_key()
        except (IndexKeyLost, WrongMasterKey, KeyDamaged) as error:
            yield Reason(error.code, str(error))

    def work_left(self) -> WorkLeft:
        """Return what workers have left to do."""
        return backlog.work_left(self._system.store.database, self._system.clock.now())

    def _stalls(self) -> Iterator[Reason]:
        """Iterate over what has something to do and did not move for too long."""
        left = self.work_left()
        if self._stands("log", left.size, left.size + left.pending):
            told = f"events wait to be numbered after {left.size}: is `tusoi work` running?"
            yield Reason("log", told)
        for name, behind in left.behind.items():
            reached = left.size - behind
            if self._stands(name, reached, left.size):
                told = f"stands at {reached} of {left.size}: see the log of `tusoi work`"
                yield Reason(name, told)

    def _stands(self, name: str, position: int, goal: int) -> bool:
        now = self._system.clock.now()
        with self._lock:
            before, since = self._moved.get(name, (position, now))
            if position != before or position >= goal:
                since = now
            self._moved[name] = position, since
        return now - since >= STOPPED_AFTER
