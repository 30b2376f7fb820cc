"""Who may sign in, what the operator grants besides the roster, and which key finds numbers.

Accounts and tokens are named by ids alone: logins, names and secrets stand in no fact.
"""

from collections.abc import Collection
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Origin, event
from events.definitions.records import Label
from events.identifiers import MemberId, UnitId

EVERYTHING = "all"  # the word for every type


@event("access.account_made", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMade(Event):
    """Somebody may sign in from now on: as a member, or with roles alone."""

    account_id: Label
    member_id: MemberId | UnsetType = UNSET  # whose it is, for good


@event("access.account_disabled", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDisabled(Event):
    """The operator lets nobody sign in with an account any more."""

    account_id: Label


@event("access.account_enabled", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEnabled(Event):
    """The operator lets somebody sign in with an account again, also one that stopped by itself."""

    account_id: Label


@event("access.password_reset", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Event):
    """The operator gave an account another password: until it is changed they know it."""

    account_id: Label


@event("access.role_given", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Event):
    """An account has a role from now on that follows from no post."""

    account_id: Label
    role: Code  # "auditor" or "administrator"


@event("access.role_taken", schema_version=1, about="account", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTaken(Event):
    """An account no longer has a role."""

    account_id: Label
    role: Code


@event("access.token_made", schema_version=1, about="token", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """Another system may do something from now on."""

    token_id: Label
    sends: tuple[Label, ...]  # types, or what stands for several
    sources: tuple[Label, ...]  # under which it sends them
    reads: tuple[Label, ...]
    states: bool  # whether it reads states of members and units
    units: tuple[UnitId, ...]  # to which it is limited; none: it is not


@event("access.token_revoked", schema_version=1, about="token", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(Event):
    """A token opens nothing from now on."""

    token_id: Label


@event("access.index_key_made", schema_version=1, about="key", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class IndexKeyMade(Event):
    """From now on numbers are found under a key: under another one everybody would be unknown."""

    key_id: Label
    fingerprint: Label  # by which the key is told from another; it says nothing else of it


ACCESS: tuple[type[Event], ...] = (
    AccountMade,
    AccountDisabled,
    AccountEnabled,
    PasswordReset,
    RoleGiven,
    RoleTaken,
    TokenMade,
    TokenRevoked,
    IndexKeyMade,
)


def matches_any(event_type: str, patterns: Collection[str]) -> bool:
    """Return whether some patterns mean a type, or all that another pattern means."""
    return any(
        pattern in (event_type, EVERYTHING)
        or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
        for pattern in patterns
    )
