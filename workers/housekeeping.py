"""Let go of what nobody needs any more: old drafts and attempts, words no edition keeps."""

from datetime import datetime, timedelta

import structlog

from events.store import retold
from services.access import attempts
from services.commands import erasures
from services.context import Context
from services.safekeeping import drafts

EVERY = timedelta(hours=1)
ERASED_MAX = 100  # years of somebody, before other steps have their turn
PRINCIPAL = "worker:housekeeping"

log = structlog.get_logger()


class Housekeeping:
    """Tidies once an hour; any number of processes may, for what is gone is gone."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._last: datetime | None = None

    def tidy(self) -> int:
        """Delete what is too old, and return how much that was; 0 when it is not time yet."""
        now = self._context.clock.now()
        if self._last is not None and abs(now - self._last) < EVERY:
            return 0
        self._last = now
        cleared = drafts.clear(self._context)
        if cleared:
            log.info("drafts_cleared", count=cleared)
        swept = attempts.sweep(self._context.store.database, clock=self._context.clock)
        return cleared + swept + self._forget_retold(now) + self._erase()

    def _forget_retold(self, now: datetime) -> int:
        """Forget what was told again long ago, and go on at once while there may be more."""
        forgotten = retold.forget(self._context.store.database, now=now)
        if forgotten == retold.FORGOTTEN_MAX:
            self._last = None
        return forgotten

    def _erase(self) -> int:
        """Erase what editions keep no longer, and go on at once while there may be more."""
        erased = erasures.erase_expired(self._context, principal=PRINCIPAL, limit=ERASED_MAX)
        if erased:
            log.info("years_erased", count=erased)
        if erased == ERASED_MAX:
            self._last = None
        return erased
