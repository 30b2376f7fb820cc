"""What follows for a member's plan from which posts they hold by now: nobody below judges it.

A worker tells it; whoever judges the plan tells it first, and whoever verifies asks for it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from events.definitions.event import Code
from events.definitions.plan import PlanMoved, PlanUnfollowed
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation.member import ENROLLED, Member
from events.domain.plan.plan_steps import opened_plan
from events.domain.plan.state import State, Status
from events.domain.year import heading
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import UnitId

LEFT, ANSWERS, BELOW = Code("left"), Code("answers"), Code("below")  # why somebody follows no more


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


def unfollow(state: State, follower: Member, whose: Whose, rules: Rules) -> PlanUnfollowed:
    """Return that nobody follows a plan: who did left, answers for its unit, or is below.

    Raises CommandRejected where they go on, and where nothing is left to follow.
    """
    opened, who = opened_plan(state), state.follower_id
    is_open = any(each.status is not Status.APPROVED for each in state.milestones)
    reason = _why_not(state, follower, whose, rules) if who and is_open else None
    if who is None or reason is None:
        raise CommandRejected(Rejection.FOLLOWS_ON)
    return PlanUnfollowed(
        period=opened.period, member_id=opened.member_id, follower_id=who, reason=reason
    )


def _why_not(state: State, follower: Member, whose: Whose, rules: Rules) -> Code | None:
    """Return why somebody does not follow a plan; None where they do."""
    opened, offices = opened_plan(state), rules.rulebook.offices
    if follower.membership != ENROLLED:
        return LEFT
    held = {each.unit_id for each in follower.posts if each.post in offices}
    if opened.collective and opened.member_id in held:
        return ANSWERS
    return BELOW if is_below(state, follower, whose, rules) else None


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
