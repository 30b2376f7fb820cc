"""What follows for a member's plan from which posts they hold by now: nobody below judges it.

A worker tells it; whoever judges the plan tells it first, and whoever verifies asks for it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from events.definitions.plan import PlanMoved
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation.member import Member
from events.domain.plan.plan_steps import opened_plan
from events.domain.plan.state import State
from events.domain.year import heading
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose plan it is, as they stand by now, and what was pinned in the review that it is of."""

    holds: Member
    tree: Tree
    path: tuple[UnitId, ...]  # of the review, up to the unit whose year it is
    group: str


def follow_plan(state: State, whose: Whose, rules: Rules) -> PlanMoved:
    """Return that units judge a plan of which its member heads none, or else their colleagues.

    Raises CommandRejected where nothing follows: also of the plan of a unit.
    """
    opened = opened_plan(state)
    judges = state.pinned_path
    if not opened.collective:
        judges = _judges(judges, whose, rules)
    if judges == state.pinned_path:
        raise CommandRejected(Rejection.PLAN_THERE)
    return PlanMoved(period=opened.period, member_id=opened.member_id, path=judges)


def require_followed(state: State, whose: Whose, rules: Rules) -> None:
    """Raise CommandRejected where something follows for a plan that is still to be told."""
    try:
        follow_plan(state, whose, rules)
    except CommandRejected as rejection:
        if rejection.why is Rejection.PLAN_THERE:
            return
        raise
    raise CommandRejected(Rejection.PLAN_FOLLOWS)


def is_below(state: State, follower: Member, whose: Whose, rules: Rules) -> bool:
    """Tell whether somebody belongs below whose plan it is, and is no colleague of theirs.

    A colleague is who holds an office in a unit that judges the plan.
    """
    if follower.own_unit is None or opened_plan(state).collective:
        return False
    held = heading.offices_held(whose.holds, rules, whose.group)
    own = heading.offices_held(follower, rules, whose.group)
    below = heading.is_under(UnitId(follower.own_unit), held, whose.tree)
    return below and own.isdisjoint(state.path)


def _judges(path: Sequence[UnitId], whose: Whose, rules: Rules) -> tuple[UnitId, ...]:
    """Return those of a path that its member does not head, or the next above that they do not.

    They stay where none is headed. Where all is, colleagues do it, in the unit whose year it is,
    or in the highest one above it that they head.
    """
    offices = heading.offices_held(whose.holds, rules, whose.group)
    if not offices:
        return tuple(path)
    above = whose.tree.way_up(whose.path[-1])[1:]
    highest = max((n for n, each in enumerate(above, 1) if each in offices), default=0)
    line = (*whose.path, *above[:highest])
    beyond = line[line.index(path[-1]) + 1 :] if path[-1] in line else ()
    free = {e for e in (*path, *beyond) if not heading.is_under(e, offices, whose.tree)}
    left = tuple(each for each in path if each in free)
    return left or tuple(e for e in beyond if e in free)[:1] or (*path, *beyond)[-1:]
