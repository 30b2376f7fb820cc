"""Sessions of people who signed in: a secret in their browser, and its hash here."""

import base64
import hashlib
from datetime import timedelta

import sqlalchemy as sa

from events.clock import Clock
from events.identifiers import Chance
from events.store.database import Database, Transaction, microseconds
from services.access.accounts import COLUMNS, Account, account_in

SECRET_BYTES = 32  # drawn at random, so one hash is enough: there is nothing to guess
IDLE = timedelta(hours=8)  # without a request
LONGEST = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)  # so that not every request writes

table = sa.Table(
    "sessions",
    sa.MetaData(),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("account_id", sa.Text),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("seenat", sa.BigInteger),
    sa.Column("expiresat", sa.BigInteger),
)

_FIND = f"""SELECT {", ".join(f"accounts.{each}" for each in COLUMNS)}, sessions.seenat
FROM sessions JOIN accounts ON accounts.id = sessions.account_id
WHERE sessions.digest = ? AND sessions.expiresat > ? AND sessions.seenat > ?
AND accounts.disabledat IS NULL"""


def begin(database: Database, account_id: str, *, clock: Clock, chance: Chance) -> str:
    """Begin a session and return its secret, which is kept nowhere else but with who signed in."""
    secret = base64.urlsafe_b64encode(chance.bytes(SECRET_BYTES)).rstrip(b"=").decode()
    now = clock.now()
    began, expires = microseconds(now), microseconds(now + LONGEST)

    def insert(transaction: Transaction) -> None:
        _clear_expired(transaction, clock)
        transaction.insert(table, [(_digest(secret), account_id, began, began, expires)])

    database.transact(insert)
    return secret


def find(database: Database, secret: str, *, clock: Clock) -> Account | None:
    """Return whose session a secret opens; None: nobody's, or it is over.

    The secret is found by its hash, so the time that this takes tells nothing of any secret.
    """
    now = clock.now()
    parameters = (_digest(secret), microseconds(now), microseconds(now - IDLE))
    rows = database.rows(_FIND, parameters)
    if not rows:
        return None
    *row, seen = rows[0]
    if seen <= microseconds(now - SEEN_EVERY):
        sql = "UPDATE sessions SET seenat = ? WHERE digest = ?"
        seen_now = (microseconds(now), _digest(secret))
        database.transact(lambda transaction: transaction.run(sql, seen_now))
    return account_in(tuple(row))


def end(database: Database, secret: str) -> None:
    """End a session. One that is over already, or never was, is fine."""
    sql = "DELETE FROM sessions WHERE digest = ?"
    database.transact(lambda transaction: transaction.run(sql, (_digest(secret),)))


def _clear_expired(transaction: Transaction, clock: Clock) -> None:
    now = clock.now()
    sql = "DELETE FROM sessions WHERE expiresat <= ? OR seenat <= ?"
    transaction.run(sql, (microseconds(now), microseconds(now - IDLE)))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
