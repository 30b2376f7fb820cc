"""Which posts of others a member was told to stand in for, and until which day."""

from datetime import date, datetime
from typing import TypeAlias

import msgspec

from events.definitions.roster import DelegationEnded, PostDelegated
from events.domain.organisation.timelines import EndsOf, State

DELEGATION = "delegation "  # begins their timelines: then come unit, post, and whose it is

Delegating: TypeAlias = PostDelegated | DelegationEnded


class Delegation(msgspec.Struct, frozen=True):
    """A post of somebody else for whom a member was told to stand in."""

    post: str
    unit_id: str
    for_id: str  # whose post it is
    since: datetime
    until: date  # the last day


def delegation_marks(event: Delegating) -> list[tuple[str, str | None]]:
    """Return the marks of what begins, with its last day, and ends."""
    until = event.until.isoformat() if isinstance(event, PostDelegated) else None
    return [(f"{DELEGATION}{event.unit_id} {event.post} {event.for_id}", until)]


def delegations_of(state: State, ends_of: EndsOf) -> tuple[Delegation, ...]:
    """Return those that were not ended, be their last day over: what was told last holds.

    Told anew with another last day it begins anew: in between it may have been over.
    """
    names = (each for each in sorted(state.timelines) if each.startswith(DELEGATION))
    found = ((name, state.last(name, ends=ends_of(name))) for name in names)
    told = ((name.split(" "), mark) for name, mark in found if mark)
    return tuple(
        Delegation(post, unit_id, for_id, mark.since, date.fromisoformat(mark.value))
        for (_, unit_id, post, for_id), mark in told
        if mark.value
    )
