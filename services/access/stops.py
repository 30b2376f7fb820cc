"""Accounts that stop by themselves, and go on: what became of their members decides, not we."""

from events.clock import Clock
from events.identifiers import UnitId
from events.store.database import Database, Transaction, microseconds
from services.access import security
from services.access.accounts import RESUME, Account, end_sessions_in
from services.access.security import Happening

# `tree` is the top unit below which the member was, if they were moved away.
_STOP = """INSERT INTO stops (account_id, stoppedat, tree) VALUES (?, ?, ?)
ON CONFLICT (account_id) DO UPDATE SET tree = coalesce(stops.tree, excluded.tree)"""


def stop(database: Database, account: Account, tree: UnitId | None, *, clock: Clock) -> None:
    """Let nobody sign in with an account until `resume`, and end its sessions.

    Twice is the same as once. `tree` is that of its member, where they were moved out of it.
    """
    stopped = (account.id, microseconds(clock.now()), tree)

    def change(transaction: Transaction) -> None:
        transaction.run(_STOP, stopped)
        end_sessions_in(transaction, account.id)

    database.transact(change)
    if account.stopped_at is None:
        security.note(Happening.ACCOUNT_STOPPED, account=account.id)


def resume(database: Database, account: Account) -> None:
    """Let an account that stopped by itself go on. One that goes on is left alone."""
    if account.stopped_at is not None:
        database.transact(lambda transaction: transaction.run(RESUME, (account.id,)))
        security.note(Happening.ACCOUNT_RESUMED, account=account.id)
