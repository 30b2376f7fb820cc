"""Sessions of people who signed in: a secret in their browser, and its hash here."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from events.clock import Clock
from events.identifiers import Chance
from events.store.database import Database, Transaction, microseconds, moment
from services.access.accounts import COLUMNS, TABLES, Account, account_in

SECRET_BYTES = 32  # drawn at random, so one hash is enough: there is nothing to guess
IDLE = timedelta(hours=8)  # without a request
LONGEST = timedelta(hours=24)
SESSIONS_MAX = 100  # of one account; beyond it, those last used longest ago end
SEEN_EVERY = timedelta(minutes=1)  # so that not every request writes

table = sa.Table(
    "sessions",
    sa.MetaData(),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("account_id", sa.Text),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("seenat", sa.BigInteger),
    sa.Column("expiresat", sa.BigInteger),
    sa.Column("browser", sa.Text),
)

_FIND = f"""SELECT {COLUMNS}, sessions.seenat
FROM {TABLES} JOIN sessions ON accounts.id = sessions.account_id
WHERE sessions.digest = ? AND sessions.expiresat > ? AND sessions.seenat > ?
AND accounts.disabledat IS NULL AND stops.stoppedat IS NULL"""
_LIST = """SELECT digest, createdat, seenat, browser FROM sessions
WHERE account_id = ? AND expiresat > ? AND seenat > ?
ORDER BY seenat DESC, createdat DESC LIMIT ?"""


_BOUND = """DELETE FROM sessions WHERE account_id = ? AND digest NOT IN (
SELECT digest FROM sessions WHERE account_id = ? ORDER BY seenat DESC, createdat DESC LIMIT ?)"""


class Session(NamedTuple):
    """A session as its owner sees it."""

    began_at: datetime
    seen_at: datetime
    browser: str  # a few words; empty: not known
    is_this: bool  # the one that asks


def begin(
    database: Database, account_id: str, *, clock: Clock, chance: Chance, browser: str = ""
) -> str:
    """Begin a session and return its secret, which is kept nowhere else but with who signed in."""
    secret = base64.urlsafe_b64encode(chance.bytes(SECRET_BYTES)).rstrip(b"=").decode()
    now = clock.now()
    began, expires = microseconds(now), microseconds(now + LONGEST)

    def insert(transaction: Transaction) -> None:
        _clear_expired(transaction, clock)
        transaction.run(_BOUND, (account_id, account_id, SESSIONS_MAX - 1))
        transaction.insert(table, [(digest_of(secret), account_id, began, began, expires, browser)])

    database.transact(insert)
    return secret


def find(database: Database, secret: str, *, clock: Clock) -> Account | None:
    """Return whose session a secret opens; None: nobody's, or it is over.

    The secret is found by its hash, so the time that this takes tells nothing of any secret.
    """
    now = clock.now()
    parameters = (digest_of(secret), microseconds(now), microseconds(now - IDLE))
    rows = database.rows(_FIND, parameters)
    if not rows:
        return None
    *row, seen = rows[0]
    if seen <= microseconds(now - SEEN_EVERY):
        sql = "UPDATE sessions SET seenat = ? WHERE digest = ?"
        seen_now = (microseconds(now), digest_of(secret))
        database.transact(lambda transaction: transaction.run(sql, seen_now))
    return account_in(tuple(row))


def every(database: Database, account_id: str, secret: str, *, clock: Clock) -> list[Session]:
    """Return the sessions of an account that go on, the last used first; `secret` is that now."""
    now = clock.now()
    since = microseconds(now), microseconds(now - IDLE)
    rows = database.rows(_LIST, (account_id, *since, SESSIONS_MAX))
    return [
        Session(moment(began), moment(seen), browser, bytes(digest) == digest_of(secret))
        for digest, began, seen, browser in rows
    ]


def end(database: Database, secret: str) -> None:
    """End a session. One that is over already, or never was, is fine."""
    sql = "DELETE FROM sessions WHERE digest = ?"
    database.transact(lambda transaction: transaction.run(sql, (digest_of(secret),)))


def _clear_expired(transaction: Transaction, clock: Clock) -> None:
    now = clock.now()
    sql = "DELETE FROM sessions WHERE expiresat <= ? OR seenat <= ?"
    transaction.run(sql, (microseconds(now), microseconds(now - IDLE)))


def digest_of(secret: str) -> bytes:
    """Return under which digest a session is kept."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
