"""Who may sign in as what, and which systems may do what: told in the log, and made so.

A change of what is in use is told first: a crash in between leaves a fact without its row, and the
operator, who saw no success, does it again. What is new is told before anybody sees its secret.
Facts and lines name accounts and tokens by their ids.
"""

from collections.abc import Collection, Iterable
from functools import partial

from msgspec import UNSET

from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    AccountMade,
    PasswordReset,
    RoleGiven,
    RoleTaken,
    TokenMade,
    TokenRevoked,
)
from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Label
from events.identifiers import MemberId, UnitId
from events.store.batch import Appended
from services.access import accounts, rights_told, security, tokens
from services.access.account_rows import Account
from services.access.security import Happening
from services.access.tokens import Token
from services.commands.executor import OPERATOR, attempt, new_event
from services.context import Context

SOURCE = "/rights"


def make_account(
    context: Context,
    login: str,
    password: str | None,
    *,
    member_id: MemberId | None = None,
    roles: Collection[str] = (),
) -> Account:
    """Return an account that was made, after it was told, with the roles that it was given.

    Raises:
        LoginRefused, PasswordRefused, RoleRefused, AccountExists: nothing was made.
    """
    account = accounts.create(context, login, password, member_id=member_id, roles=roles)
    whose = UNSET if member_id is None else member_id
    made = AccountMade(account_id=Label(account.id), member_id=whose)
    _tell_roles(context, account.id, made=made, given=account.roles)
    return account


def reset_password(context: Context, account: Account, password: str) -> None:
    """Give an account another password, as an operator does; its sessions end."""
    _append(context, (PasswordReset(account_id=Label(account.id)),))
    accounts.set_password(context, account.id, password)
    security.note(Happening.PASSWORD_RESET, account=account.id)


def disable(context: Context, account: Account) -> None:
    """Let nobody sign in with an account; its sessions end. Twice is the same as once."""
    if account.disabled_at is None:
        _append(context, (AccountDisabled(account_id=Label(account.id)),))
    _settle(context, account)
    security.note(Happening.ACCOUNT_DISABLED, account=account.id)


def enable(context: Context, account: Account) -> None:
    """Let an account sign in again, also one that stopped by itself."""
    _append(context, (AccountEnabled(account_id=Label(account.id)),))
    _settle(context, account)
    security.note(Happening.ACCOUNT_ENABLED, account=account.id)


def change_roles(
    context: Context, account: Account, *, give: Iterable[str] = (), take: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the roles of an account after it was given some and lost others.

    What the log tells of it decides, also once it is written down: two who change it at once both
    have their way.

    Raises:
        RoleRefused: there is no such role to be given; nothing changed.
    """
    store, wanted, unwanted = context.store, tuple(dict.fromkeys(give)), frozenset(take)
    accounts.require_given(wanted)

    def once() -> None:
        has = rights_told.account_of(store, account.id)
        given = [each for each in wanted if each not in has.roles]
        taken = [each for each in has.roles if each in unwanted]
        _tell_roles(context, account.id, given=given, taken=taken, version=has.version)

    attempt(once)
    told = partial(rights_told.account_of, store, account.id)
    accounts.set_roles(context, account.id, lambda: told().roles)
    return told().roles


def tell_token(context: Context, token: Token) -> None:
    """Tell of a token that was made, and what it grants."""
    grants = token.grants
    made = TokenMade(
        token_id=Label(token.id),
        sends=tuple(map(Label, grants.sends)),
        sources=tuple(map(Label, grants.sources)),
        reads=tuple(map(Label, grants.reads)),
        states=grants.states,
        units=tuple(map(UnitId, grants.units)),
    )
    _append(context, (made,))
    security.note(Happening.TOKEN_MADE, token=token.id)


def revoke_token(context: Context, token_id: str) -> None:
    """Revoke a token from now on. Twice is the same as once. Raises UnknownToken."""
    database = context.store.database
    if tokens.find(database, token_id).revoked_at is None:
        _append(context, (TokenRevoked(token_id=Label(token_id)),))
        tokens.revoke(context, token_id)
        security.note(Happening.TOKEN_REVOKED, token=token_id)


def _settle(context: Context, account: Account) -> None:
    """Disable or enable an account as the log tells, whoever else tells of it meanwhile."""
    told = partial(rights_told.account_of, context.store, account.id)
    accounts.open_or_close(context, account.id, lambda: told().is_disabled)


def _tell_roles(
    context: Context,
    account_id: str,
    *,
    made: AccountMade | None = None,
    given: Iterable[str],
    taken: Iterable[str] = (),
    version: int = 0,
) -> None:
    """Tell which roles an account got and lost; of one that is new, in one step, that it is."""
    whose = Label(account_id)
    facts = [RoleGiven(account_id=whose, role=Code(each)) for each in given]
    lost = [RoleTaken(account_id=whose, role=Code(each)) for each in taken]
    _append_after(context, (*((made,) if made else ()), *facts, *lost), version)
    if made:
        security.note(Happening.ACCOUNT_MADE, account=account_id)
    for each in facts:
        security.note(Happening.ROLE_GIVEN, account=account_id, role=each.role)
    for gone in lost:
        security.note(Happening.ROLE_TAKEN, account=account_id, role=gone.role)


def _append(context: Context, facts: tuple[Event, ...]) -> None:
    """Append facts about one account or token."""
    stream = stream_of(facts[0])
    attempt(lambda: _append_after(context, facts, context.store.versions([stream])[stream]))


def _append_after(context: Context, facts: tuple[Event, ...], version: int) -> None:
    """Append facts about one account or token, if there are any, after what is known of it."""
    if facts:
        new = tuple(new_event(context, each, source=SOURCE, principal=OPERATOR) for each in facts)
        context.store.append({stream_of(facts[0]): Appended(version, new)})
