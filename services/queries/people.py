"""Who asks: somebody's account, with what the roster tells of its member at this moment."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import msgspec

from events.definitions.event import Code
from events.domain.organisation import member, standing_in, succession
from events.domain.organisation.member import Member
from events.domain.organisation.succession import Successors
from events.identifiers import MemberId, UnitId, member_stream
from services.access.roles import Actor, Person, StandIn, person_of
from services.context import Context
from services.read_models import roster, states


def person_as(
    context: Context, account_id: str, member_id: MemberId, roles: Iterable[str] = ()
) -> Person:
    """Return a member who asks by an account, which was given some roles.

    What was told ahead of this moment holds, be it not yet told that its day came.
    """
    history, now = context.store.read_stream(member_stream(member_id)), context.clock.now()
    told = member.fold(history.events)
    due = told.with_due(now)
    holds = member.view(due)
    others = tuple(_standing_in(context, holds, now))
    held = [UnitId(each.unit_id) for each in holds.posts]
    own = [UnitId(holds.unit_id)] if holds.unit_id else []
    around = [*held, *(each.unit_id for each in others), *own]
    successors = _successors_around(context, around, now)
    person = person_of(
        account_id,
        roles,
        member_id,
        holds,
        history.version,
        successors=successors,
        stands_in=others,
    )
    return person if due is told else msgspec.structs.replace(person, foretold=True)


def _standing_in(context: Context, holds: Member, now: datetime) -> Iterator[StandIn]:
    """Iterate over the posts of others in which a member stands in, by what is told of these."""
    for each in holds.delegations:
        for_id = MemberId(each.for_id)
        holder = holds_of(context, for_id, now)
        if standing_in.counts(each, holds, holder, now):
            held = tuple((UnitId(post.unit_id), Code(post.post)) for post in holder.posts)
            unit_id = UnitId(each.unit_id)
            heads = tuple(_heads(context, holds, unit_id, now))
            yield StandIn(unit_id, Code(each.post), for_id, held, heads)


def _heads(
    context: Context, holds: Member, unit_id: UnitId, now: datetime
) -> Iterator[tuple[MemberId, Code]]:
    """Iterate over who holds which posts between a member and where they stand in, as projected."""
    read, database = context.store.events, context.store.database
    above = partial(succession.units_above, read=read, now=now)
    between = standing_in.units_between(holds, unit_id, above)
    if between and states.serving_build(database, states.MEMBERS.projection):
        for posts in roster.posts_held(database, between).values():
            yield from ((who, Code(post)) for who, post in posts)


def holds_of(context: Context, member_id: MemberId, at: datetime) -> Member:
    """Return what holds of a member at a moment, be it not yet told that its day came."""
    history = context.store.read_stream(member_stream(member_id))
    return member.view(member.fold(history.events).with_due(at))


def units_above(context: Context, person: Actor, path: Sequence[UnitId]) -> tuple[UnitId, ...]:
    """Return the units above the last of a path, where somebody may act in one; else none.

    They are read from what was told of each and not from lists, which may be behind.
    """
    if not person.acts_beside(path):
        return ()
    now = context.clock.now()
    return succession.units_above(
        path[-1], lambda each: context.store.read_stream(each).events, now=now
    )


def _successors_around(context: Context, held: Collection[UnitId], now: datetime) -> Successors:
    """Return who succeeded some units, and which others came to them, as told until now.

    Lists say which others may have; whoever held an office in a unit that was dissolved acts in
    it no more, and for one that was not dissolved after all, whatever lists say yet.
    """
    store = context.store
    listed = roster.successors_around(store.database, held)
    return succession.successors({*held, *listed}, store.events, now=now)
