"""What the log tells of an account: which roles it has, and whether it is disabled."""

from collections.abc import Iterable
from typing import NamedTuple

from events.definitions.access import AccountDisabled, AccountEnabled, RoleGiven, RoleTaken
from events.definitions.event import Event
from events.identifiers import Stream
from events.store.store import Store


class Told(NamedTuple):
    """What the facts of one account come to."""

    roles: tuple[str, ...]  # in the order in which they were given
    is_disabled: bool
    version: int  # that the account's stream reached


def told_of(store: Store, account_id: str) -> Told:
    """Return what the log tells of an account now."""
    history = store.read_stream(Stream(f"account-{account_id}"))
    return fold([each.event for each in history.events], history.version)


def fold(events: Iterable[Event], version: int) -> Told:
    """Return what the facts of an account come to."""
    roles, disabled = dict[str, None](), False
    for event in events:
        match event:
            case RoleGiven(role=role):
                roles[role] = None
            case RoleTaken(role=role):
                roles.pop(role, None)
            case AccountDisabled():
                disabled = True
            case AccountEnabled():
                disabled = False
    return Told(tuple(roles), disabled, version)
