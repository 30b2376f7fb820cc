"""Exports of what is held about somebody: few at once, for each takes memory and a thread.

An export lasts for as long as somebody takes it. So it goes on only for who may still have it.
"""

import threading
import time
from collections.abc import Iterator

from events.errors import TusoiError
from services.access import sessions
from services.access.tokens import NotAuthenticated
from services.bootstrap import System

AT_ONCE_MAX = 2  # in one process; it has more threads than that
LOOK_SECONDS = 1.0  # for which a session that ended may still take something


class ExportUnderWay(TusoiError):
    """The same account takes an export already."""

    code = "export_under_way"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "your data is being sent already: wait until that is over, or break it off"
        )


class ExportsBusy(TusoiError):
    """As many exports are being sent as may be at once."""

    code = "exports_busy"
    retryable = True

    def __init__(self) -> None:
        super().__init__(f"{AT_ONCE_MAX} exports are being sent already: try again in a moment")


class Exports:
    """Which accounts take an export from this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taking = set[str]()

    def begin(self, account_id: str) -> "Seat":
        """Return the seat of one more, which `leave` gives back.

        Raises:
            ExportUnderWay, ExportsBusy: there is none.
        """
        with self._lock:
            if account_id in self._taking:
                raise ExportUnderWay
            if len(self._taking) >= AT_ONCE_MAX:
                raise ExportsBusy
            self._taking.add(account_id)
        return Seat(self, account_id)

    def end(self, account_id: str) -> None:
        with self._lock:
            self._taking.discard(account_id)


class Seat:
    """Of one export; given back once, however often it is left."""

    def __init__(self, exports: Exports, account_id: str) -> None:
        self._exports: Exports | None = exports
        self._account_id = account_id

    def leave(self) -> None:
        exports, self._exports = self._exports, None
        if exports:
            exports.end(self._account_id)


def send(seat: Seat, pieces: Iterator[bytes], system: System, secret: str) -> Iterator[bytes]:
    """Iterate over an export for as long as the session with a secret goes on.

    Raises:
        NotAuthenticated: it ended, or its account was disabled; what came is no whole export.
    """
    looked_at = time.monotonic()
    try:
        for piece in pieces:
            if time.monotonic() - looked_at >= LOOK_SECONDS:
                if sessions.find(system, secret) is None:
                    raise NotAuthenticated("the session of this export is over")
                looked_at = time.monotonic()
            yield piece
    finally:
        seat.leave()
