"""What people do about their own account: another password, and an end to their sessions."""

from events.clock import Clock
from events.errors import TusoiError
from events.identifiers import Chance
from events.store.database import Database, Transaction
from services.access import attempts, passwords, security
from services.access.accounts import Account, end_sessions_in, update_in
from services.access.attempts import LIMITS, Limits
from services.access.security import Happening


class PasswordWrong(TusoiError):
    """Whoever would change their password says another one than it is now."""

    code = "password_wrong"

    def __init__(self) -> None:
        super().__init__("this is not your password now: try again, or ask your administrator")


def change_password(
    database: Database,
    account: Account,
    typed: str,
    wanted: str,
    *,
    session: bytes,
    index_key: bytes,
    clock: Clock,
    chance: Chance,
    limits: Limits = LIMITS,
) -> None:
    """Give an account another password, by whoever is signed in and says which it has now.

    Its other sessions end; `session` is the digest of the one that goes on. Who found somebody's
    open session guesses as slowly as at the door.

    Raises:
        PasswordWrong, PasswordRefused, TooManyAttempts: the old one still holds.
    """
    buckets = (attempts.bucket_of_account(account.id, index_key=index_key, limits=limits),)
    attempts.count(database, buckets, clock=clock)
    ((kept,),) = database.rows("SELECT password FROM accounts WHERE id = ?", (account.id,))
    if not passwords.fits(typed, kept):
        raise PasswordWrong
    attempts.clear(database, buckets)
    hashed = passwords.hash_password(wanted, chance)

    def change(transaction: Transaction) -> None:
        update_in(transaction, "password = ?", (hashed, account.id))
        end_sessions_in(transaction, account.id, but=session)

    database.transact(change)
    security.note(Happening.PASSWORD_CHANGED, account=account.id)


def end_sessions(database: Database, account_id: str, *, but: bytes = b"") -> None:
    """End all sessions of an account, but the one with a digest."""
    database.transact(lambda transaction: end_sessions_in(transaction, account_id, but=but))
    security.note(Happening.SESSIONS_ENDED, account=account_id)
