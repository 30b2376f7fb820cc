"""Whose step it was that was not taken in time, and whether it may be nobody's fault."""

from collections.abc import Collection
from typing import Any, NamedTuple, assert_never

from events.definitions.records import Hand
from events.domain.plan import plan
from events.domain.review import presence, review
from events.domain.steps import Step, Turn
from events.identifiers import MemberId, UnitId


class Late(NamedTuple):
    """Who was late: somebody in person, or whoever holds an office in a unit."""

    members: frozenset[MemberId] = frozenset()
    units: tuple[UnitId, ...] = ()

    def is_one(self, by: Hand, offices: Collection[UnitId]) -> bool:
        """Tell whether somebody is one of them, by the units in which they hold an office."""
        return by.is_one_of(self.members) or not set(self.units).isdisjoint(offices)


def late_with(state: review.State | plan.State, step: Step, item: str = "") -> Late:
    """Return whose turn a step was. A unit's own is that of who answers for it, or leads it."""
    if state.opened is None:
        return Late()
    about = state.opened.fact.member_id
    match state.turn_of(step):
        case Turn.MEMBER:
            return Late(state.leaders | {about}, (UnitId(about),))
        case Turn.FOLLOWER:
            follower = state.follower_id if isinstance(state, plan.State) else None
            return Late(frozenset({follower} if follower else ()))
        case Turn.SECRETARY:
            return Late(units=state.units_above[:1])
        case Turn.AUTHORITY | Turn.ADDRESSEE:  # nor whoever is below them
            above = state.units_above
            by = state.takers(step, item) if isinstance(state, review.State) else above[-1:]
            return Late(units=above[: above.index(by[-1]) + 1])
        case never:
            assert_never(never)


def is_excusable(state: Any, step: str) -> bool:
    """Tell whether a step waits for whoever is reviewed; nobody answers for an escalation so."""
    match state:
        case review.State():
            return presence.may_be_away(state, Step(step))
        case plan.State():
            return state.turn_of(Step(step)) is Turn.MEMBER
        case _:
            return False
