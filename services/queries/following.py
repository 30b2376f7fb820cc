"""What follows for a member's review, by what the streams of the member and of units tell now."""

import functools
from collections.abc import Callable, Iterable
from datetime import datetime

from events.definitions.entry import Recorded
from events.domain.organisation import member, succession, timelines, unit
from events.domain.organisation.succession import Place
from events.domain.review import following, review
from events.domain.review.following import Follows, Tree
from events.domain.review.writing_steps import opened_review
from events.domain.year.rules import Rules
from events.identifiers import Stream, UnitId, member_stream, unit_stream

NAME = "transfers"  # of the reaction that tells it

Read = Callable[[Stream], Iterable[Recorded]]


def followed_by(read: Read, state: review.State, rules: Rules, *, now: datetime) -> Follows:
    """Return what follows for a review. Raises CommandRejected where nothing does.

    Lists are not asked: they may not know yet where a new unit hangs.
    """
    about = opened_review(state).member_id
    holds = member.view(member.fold(read(member_stream(about))))
    return following.follow(state, holds, _tree(read), rules, now=now)


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
