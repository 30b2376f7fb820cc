"""Accounts of people: who may sign in, and as which member.

A role is not given here but follows from where a person stands (`roles`); an account holds only
the two that follow from nothing: auditor and administrator. It is
over 300 lines long, for it says what an account is and holds all that an operator changes of one.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa

from events.clock import Clock
from events.errors import TusoiError
from events.identifiers import Chance, MemberId, UnitId, new_id
from events.store.database import Database, Row, Transaction, microseconds, moment
from services.access import attempts, browsers, passwords, security
from services.access.attempts import LIMITS, UNKNOWN, Client, Limits, TooManyAttempts
from services.access.security import Happening

LOGIN_MAX = 100  # characters
ROLES_GIVEN = ("auditor", "administrator")

table = sa.Table(
    "accounts",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text),
    sa.Column("password", sa.Text),
    sa.Column("member_id", sa.Text),
    sa.Column("roles", sa.Text),
    sa.Column("preferences", sa.Text),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("disabledat", sa.BigInteger),
)
COLUMNS = """accounts.id, accounts.login, accounts.member_id, accounts.roles, accounts.createdat,
accounts.disabledat, stops.stoppedat, stops.tree"""
TABLES = "accounts LEFT JOIN stops ON stops.account_id = accounts.id"
RESUME = "DELETE FROM stops WHERE account_id = ?"
_ALL = f"SELECT {COLUMNS} FROM {TABLES}"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    id: str
    login: str
    member_id: MemberId | None = None
    roles: tuple[str, ...] = ()  # given to the account, of ROLES_GIVEN
    created_at: datetime
    disabled_at: datetime | None = None  # by an operator
    stopped_at: datetime | None = None  # by itself: its member left, or was moved out of the tree
    tree: UnitId | None = None  # of an account that stopped: the top unit below which they were

    @property
    def is_open(self) -> bool:
        """Whether anybody may sign in with it."""
        return self.disabled_at is None and self.stopped_at is None


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


class AccountExists(TusoiError):
    code = "account_exists"

    def __init__(self, login: str) -> None:
        super().__init__(f"the account {login} is there already, or is that of this member")
        self.login = login


class UnknownAccount(TusoiError):
    code = "unknown_account"

    def __init__(self, account: str) -> None:
        super().__init__(f"there is no account {account}; `tusoi accounts list` shows them")
        self.account = account


def create(
    database: Database,
    login: str,
    password: str | None,
    *,
    member_id: MemberId | None = None,
    roles: Collection[str] = (),
    clock: Clock,
    chance: Chance,
) -> Account:
    """Make an account; a member has at most one. Without a password nobody signs in with it yet.

    Raises:
        LoginRefused, PasswordRefused, RoleRefused, AccountExists: nothing was made.
    """
    require_given(roles)
    account = Account(
        id=new_id(chance),
        login=_required_login(login),
        member_id=member_id,
        roles=tuple(dict.fromkeys(roles)),
        created_at=clock.now(),
    )
    hashed = passwords.NOBODYS if password is None else passwords.hash_password(password, chance)
    database.transact(lambda transaction: _insert(transaction, account, hashed))
    return account


def every(database: Database) -> list[Account]:
    """Return all accounts, disabled ones too, by login."""
    return [account_in(row) for row in database.rows(f"{_ALL} ORDER BY login")]


def find(database: Database, account_id: str) -> Account:
    """Return an account. Raises UnknownAccount."""
    return _read_one(database, "id", account_id)


def find_login(database: Database, login: str) -> Account:
    """Return the account with a login, however it is typed. Raises UnknownAccount."""
    found = _login(login)
    if found is None:
        raise UnknownAccount(login)
    return _read_one(database, "login", found)


def find_member(database: Database, member_id: MemberId) -> Account | None:
    """Return the account of a member, if they have one."""
    rows = database.rows(f"{_ALL} WHERE member_id = ?", (member_id,))
    return account_in(rows[0]) if rows else None


def erase(database: Database, account: Account, *, index_key: bytes) -> None:
    """Delete an account with its sessions and attempts: nothing says any more that it was there.

    Attempts from an address that nobody tells us are forgotten within the day.
    """

    def delete(transaction: Transaction) -> None:
        end_sessions_in(transaction, account.id)
        transaction.run(RESUME, (account.id,))
        transaction.run("DELETE FROM accounts WHERE id = ?", (account.id,))

    database.transact(delete)
    attempts.forget(database, account.login, account.id, index_key=index_key)


def set_password(database: Database, account_id: str, password: str, *, chance: Chance) -> None:
    """Give an account another password, and end all of its sessions.

    Raises:
        PasswordRefused, UnknownAccount: the old one still holds.
    """
    hashed = passwords.hash_password(password, chance)

    def change(transaction: Transaction) -> None:
        update_in(transaction, "password = ?", (hashed, account_id))
        end_sessions_in(transaction, account_id)

    database.transact(change)


def disable(database: Database, account_id: str, *, clock: Clock) -> None:
    """Let nobody sign in with an account, and end its sessions. Twice is the same as once.

    Raises:
        UnknownAccount
    """
    now = microseconds(clock.now())

    def change(transaction: Transaction) -> None:
        update_in(transaction, "disabledat = coalesce(disabledat, ?)", (now, account_id))
        end_sessions_in(transaction, account_id)

    database.transact(change)


def enable(database: Database, account_id: str) -> None:
    """Let an account sign in again, also one that stopped by itself. Raises UnknownAccount."""

    def change(transaction: Transaction) -> None:
        update_in(transaction, "disabledat = NULL", (account_id,))
        transaction.run(RESUME, (account_id,))

    database.transact(change)


def set_roles(database: Database, account_id: str, roles: Collection[str]) -> None:
    """Give an account other roles than it had. Raises RoleRefused, UnknownAccount."""
    require_given(roles)
    kept = msgspec.json.encode(tuple(dict.fromkeys(roles))).decode()
    database.transact(lambda each: update_in(each, "roles = ?", (kept, account_id)))


def sign_in(
    database: Database,
    login: str,
    password: str,
    *,
    index_key: bytes,
    clock: Clock,
    chance: Chance,
    client: Client = UNKNOWN,
    limits: Limits = LIMITS,
) -> Account:
    """Return the account that a login and password open.

    Raises:
        SignInRefused: none; it takes as long and says the same, whatever the reason.
        TooManyAttempts: there were too many, so this one was not looked at.
    """
    account, hashed = _by_login(database, login)
    whose = account.id if account else ""
    browser = browsers.recognise(client.mark, whose, index_key=index_key, clock=clock)
    typed = _login(login) or login
    buckets = attempts.buckets_of(typed, client, browser, index_key=index_key, limits=limits)
    told = {"account": whose or None, "address": client.network}
    try:
        attempts.count(database, buckets, clock=clock)
    except TooManyAttempts as error:
        security.note(Happening.SIGN_IN_LOCKED_OUT, seconds=error.seconds, **told)
        raise
    if not passwords.fits(password, hashed) or account is None or not account.is_open:
        security.note(Happening.SIGN_IN_FAILED, **told)
        raise SignInRefused
    attempts.clear(database, buckets)
    security.note(Happening.SIGNED_IN, known_browser=browser is not None, **told)
    if passwords.is_outdated(hashed):
        parameters = (passwords.hash_password(password, chance), account.id)
        database.transact(lambda each: update_in(each, "password = ?", parameters))
    return account


def _by_login(database: Database, login: str) -> tuple[Account | None, str]:
    """Return the account that a login names, if any, and the hash to check a password against."""
    sql = f"SELECT {COLUMNS}, password FROM {TABLES} WHERE login = ?"
    for *row, hashed in database.rows(sql, (_login(login) or "",)):
        return account_in(tuple(row)), str(hashed)
    return None, passwords.NOBODYS


def account_in(row: Row) -> Account:
    """Return the account that a row of COLUMNS holds."""
    account_id, login, member_id, roles, created, disabled, stopped, tree = row
    return Account(
        id=account_id,
        login=login,
        member_id=member_id,
        roles=msgspec.json.decode(roles, type=tuple[str, ...]),
        created_at=moment(created),
        disabled_at=moment(disabled) if disabled is not None else None,
        stopped_at=moment(stopped) if stopped is not None else None,
        tree=tree,
    )


def require_given(roles: Collection[str]) -> None:
    """Raise RoleRefused for a role that accounts are not given."""
    for role in roles:
        if role not in ROLES_GIVEN:
            raise RoleRefused(role)


def _insert(transaction: Transaction, account: Account, hashed: str) -> None:
    taken = "SELECT 1 FROM accounts WHERE login = ? OR member_id = ?"
    if transaction.rows(taken, (account.login, account.member_id)):
        raise AccountExists(account.login)
    roles = msgspec.json.encode(account.roles).decode()
    created = microseconds(account.created_at)
    row = (account.id, account.login, hashed, account.member_id, roles, "{}", created, None)
    transaction.insert(table, [row])


def update_in(transaction: Transaction, change: str, parameters: tuple[object, ...]) -> None:
    """Change the account whose id is the last parameter. Raises UnknownAccount."""
    if not transaction.run(f"UPDATE accounts SET {change} WHERE id = ?", parameters):
        raise UnknownAccount(str(parameters[-1]))


def end_sessions_in(transaction: Transaction, account_id: str, *, but: bytes = b"") -> None:
    """End all sessions of an account, but the one with a digest."""
    sql = "DELETE FROM sessions WHERE account_id = ? AND digest <> ?"
    transaction.run(sql, (account_id, but))


def _read_one(database: Database, column: str, value: str) -> Account:
    rows = database.rows(f"{_ALL} WHERE {column} = ?", (value,))
    if not rows:
        raise UnknownAccount(value)
    return account_in(rows[0])


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
