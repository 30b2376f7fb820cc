"""Who stands in for whom: which posts may be delegated, and when that counts.

Who stands in has the rights of a post and answers for them together with whose post it is. It is no
post of theirs: whoever leads a unit, heads it or is above somebody does so by posts of their own.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from events.definitions.records import Hand
from events.definitions.roster import DelegationEnded, PostDelegated, Standing
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day
from events.domain.organisation import member
from events.domain.organisation.delegations import Delegation
from events.domain.organisation.member import (
    ABSENCE,
    ENROLLED,
    EXEMPTION,
    STANDING,
    Member,
    Post,
)
from events.domain.organisation.timelines import State
from events.identifiers import UnitId

DAYS_MAX = 366  # that one delegation lasts
AHEAD_DAYS_MAX = 400  # in which it begins, as all that is told ahead
Above: TypeAlias = Callable[[UnitId], Iterable[UnitId]]  # the units above one, the next first
TIMELINES = (STANDING, ABSENCE, EXEMPTION)  # by which who is told to stand in does


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatePost:
    """Let a member stand in for who holds a post."""

    told: PostDelegated
    since: datetime
    holds: Member  # what holds by now of who is to stand in: it is asked again on the day
    holder: Member  # and of whose post it is
    way_up: Collection[UnitId]  # from the unit of who is to stand in
    taken: bool = False  # somebody else stands in for that post then


def delegate_post(command: DelegatePost) -> PostDelegated:
    """Return that a member stands in for who holds a post, as both are by now."""
    told, holds = command.told, command.holds
    require_sound(told, command.since)
    if not command.holder.has_post(told.unit_id, told.post):
        raise CommandRejected(Rejection.POST_NOT_HELD)
    is_there = told.unit_id in {*command.way_up, *(each.unit_id for each in holds.posts)}
    if not is_there or not _is_official(holds):  # of others, nothing is told apart
        raise CommandRejected(Rejection.NOT_TO_STAND_IN)
    known = delegation_in(holds, told.unit_id, told.post, told.for_id)
    is_void = known is not None and not _is_kept(known, command.holder)
    if command.taken or (known and is_void and known.until == told.until):
        raise CommandRejected(Rejection.DELEGATED_ALREADY)  # told again it says nothing new
    return told


def require_sound(told: PostDelegated, since: datetime) -> None:
    """Raise CommandRejected where somebody would stand in for themselves, or for no days."""
    if told.member_id == told.for_id:
        raise CommandRejected(Rejection.DELEGATED_TO_ONESELF)
    if not 1 <= (told.until - local_day(since)).days + 1 <= DAYS_MAX:
        raise CommandRejected(Rejection.DELEGATED_TOO_LONG, most=DAYS_MAX)


def require_to_come(since: date, today: date) -> None:
    """Raise CommandRejected where a delegation would begin before today, or too far ahead."""
    if not 0 <= (since - today).days <= AHEAD_DAYS_MAX:
        raise CommandRejected(Rejection.DELEGATED_NOT_AHEAD, most=AHEAD_DAYS_MAX)


def end_delegation(ended: DelegationEnded, holds: Member) -> DelegationEnded:
    """Return the end of a delegation that was told: what is over, or void, may be ended too."""
    if delegation_in(holds, ended.unit_id, ended.post, ended.for_id) is None:
        raise CommandRejected(Rejection.NOT_DELEGATED)
    return ended


def delegation_in(holds: Member, unit_id: str, post: str, for_id: str) -> Delegation | None:
    """Return how somebody was told to stand in for a post of another one."""
    wanted = (unit_id, post, for_id)
    told = (e for e in holds.delegations if (e.unit_id, e.post, e.for_id) == wanted)
    return next(told, None)


def every_delegation(state: State) -> tuple[Delegation, ...]:
    """Return what was delegated to somebody and not ended, be it over or still to come."""
    by_now, then = member.view(state), member.view(state.with_all_ahead())
    return tuple(dict.fromkeys((*by_now.delegations, *then.delegations)))


def overlaps(told: Delegation, since: date, until: date) -> bool:
    """Tell whether a delegation covers any of some days."""
    return told.until >= since and local_day(told.since) <= until


def acts_by(hand: Hand, holds: Member, holder: Member, at: datetime) -> bool:
    """Tell whether somebody stands in as a hand says, by what holds of both then."""
    told = delegation_in(holds, hand.unit_id, hand.post, hand.for_id or "")
    return told is not None and counts(told, holds, holder, at)


def counts(delegation: Delegation, holds: Member, holder: Member, at: datetime) -> bool:
    """Tell whether who was told to stand in does so at a time, by what holds of both then.

    Who lost the post meanwhile delegates it no more, be it given to them again.
    """
    there = _is_official(holds) and not holds.absent and not holds.exempt_since
    return _is_kept(delegation, holder) and there and local_day(at) <= delegation.until


def _is_kept(delegation: Delegation, holder: Member) -> bool:
    """Tell whether the post is held as on the day from which it was delegated."""
    held = _post_of(delegation, holder)
    return held is not None and local_day(held.since) <= local_day(delegation.since)


def is_headed(
    by: Hand, holds: Member, subject: Member, offices: Collection[str], above: Above
) -> bool:
    """Tell whether who stands in would judge somebody who heads them: it counts for nothing then.

    Unless they hold an office of their own where they stand in, as a colleague.
    """
    own, led = (
        {each.unit_id for each in one.posts if each.post in offices} for one in (holds, subject)
    )
    return by.unit_id not in own and not led.isdisjoint(units_between(holds, by.unit_id, above))


def units_between(holds: Member, unit_id: str, above: Above) -> tuple[UnitId, ...]:
    """Return the units from that of who stands in up to the one of the post, which may be theirs.

    All the way up, where the post is in none of these.
    """
    own = [UnitId(each) for each in (holds.own_unit,) if each]
    way_up = [up for each in own for up in (each, *above(each))]
    return tuple(way_up[: way_up.index(UnitId(unit_id)) + 1] if unit_id in way_up else way_up)


def _post_of(delegation: Delegation, holder: Member) -> Post | None:
    wanted = (delegation.unit_id, delegation.post)
    return next((each for each in holder.posts if (each.unit_id, each.post) == wanted), None)


def _is_official(holds: Member) -> bool:
    return holds.membership == ENROLLED and holds.standing == Standing.OFFICIAL.value
