"""What the roster tells of a wish to have somebody stand in: of both, the tree, and others.

Who asks says how streams are read: a command holds them still.
"""

from collections.abc import Callable
from datetime import date, datetime

from events.definitions.roster import PostDelegated
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, standing_in, succession
from events.domain.organisation.standing_in import DelegatePost
from events.domain.organisation.timelines import State
from events.identifiers import MemberId, Stream, UnitId, member_stream, unit_stream
from events.store.database import Database
from services.read_models import roster

StateOf = Callable[[Stream], State]  # of a member or unit


def wish_of(
    told: PostDelegated, since: datetime, state_of: StateOf, database: Database, *, now: datetime
) -> DelegatePost:
    """Return the wish that a delegation is, with what holds of both now.

    What was told ahead of them is nothing to whoever may not see it.
    """
    holds, holder = (
        member.view(state_of(member_stream(each)).with_due(now))
        for each in (told.member_id, told.for_id)
    )

    def place_of(unit_id: UnitId) -> succession.Place:
        return succession.place_in(state_of(unit_stream(unit_id)).with_due(now))

    own = [UnitId(holds.own_unit)] if holds.own_unit else []
    above = (up for each in own for up in succession.acting_way_up(each, place_of))
    return DelegatePost(
        told=told,
        since=since,
        holds=holds,
        holder=holder,
        way_up=(*own, *above),
        taken=_is_taken(told, local_day(since), state_of, database),
    )


def _is_taken(told: PostDelegated, since: date, state_of: StateOf, database: Database) -> bool:
    """Tell whether another one stands in for that post on any of these days, as lists name them."""
    listed = roster.standing_in(database, [told.unit_id])
    others = {each.member_id for each in listed if (each.post, each.for_id) == _post(told)}
    return any(
        standing_in.overlaps(each, since, told.until)
        for other in sorted(others - {told.member_id})
        for each in standing_in.every_delegation(state_of(member_stream(other)))
        if (each.unit_id, each.post, each.for_id) == (told.unit_id, *_post(told))
    )


def _post(told: PostDelegated) -> tuple[str, MemberId]:
    return told.post, told.for_id
