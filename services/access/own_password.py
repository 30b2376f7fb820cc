"""What people do about their own account: another password, and an end to their sessions."""

from events.errors import TusoiError
from events.store.database import Transaction
from services.access import account_rows, attempts, passwords, security, sessions
from services.access.account_rows import Account, Kept
from services.access.attempts import LIMITS, Limits
from services.access.security import Happening
from services.context import Context


class PasswordWrong(TusoiError):
    """Whoever would change their password says another one than it is now."""

    code = "password_wrong"

    def __init__(self) -> None:
        super().__init__("this is not your password now: try again, or ask your administrator")


def change_password(
    context: Context,
    account: Account,
    typed: str,
    wanted: str,
    *,
    session: bytes,
    limits: Limits = LIMITS,
) -> Account:
    """Return an account with another password, by whoever is signed in and says which it has now.

    Its other sessions end; `session` is the digest of the one that goes on. Who found somebody's
    open session guesses as slowly as at the door.

    Raises:
        PasswordWrong, PasswordRefused, TooManyAttempts: the old one still holds, or that which
            somebody gave it meanwhile.
    """
    index_key, database = context.index_key(), context.store.database
    buckets = (attempts.bucket_of_account(account.id, index_key=index_key, limits=limits),)
    attempts.count(database, buckets, clock=context.clock)
    kept = account_rows.find(context, "id", account.id)
    if kept is None or not passwords.fits(typed, kept.password):
        raise PasswordWrong
    attempts.clear(database, buckets)
    hashed = passwords.hash_password(wanted, context.chance)

    def change(transaction: Transaction, now: Kept) -> Kept:
        if now.account.generation != account.generation:
            raise PasswordWrong
        return _end_others(transaction, now, session, index_key)._replace(password=hashed)

    changed = account_rows.change(context, account.id, change)
    security.note(Happening.PASSWORD_CHANGED, account=account.id)
    return changed


def end_sessions(context: Context, account_id: str, *, but: bytes = b"") -> Account:
    """Return an account after all of its sessions ended, but the one with a digest."""
    index_key = context.index_key()

    def change(transaction: Transaction, now: Kept) -> Kept:
        return _end_others(transaction, now, but, index_key)

    changed = account_rows.change(context, account_id, change)
    security.note(Happening.SESSIONS_ENDED, account=account_id)
    return changed


def _end_others(transaction: Transaction, kept: Kept, session: bytes, index_key: bytes) -> Kept:
    after = kept.without_sessions()
    generation = after.account.generation
    sessions.carry_over(transaction, session, generation, index_key=index_key)
    return after
