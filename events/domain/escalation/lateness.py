"""Whose step it was that was not taken in time."""

from collections.abc import Collection
from typing import NamedTuple

from events.domain.plan import plan
from events.domain.review import review
from events.identifiers import MemberId, UnitId


class Late(NamedTuple):
    """Who was late: somebody in person, or whoever holds an office in a unit."""

    members: frozenset[MemberId] = frozenset()
    units: tuple[UnitId, ...] = ()

    def is_one(self, member_id: MemberId, offices: Collection[UnitId]) -> bool:
        """Tell whether somebody is one of them, by the units in which they hold an office."""
        return member_id in self.members or not set(self.units).isdisjoint(offices)


def late_with(state: review.State | plan.State, step: str) -> Late:
    """Return whose turn a step was. A unit's own is that of who answers for it, or leads it."""
    if state.opened is None:
        return Late()
    about = state.opened.fact.member_id
    if isinstance(state, review.State):
        who, path, follower = review.who(state, step), state.above, None
    else:
        agreed = state.agreement
        who, path, follower = plan.WHO[step], state.path, agreed and agreed.fact.follower_id
    match who:
        case "member":
            return Late(state.leaders | {about}, (UnitId(about),))
        case "follower":
            return Late(frozenset({follower} if follower else ()))
        case "secretary":
            return Late(units=path[:1])
        case _:
            return Late(units=path)
