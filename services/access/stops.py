"""Accounts that stop by themselves, and go on: what became of their members decides, not we."""

from contextlib import suppress

from events.identifiers import UnitId
from events.store.database import Transaction
from events.vault.boxes import BoxDamaged
from services.access import account_rows, security
from services.access.account_rows import Kept, UnknownAccount
from services.access.security import Happening
from services.context import Context


def stop(context: Context, account_id: str, tree: UnitId | None) -> None:
    """Let nobody sign in with an account until `resume`, and end its sessions.

    Twice is the same as once. `tree` is that of its member, where they were moved out of it. An
    account that does not open, or is gone, is left alone: nobody signs in with it.
    """
    now, new = context.clock.now(), []

    def change(_transaction: Transaction, kept: Kept) -> Kept:
        account = kept.account
        if account.stopped_at:
            return kept.replacing(tree=account.tree or tree)
        new.append(account_id)
        return kept.without_sessions(stopped_at=now, tree=tree)

    with suppress(BoxDamaged, UnknownAccount):
        account_rows.change(context, account_id, change)
    for each in new[-1:]:
        security.note(Happening.ACCOUNT_STOPPED, account=each)


def resume(context: Context, account_id: str) -> None:
    """Let an account that stopped by itself go on. One that goes on is left alone."""
    gone_on = []

    def change(_transaction: Transaction, kept: Kept) -> Kept:
        if kept.account.stopped_at is None:
            return kept
        gone_on.append(account_id)
        return kept.replacing(stopped_at=None, tree=None)

    with suppress(BoxDamaged, UnknownAccount):
        account_rows.change(context, account_id, change)
    for each in gone_on[-1:]:
        security.note(Happening.ACCOUNT_RESUMED, account=each)
