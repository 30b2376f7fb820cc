"""Sessions of people who signed in: a secret in their browser, and its hash here.

Nothing is written while somebody reads, and nothing to the minute: a row that tells who asked last
before a criticism came would name who wrote it. Each is bound to its account as that was when the
password was looked at, so whoever writes into the database, and has no key, makes none.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from events.clock import Clock
from events.store.database import Transaction, microseconds, moment
from events.vault.boxes import BoxDamaged
from services.access import account_rows, idleness
from services.access.account_rows import COLUMNS, MEMBER, OPEN, SELECTED, Account, AccountDark
from services.access.accounts import SignInRefused
from services.access.seals import is_ours, note_forgery, seal_of
from services.context import Context

SECRET_BYTES = 32  # drawn at random, so one hash is enough: there is nothing to guess
LONGEST = timedelta(hours=12)  # however it is used
TOLD_TO = timedelta(hours=1)  # how exactly a row tells when a session began
SESSIONS_MAX = 100  # of one account; beyond it, the oldest end

table = sa.Table(
    "sessions",
    sa.MetaData(),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("account_id", sa.Text),
    sa.Column("generation", sa.Integer),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("browser", sa.Text),
    sa.Column("seal", sa.LargeBinary),
)
ROW = ", ".join(f"sessions.{each.name}" for each in table.columns)

_FIND = f"""SELECT {SELECTED}, {ROW}
FROM accounts JOIN sessions ON accounts.id = sessions.account_id
AND accounts.generation = sessions.generation
WHERE sessions.digest = ? AND sessions.createdat > ? AND {OPEN}"""
_LIST = """SELECT digest, createdat, browser FROM sessions WHERE account_id = ? AND createdat > ?
ORDER BY createdat DESC, digest LIMIT ?"""
_BOUND = """DELETE FROM sessions WHERE account_id = ? AND digest NOT IN (
SELECT digest FROM sessions WHERE account_id = ? ORDER BY createdat DESC, digest LIMIT ?)"""
_STILL = f"SELECT 1 FROM accounts WHERE id = ? AND generation = ? AND {OPEN}"


class Session(NamedTuple):
    """A session as its owner sees it."""

    began_at: datetime  # to the hour
    browser: str  # a few words; empty: not known
    is_this: bool  # the one that asks


def begin(context: Context, account: Account, *, browser: str = "") -> str:
    """Begin a session and return what its browser keeps, and nobody else: secret and stamp.

    Raises:
        SignInRefused: meanwhile something ended the account's sessions, or closed it.
    """
    secret = base64.urlsafe_b64encode(context.chance.bytes(SECRET_BYTES)).rstrip(b"=").decode()
    now = context.clock.now()
    began = microseconds(now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % TOLD_TO)
    row = (digest_of(secret), account.id, account.generation, began, browser)
    index_key = context.index_key()
    sealed = (*row, seal_of(row, "session", index_key=index_key))

    def insert(transaction: Transaction) -> None:
        if not transaction.rows_for_update(_STILL, (account.id, account.generation)):
            raise SignInRefused
        transaction.run("DELETE FROM sessions WHERE createdat <= ?", (_oldest(context.clock),))
        transaction.run(_BOUND, (account.id, account.id, SESSIONS_MAX - 1))
        transaction.insert(table, [sealed])

    context.store.database.transact(insert)
    return idleness.stamp(secret, account.id, index_key=index_key, now=now)


def find(context: Context, secret: str) -> Account | None:
    """Return whose session a secret opens; None: nobody's, or it is over.

    How long it was not used is not asked here: `idleness` tells.
    The secret is found by its hash, so the time that this takes tells nothing of any secret.
    """
    parameters = (digest_of(secret), _oldest(context.clock))
    for row in context.store.database.rows(_FIND, parameters):
        of_account, of_session = row[: len(COLUMNS)], row[len(COLUMNS) :]
        keys = account_rows.keys_of(context, [of_account[MEMBER]])
        try:
            kept = account_rows.open_row(of_account, keys)
        except AccountDark:
            continue
        except BoxDamaged:
            note_forgery(context, "account")
            continue
        if is_ours(of_session, "session", index_key=context.index_key()):
            return kept.account
        note_forgery(context, "session")
    return None


def every(context: Context, account_id: str, secret: str) -> list[Session]:
    """Return the sessions of an account that go on, the newest first; `secret` is that now."""
    parameters = (account_id, _oldest(context.clock), SESSIONS_MAX)
    rows = context.store.database.rows(_LIST, parameters)
    return [
        Session(moment(began), browser, bytes(digest) == digest_of(secret))
        for digest, began, browser in rows
    ]


def end(context: Context, secret: str) -> None:
    """End a session. One that is over already, or never was, is fine."""
    sql = "DELETE FROM sessions WHERE digest = ?"
    context.store.database.transact(lambda transaction: transaction.run(sql, (digest_of(secret),)))


def carry_over(
    transaction: Transaction, digest: bytes, generation: int, *, index_key: bytes
) -> None:
    """Let one session go on where its account's others end, if it is there."""
    found = transaction.rows(f"SELECT {ROW} FROM sessions WHERE digest = ?", (digest,))
    for row in (each for each in found if is_ours(each, "session", index_key=index_key)):
        kept = (*row[:2], generation, *row[3:5])
        sealed = seal_of(kept, "session", index_key=index_key)
        sql = "UPDATE sessions SET generation = ?, seal = ? WHERE digest = ?"
        transaction.run(sql, (generation, sealed, digest))


def digest_of(secret: str) -> bytes:
    """Return under which digest a session is kept, by its secret, with a stamp or without."""
    return hashlib.sha256(idleness.secret_in(secret).encode(errors="replace")).digest()


def _oldest(clock: Clock) -> int:
    return microseconds(clock.now() - LONGEST)
