"""What was told of an account or token until now: a request may take longer than what opens it.

Whoever takes a right away tells so first; from that fact on nothing is appended by it. So who
appends holds the stream of what lets them still, as that of a member by whose post they act.
"""

from typing import NamedTuple

from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    RoleGiven,
    RoleTaken,
    TokenRevoked,
)
from events.identifiers import Stream, account_stream, token_stream
from events.store.store import History, Store
from services.access import tokens
from services.access.roles import Person
from services.access.tokens import PRINCIPAL, Forbidden, NotAuthenticated, Principal


class AccountTold(NamedTuple):
    """An account as its facts tell."""

    roles: tuple[str, ...]  # that it has, in the order in which they were given
    taken: frozenset[str]  # roles that it had
    is_disabled: bool
    version: int  # that its stream reached


def account_of(store: Store, account_id: str) -> AccountTold:
    """Return what the log tells of an account now."""
    return account_in(store.read_stream(account_stream(account_id)))


def account_in(history: History) -> AccountTold:
    """Return what the facts of an account come to."""
    roles, had, disabled = dict[str, None](), set[str](), False
    for each in history.events:
        match each.event:
            case RoleGiven(role=role):
                roles[role] = None
                had.add(role)
            case RoleTaken(role=role):
                roles.pop(role, None)
                had.add(role)
            case AccountDisabled():
                disabled = True
            case AccountEnabled():
                disabled = False
    return AccountTold(tuple(roles), frozenset(had - roles.keys()), disabled, history.version)


def require_account(store: Store, person: Person) -> dict[Stream, int]:
    """Return at which version the stream of somebody's account must stay until they append.

    Raises:
        NotAuthenticated: it was disabled.
        Forbidden: a role was taken that it had when they asked.
    """
    told = account_of(store, person.account_id)
    if told.is_disabled:
        raise NotAuthenticated("this account was disabled: nothing was done")
    if not told.taken.isdisjoint(person.roles):
        raise Forbidden("this account lost a role meanwhile: look at it again")
    return {account_stream(person.account_id): told.version}


def require_token(store: Store, principal: Principal) -> dict[Stream, int]:
    """Return at which version the stream of a sender's token must stay until they append.

    Of who sends without a token, such as the operator's import, it is none.

    Raises:
        NotAuthenticated: it was revoked.
    """
    if not principal.id.startswith(PRINCIPAL):
        return {}
    stream = token_stream(principal.id.removeprefix(PRINCIPAL))
    history = store.read_stream(stream)
    if any(isinstance(each.event, TokenRevoked) for each in history.events):
        raise tokens.refusal()
    return {stream: history.version}
