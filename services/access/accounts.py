"""Accounts of people: who may sign in, and as which member.

A role is not given here but follows from where a person stands (`roles`); an account holds only
the two that follow from nothing: auditor and administrator.
"""

import unicodedata
from collections.abc import Callable, Collection

from events.errors import TusoiError
from events.identifiers import MemberId, new_id
from events.store.database import Transaction
from events.vault.boxes import BoxDamaged
from services.access import account_rows, attempts, browsers, passwords, security
from services.access.account_rows import Account, AccountDark, Kept, UnknownAccount
from services.access.attempts import LIMITS, UNKNOWN, Client, Limits, TooManyAttempts
from services.access.seals import note_forgery
from services.access.security import Happening
from services.context import Context

LOGIN_MAX = 100  # characters
ROLES_GIVEN = ("auditor", "administrator")


class SignInRefused(TusoiError):
    """Told alike whether the login, the password or the account is at fault."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__(
            "login and password do not fit, or the account is disabled: try again, "
            "or ask your administrator for a new password"
        )


class LoginRefused(TusoiError):
    code = "login_refused"

    def __init__(self) -> None:
        super().__init__(f"a login is 1 to {LOGIN_MAX} printable characters without spaces")


class RoleRefused(TusoiError):
    code = "role_refused"

    def __init__(self, role: str) -> None:
        given = " and ".join(ROLES_GIVEN)
        super().__init__(f"{role!r} is not given to accounts, only {given}; posts come from HR")
        self.role = role


def create(
    context: Context,
    login: str,
    password: str | None,
    *,
    member_id: MemberId | None = None,
    roles: Collection[str] = (),
) -> Account:
    """Make an account; a member has at most one. Without a password nobody signs in with it yet.

    Raises:
        LoginRefused, PasswordRefused, RoleRefused, AccountExists, KeyDestroyed: nothing was made.
    """
    require_given(roles)
    account = Account(
        id=new_id(context.chance),
        login=_required_login(login),
        member_id=member_id,
        roles=tuple(dict.fromkeys(roles)),
        created_at=context.clock.now(),
    )
    hashed = (
        passwords.NOBODYS if password is None else passwords.hash_password(password, context.chance)
    )
    account_rows.insert(context, Kept(account, hashed))
    return account


def every(context: Context) -> list[Account]:
    """Return all accounts, disabled ones too, by login."""
    return sorted(account_rows.every(context), key=lambda each: each.login)


def find(context: Context, account_id: str) -> Account:
    """Return an account. Raises UnknownAccount, BoxDamaged."""
    return _account_of(account_rows.find(context, "id", account_id), account_id)


def find_login(context: Context, login: str) -> Account:
    """Return the account with a login, however it is typed. Raises UnknownAccount, BoxDamaged."""
    digest = account_rows.digest_of(context, _login(login) or login)
    return _account_of(account_rows.find(context, "digest", digest), login)


def find_member(context: Context, member_id: MemberId) -> Account | None:
    """Return the account of a member, if they have one. Raises BoxDamaged."""
    kept = account_rows.find(context, "member_id", member_id)
    return kept.account if kept else None


def erase_member(context: Context, member_id: MemberId) -> str | None:
    """Delete a member's account with its sessions and attempts, and return which it was, if any.

    Nothing says any more that it was there. It need not open: its key is destroyed before. Attempts
    from an address that nobody tells us are forgotten within the day.
    """
    database = context.store.database
    sql = "SELECT id, digest FROM accounts WHERE member_id = ?"
    for account_id, digest in database.rows(sql, (member_id,)):

        def delete(transaction: Transaction, account_id: str = account_id) -> None:
            transaction.run("DELETE FROM accounts WHERE id = ?", (account_id,))
            transaction.run("DELETE FROM sessions WHERE account_id = ?", (account_id,))

        database.transact(delete)
        index_key = context.index_key()
        attempts.forget(database, bytes(digest).hex(), account_id, index_key=index_key)
        return str(account_id)
    return None


def set_password(context: Context, account_id: str, password: str) -> None:
    """Give an account another password, and end all of its sessions.

    Raises:
        PasswordRefused, UnknownAccount: the old one still holds.
    """
    hashed = passwords.hash_password(password, context.chance)
    _change(context, account_id, lambda kept: kept.without_sessions()._replace(password=hashed))


def disable(context: Context, account_id: str) -> None:
    """Let nobody sign in with an account, and end its sessions. Raises UnknownAccount."""
    open_or_close(context, account_id, lambda: True)


def enable(context: Context, account_id: str) -> None:
    """Let an account sign in again, also one that stopped by itself. Raises UnknownAccount."""
    open_or_close(context, account_id, lambda: False)


def open_or_close(context: Context, account_id: str, is_disabled: Callable[[], bool]) -> None:
    """Disable or enable an account, as is right once nobody else changes it; twice is as once.

    Raises:
        UnknownAccount
    """
    now = context.clock.now()

    def change(kept: Kept) -> Kept:
        if not is_disabled():
            return kept.replacing(disabled_at=None, stopped_at=None, tree=None)
        return kept if kept.account.disabled_at else kept.without_sessions(disabled_at=now)

    _change(context, account_id, change)


def set_roles(context: Context, account_id: str, roles: Callable[[], Collection[str]]) -> None:
    """Give an account the roles that are right once nobody else changes it.

    Raises:
        RoleRefused, UnknownAccount: it has those that it had.
    """

    def give(kept: Kept) -> Kept:
        wanted = tuple(dict.fromkeys(roles()))
        require_given(wanted)
        return kept.replacing(roles=wanted)

    _change(context, account_id, give)


def sign_in(
    context: Context,
    login: str,
    password: str,
    *,
    client: Client = UNKNOWN,
    limits: Limits = LIMITS,
) -> Account:
    """Return the account that a login and password open, as it was when they were looked at.

    Whatever ends its sessions meanwhile ends the one that `sessions.begin` would begin.

    Raises:
        SignInRefused: none; it takes as long and says the same, whatever the reason.
        TooManyAttempts: there were too many, so this one was not looked at.
    """
    digest = account_rows.digest_of(context, _login(login) or login)
    kept = _open(context, digest)
    account, hashed = kept or (None, passwords.NOBODYS)
    index_key, database = context.index_key(), context.store.database
    known = browsers.recognise(client.mark, account, index_key=index_key, clock=context.clock)
    whose = account.id if account and known else None
    buckets = attempts.buckets_of(digest.hex(), client, whose, index_key=index_key, limits=limits)
    told = {"account": account.id if account else None, "address": client.network}
    try:
        attempts.count(database, buckets, clock=context.clock)
    except TooManyAttempts as error:
        security.note(Happening.SIGN_IN_LOCKED_OUT, seconds=error.seconds, **told)
        raise
    if not passwords.fits(password, hashed) or account is None or not account.is_open:
        security.note(Happening.SIGN_IN_FAILED, **told)
        raise SignInRefused
    attempts.clear(database, buckets)
    security.note(Happening.SIGNED_IN, known_browser=known, **told)
    if passwords.is_outdated(hashed):
        anew = passwords.hash_password(password, context.chance)
        _change(
            context, account.id, lambda now: now._replace(password=anew) if now == kept else now
        )
    return account


def _open(context: Context, digest: bytes) -> Kept | None:
    """Return the account with a login; none where it does not open, which only we are told."""
    try:
        return account_rows.find(context, "digest", digest)
    except AccountDark:
        return None
    except BoxDamaged:
        note_forgery(context, "account")
        return None


def _change(context: Context, account_id: str, work: Callable[[Kept], Kept]) -> None:
    account_rows.change(context, account_id, lambda _transaction, kept: work(kept))


def _account_of(found: Kept | None, named: str) -> Account:
    if found is None:
        raise UnknownAccount(named)
    return found.account


def require_given(roles: Collection[str]) -> None:
    """Raise RoleRefused for a role that accounts are not given."""
    for role in roles:
        if role not in ROLES_GIVEN:
            raise RoleRefused(role)


def _login(typed: str) -> str | None:
    """Return a login as it is kept, so that it is the same however it is typed; None: it is none.

    >>> _login(" AN.Nguyễn ") == _login("an.nguyễn")
    True
    """
    folded = unicodedata.normalize("NFC", typed.strip()[: LOGIN_MAX + 1]).casefold()
    login = unicodedata.normalize("NFC", folded)
    allowed = 1 <= len(login) <= LOGIN_MAX and login.isprintable() and " " not in login
    return login if allowed else None


def _required_login(typed: str) -> str:
    login = _login(typed)
    if login is None:
        raise LoginRefused
    return login
