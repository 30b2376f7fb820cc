"""How often somebody tried to sign in: who guesses has to wait, longer each time."""

import hashlib
import hmac
from datetime import timedelta

from events.clock import Clock
from events.errors import TusoiError
from events.store.database import Database, Transaction, microseconds, moment

ATTEMPTS_FREE = 5  # before anybody has to wait
WAIT_SECONDS_MAX = 15 * 60
FORGOTTEN_AFTER = timedelta(days=1)

# It makes the row or changes nothing in it; either way nobody else can until the commit.
_HOLD = """INSERT INTO attempts (name, count, lastat) VALUES (?, 0, ?)
ON CONFLICT (name) DO UPDATE SET count = attempts.count"""


class TooManyAttempts(TusoiError):
    """Others failed with this login before, or the same person did."""

    code = "too_many_attempts"
    retryable = True

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts with this login: wait {seconds} seconds, then try")
        self.seconds = seconds


def name_of(login: str, *, index_key: bytes) -> str:
    """Return under which name attempts with a login are counted.

    What people type into a login field may be anything, even a password, so it is kept under a key.
    """
    return hmac.new(index_key, login.encode(errors="replace"), hashlib.sha256).hexdigest()


def count(database: Database, name: str, *, clock: Clock) -> None:
    """Count an attempt, before it is known how it ends: so guesses side by side are counted too.

    Raises:
        TooManyAttempts: it comes too early; then it is not counted.
    """
    now = clock.now()

    def count_one(transaction: Transaction) -> None:
        forgotten = microseconds(now - FORGOTTEN_AFTER)
        transaction.run("DELETE FROM attempts WHERE lastat < ?", (forgotten,))
        transaction.run(_HOLD, (name, microseconds(now)))
        rows = transaction.rows("SELECT count, lastat FROM attempts WHERE name = ?", (name,))
        failed, last = rows[0]
        early = moment(last) + _wait(failed) - now
        if failed >= ATTEMPTS_FREE and early > timedelta():
            raise TooManyAttempts(-(-early // timedelta(seconds=1)))
        sql = "UPDATE attempts SET count = count + 1, lastat = ? WHERE name = ?"
        transaction.run(sql, (microseconds(now), name))

    database.transact(count_one)


def clear(database: Database, name: str) -> None:
    """Forget the attempts under a name: one of them was right."""
    sql = "DELETE FROM attempts WHERE name = ?"
    database.transact(lambda transaction: transaction.run(sql, (name,)))


def _wait(failed: int) -> timedelta:
    """Return how long to wait after so many failures: 1 s after the free ones, then twice that."""
    doublings = min(max(failed - ATTEMPTS_FREE, 0), WAIT_SECONDS_MAX.bit_length())
    return timedelta(seconds=min(2**doublings, WAIT_SECONDS_MAX))
