"""What was told of an account or token until now: a request may take longer than what opens it.

Whoever takes a right away tells so first; from that fact on nothing is appended by it. So who
appends holds the stream of what lets them still, as that of a member by whose post they act.
"""

from collections.abc import Iterable
from typing import NamedTuple

from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    RoleGiven,
    RoleTaken,
    TokenRevoked,
)
from events.definitions.event import Event
from events.identifiers import Stream, account_stream, token_stream
from events.store.store import Store
from services.access import tokens
from services.access.roles import Person
from services.access.tokens import PRINCIPAL, Forbidden, NotAuthenticated, Principal


class AccountTold(NamedTuple):
    """An account as its facts tell."""

    given: frozenset[str]  # roles that it has
    taken: frozenset[str]  # roles that it had
    disabled: bool


def account_of(facts: Iterable[Event]) -> AccountTold:
    """Return what facts come to that are told of one account."""
    roles, disabled = dict[str, bool](), False
    for event in facts:
        match event:
            case RoleGiven(role=role):
                roles[role] = True
            case RoleTaken(role=role):
                roles[role] = False
            case AccountDisabled():
                disabled = True
            case AccountEnabled():
                disabled = False
    given = frozenset(role for role, has in roles.items() if has)
    return AccountTold(given, frozenset(roles) - given, disabled)


def require_account(store: Store, person: Person) -> dict[Stream, int]:
    """Return at which version the stream of somebody's account must stay until they append.

    Raises:
        NotAuthenticated: it was disabled.
        Forbidden: a role was taken that it had when they asked.
    """
    stream = account_stream(person.account_id)
    history = store.read_stream(stream)
    told = account_of(each.event for each in history.events)
    if told.disabled:
        raise NotAuthenticated("this account was disabled: nothing was done")
    if not told.taken.isdisjoint(person.roles):
        raise Forbidden("this account lost a role meanwhile: look at it again")
    return {stream: history.version}


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
