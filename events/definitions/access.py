"""What the operator grants besides the roster, and under which key the installation finds numbers.

Accounts and tokens are named by ids alone: logins, names and secrets stand in no fact.
"""

from dataclasses import dataclass

from events.definitions.event import Code, Event, Origin, event
from events.definitions.records import Label
from events.identifiers import UnitId


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


ACCESS: tuple[type[Event], ...] = (RoleGiven, RoleTaken, TokenMade, TokenRevoked, IndexKeyMade)
