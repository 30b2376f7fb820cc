"""The bodies of commands by which somebody lets another one stand in for them."""

from datetime import date

from msgspec import UNSET, UnsetType

from services.web.api.schemas.commands import Body, Id, Name


class Delegate(Body, frozen=True):
    """Who stands in for oneself in a post, and on which days, both included."""

    member_id: Id
    unit_id: Id
    post: Name
    until: date
    since: date | UnsetType = UNSET  # none: from now on


class EndDelegation(Body, frozen=True):
    """Which delegation ends: who stands in, in which post, and for whom."""

    member_id: Id
    unit_id: Id
    post: Name
    for_id: Id


STRUCTS: tuple[type[Body], ...] = (Delegate, EndDelegation)
