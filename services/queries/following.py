"""What follows for a member's review or plan, by what streams of member and units tell now."""

import functools
from collections.abc import Callable, Iterable
from datetime import datetime

from events.definitions.entry import Recorded
from events.definitions.plan import PlanMoved, PlanUnfollowed
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import member, succession, timelines, unit
from events.domain.organisation.succession import Place
from events.domain.plan import following as plan_following
from events.domain.plan import plan
from events.domain.plan.following import Whose
from events.domain.plan.plan_steps import opened_plan
from events.domain.review import following, review
from events.domain.review.following import Follows
from events.domain.review.writing_steps import opened_review
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    member_stream,
    review_stream,
    unit_stream,
)

NAME = "transfers"  # of the reaction that tells it

Read = Callable[[Stream], Iterable[Recorded]]


def followed_by(read: Read, state: review.State, rules: Rules, *, now: datetime) -> Follows:
    """Return what follows for a review. Raises CommandRejected where nothing does.

    Lists are not asked: they may not know yet where a new unit hangs.
    """
    about = opened_review(state).member_id
    holds = member.view(member.fold(read(member_stream(about))))
    return following.follow(state, holds, _tree(read), rules, now=now)


def plan_followed_by(read: Read, state: plan.State, rules: Rules) -> PlanMoved | None:
    """Return before whom a plan goes on, as `followed_by` a review; None where it stays."""
    if state.opened is None or not rules.rulebook.competence:
        return None
    try:
        return plan_following.follow_plan(state, _whose(read, state), rules)
    except CommandRejected as rejection:
        if rejection.why is Rejection.PLAN_THERE:
            return None
        raise


def plan_unfollowed_by(read: Read, state: plan.State, rules: Rules) -> PlanUnfollowed | None:
    """Return that nobody follows a plan by now; None where whoever does goes on, or nobody did."""
    if state.follower_id is None:
        return None
    holds = member.view(member.fold(read(member_stream(state.follower_id))))
    try:
        return plan_following.unfollow(state, holds, _whose(read, state), rules)
    except CommandRejected as rejection:
        if rejection.why is Rejection.FOLLOWS_ON:
            return None
        raise


def follows_from_below(read: Read, state: plan.State, who: MemberId, rules: Rules) -> bool:
    """Tell whether somebody is below whose plan it is, and so does not follow it."""
    if state.opened is None or not rules.rulebook.competence:
        return False
    holds = member.view(member.fold(read(member_stream(who))))
    return plan_following.is_below(state, holds, _whose(read, state), rules)


def _whose(read: Read, state: plan.State) -> Whose:
    opened = opened_plan(state)
    reviewed = review.fold(read(review_stream(opened.period, opened.member_id)))
    return Whose(
        holds=member.view(member.fold(read(member_stream(opened.member_id)))),
        tree=_tree(read),
        path=reviewed.pinned_path,
        group=opened_review(reviewed).group or "",
    )


def _tree(read: Read) -> Tree:
    @functools.cache
    def told_of(unit_id: UnitId) -> timelines.State:
        return unit.fold(read(unit_stream(unit_id)))

    def place_of(unit_id: UnitId) -> Place:
        return succession.place_in(told_of(unit_id))

    return Tree(
        way_up=functools.cache(lambda each: succession.acting_way_up(each, place_of)),
        kind_of=lambda each: unit.view(told_of(each)).kind or "",
    )
