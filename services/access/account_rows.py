"""How accounts are kept: who they are is sealed, and all that they may do is bound to it.

A row opens only as it was written here. Whoever writes into the database, and has no key, makes no
row that opens, and gives none another member, role or password. It is sealed under the identity key
of its member, so with that key it goes dark in old pages, replicas and backups too.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from events.errors import TusoiError
from events.identifiers import MemberId, UnitId, member_stream
from events.store.database import Database, Row, Transaction, as_bytes, microseconds, moment
from events.vault.boxes import BoxDamaged, disclose, enclose
from events.vault.sealing import IDENTITY
from events.vault.wrapping import derive
from services.access.seals import place_of
from services.context import INDEX_KEY, Context

table = sa.Table(
    "accounts",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary),  # of the login, under our key: it is found by that
    sa.Column("member_id", sa.Text),
    sa.Column("roles", sa.Text),
    sa.Column("generation", sa.Integer),
    sa.Column("createdat", sa.BigInteger),
    sa.Column("disabledat", sa.BigInteger),
    sa.Column("stoppedat", sa.BigInteger),
    sa.Column("tree", sa.Text),
    sa.Column("box", sa.LargeBinary),
)
COLUMNS = tuple(each.name for each in table.columns)
SELECTED = ", ".join(f"accounts.{each}" for each in COLUMNS)
OPEN = "accounts.disabledat IS NULL AND accounts.stoppedat IS NULL"  # as `Account.is_open` says
MEMBER = COLUMNS.index("member_id")
CHANGING = COLUMNS[MEMBER + 1 :]
_ALL = f"SELECT {SELECTED} FROM accounts"
_CHANGE = f"UPDATE accounts SET {', '.join(f'{each} = ?' for each in CHANGING)} WHERE id = ?"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    id: str
    login: str
    member_id: MemberId | None = None
    roles: tuple[str, ...] = ()  # given to the account, of ROLES_GIVEN
    generation: int = 1  # raised by whatever ends sessions: what was checked before opens nothing
    created_at: datetime
    disabled_at: datetime | None = None  # by an operator
    stopped_at: datetime | None = None  # by itself: its member left, or was moved out of the tree
    tree: UnitId | None = None  # of an account that stopped: the top unit below which they were

    @property
    def is_open(self) -> bool:
        """Whether anybody may sign in with it."""
        return self.disabled_at is None and self.stopped_at is None


class Kept(NamedTuple):
    """An account with the hash of its password."""

    account: Account
    password: str

    def replacing(self, **changes: object) -> "Kept":
        """Return it with some changes of the account."""
        return self._replace(account=msgspec.structs.replace(self.account, **changes))

    def without_sessions(self, **changes: object) -> "Kept":
        """Return it with some changes of the account, so that no session goes on."""
        return self.replacing(generation=self.account.generation + 1, **changes)


class OfMember(NamedTuple):
    """A member's account as it stands in the database, not opened."""

    id: str
    member_id: MemberId
    is_stopped: bool
    tree: UnitId | None


class UnknownAccount(TusoiError):
    code = "unknown_account"

    def __init__(self, account: str) -> None:
        super().__init__(f"there is no account {account}; `tusoi accounts list` shows them")
        self.account = account


class AccountExists(TusoiError):
    code = "account_exists"

    def __init__(self, login: str) -> None:
        super().__init__(f"the account {login} is there already, or is that of this member")
        self.login = login


class AccountDark(BoxDamaged):
    """An account's key was destroyed, or is lost."""


class _Sealed(msgspec.Struct, frozen=True):
    login: str
    password: str


_decoder = msgspec.json.Decoder(_Sealed)
_roles_decoder = msgspec.json.Decoder(tuple[str, ...])


def insert(context: Context, kept: Kept) -> None:
    """Keep a new account. Raises AccountExists, KeyDestroyed."""
    account = kept.account
    if account.member_id is not None:
        context.keys.ensure([_pair(account.member_id)])
    digest = digest_of(context, account.login)
    row = _row_of(context, kept, digest, keys_of(context, [account.member_id])[account.member_id])

    def work(transaction: Transaction) -> None:
        taken = "SELECT 1 FROM accounts WHERE digest = ? OR member_id = ?"
        if transaction.rows(taken, (digest, account.member_id)):
            raise AccountExists(account.login)
        transaction.insert(table, [row])

    context.store.database.transact(work)


def find(context: Context, column: str, value: str | bytes) -> Kept | None:
    """Return an account as it is kept, if there is one. Raises BoxDamaged."""
    rows = context.store.database.rows(f"{_ALL} WHERE {column} = ?", (value,))
    return open_row(rows[0], keys_of(context, [rows[0][MEMBER]])) if rows else None


def every(context: Context) -> Iterator[Account]:
    """Iterate over all accounts that open; `tusoi verify` names the others."""
    rows = context.store.database.rows(_ALL)
    keys = keys_of(context, (row[MEMBER] for row in rows))
    for row in rows:
        try:
            yield open_row(row, keys).account
        except BoxDamaged:
            continue


def of_members(database: Database, member_id: MemberId | None = None) -> list[OfMember]:
    """Return the accounts of members, or that of one; none is opened, so it asks for no key."""
    which, parameters = ("= ?", (member_id,)) if member_id else ("IS NOT NULL", ())
    sql = f"SELECT id, member_id, stoppedat IS NOT NULL, tree FROM accounts WHERE member_id {which}"
    return [OfMember(*row) for row in database.rows(sql, parameters)]


def change(context: Context, account_id: str, work: Callable[[Transaction, Kept], Kept]) -> Account:
    """Return an account as `work` made it of what it is at that moment; nobody else changes it.

    Where its generation rises its sessions end, in the same transaction.

    Raises:
        UnknownAccount, BoxDamaged: nothing has changed.
    """
    database = context.store.database
    known = database.rows("SELECT member_id FROM accounts WHERE id = ?", (account_id,))
    keys = keys_of(context, (row[0] for row in known))

    def write(transaction: Transaction) -> Account:
        rows = transaction.rows_for_update(f"{_ALL} WHERE id = ?", (account_id,))
        if not rows:
            raise UnknownAccount(account_id)
        before = open_row(rows[0], keys)
        after = work(transaction, before)
        if after != before:
            key = keys[after.account.member_id]
            row = _row_of(context, after, as_bytes(rows[0][1]), key)
            transaction.run(_CHANGE, (*row[MEMBER + 1 :], account_id))
        if after.account.generation != before.account.generation:
            over = "DELETE FROM sessions WHERE account_id = ? AND generation <> ?"
            transaction.run(over, (account_id, after.account.generation))
        return after.account

    return database.transact(write)


def digest_of(context: Context, login: str) -> bytes:
    """Return by what a login is found; what was typed may be anything."""
    return derive(context.index_key(), "login", login.encode(errors="replace"))


def keys_of(context: Context, members: Iterable[MemberId | None]) -> dict[MemberId | None, bytes]:
    """Return the keys under which accounts of members, or of none, lie; erased ones are missing."""
    pairs = {each: _pair(each) for each in members}
    found = context.keys.keys(pairs.values())
    return {each: derive(found[pair], "account") for each, pair in pairs.items() if pair in found}


def open_row(row: Row, keys: dict[MemberId | None, bytes]) -> Kept:
    """Return what a row of COLUMNS holds.

    Raises:
        AccountDark: its key was destroyed, or is lost.
        BoxDamaged: it is not as it was written here.
    """
    *clear, box = row
    account_id, digest, member_id, roles, generation, created, disabled, stopped, tree = clear
    if member_id not in keys:
        raise AccountDark
    clear[1] = as_bytes(digest)
    sealed = _decoder.decode(disclose(as_bytes(box), key=keys[member_id], place=place_of(clear)))
    account = Account(
        id=account_id,
        login=sealed.login,
        member_id=member_id,
        roles=_roles_decoder.decode(roles),
        generation=generation,
        created_at=moment(created),
        disabled_at=moment(disabled) if disabled is not None else None,
        stopped_at=moment(stopped) if stopped is not None else None,
        tree=tree,
    )
    return Kept(account, sealed.password)


def _row_of(context: Context, kept: Kept, digest: bytes, key: bytes) -> Row:
    account = kept.account
    clear = (
        account.id,
        digest,
        account.member_id,
        msgspec.json.encode(account.roles).decode(),
        account.generation,
        microseconds(account.created_at),
        microseconds(account.disabled_at) if account.disabled_at else None,
        microseconds(account.stopped_at) if account.stopped_at else None,
        account.tree,
    )
    plain = msgspec.json.encode(_Sealed(account.login, kept.password))
    return (*clear, enclose(plain, key=key, place=place_of(clear), chance=context.chance))


def _pair(member_id: MemberId | None) -> tuple[str, str]:
    """Return whose key seals an account: of no member, the one by which we find numbers."""
    return INDEX_KEY if member_id is None else (member_stream(member_id), IDENTITY)
