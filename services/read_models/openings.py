"""Which reviews a unit's year opens, by who belongs to it and below now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from events.definitions.event import Code
from events.definitions.records import Hand, Period
from events.domain.organisation import member, unit
from events.domain.organisation.member import Reasons
from events.domain.organisation.timelines import State
from events.domain.review.collective import OpenCollective
from events.domain.review.opening import OpenReview
from events.domain.rulebook.terms import Why
from events.identifiers import MemberId, Stream, UnitId, member_stream, unit_stream
from events.store.database import Database
from services.access import words
from services.context import Context
from services.read_models import roster, states, tree


class ToOpen(NamedTuple):
    """Reviews to be opened, and how far the streams by which they are had been read."""

    reviews: Sequence[OpenReview | OpenCollective]
    seen: Mapping[Stream, int]


class Enrolled(NamedTuple):
    """Somebody who is a member, as far as a version of their stream tells."""

    member_id: MemberId
    version: int
    holds: member.Member
    away: str  # why they are: exempt, or the reason of an absence; empty if not known


class Below(NamedTuple):
    """A unit and those below it, where they hang, who belongs to them; by all of their streams."""

    formed: Mapping[str, unit.Unit]
    above: Mapping[UnitId, UnitId | None]
    versions: Mapping[Stream, int]  # of the units
    members: Iterable[Enrolled]  # by their ids


def as_listed(context: Context, top: UnitId) -> Below:
    """Return what is below a unit, as projected."""
    database = context.store.database
    units = sorted(tree.units_below(database, [top]))
    versions = _versions_seen(database, units)  # before what they tell is read: rather too early
    above, formed = tree.parents(database, units), roster.units_told(database, units)
    return Below(formed, above, versions, _members_in(context, units))


def reviews_to_open(
    context: Context,
    period: Period,
    top: UnitId,
    below: Below,
    *,
    held: Collection[UnitId] = (),
    offices: Collection[str] = (),
) -> ToOpen:
    """Return the review of every unit below one, then of everybody enrolled in it or below.

    Both by their ids. Whom or what the edition leaves out, the law says when it is opened. Units
    that are `held` have the period open themselves: of them it is the units' own reviews, and those
    of whoever holds one of the `offices` in such a unit.
    """
    others = tree.units_below(context.store.database, held) if held else frozenset()
    formed, above, seen = below.formed, below.above, {**below.versions}
    further = roster.path(above, top, roster.NOWHERE)[1:]
    leaders, found = defaultdict[str, list[Hand]](list), list[OpenReview]()
    for member_id, version, holds, away in below.members:
        seen[member_stream(member_id)] = version
        for post in holds.posts:
            hand = Hand(member_id=member_id, unit_id=UnitId(post.unit_id), post=Code(post.post))
            leaders[post.unit_id].append(hand)
        if holds.unit_id and holds.standing:
            own = _standing_unit(holds, formed, above)
            way = roster.path(above, own, top)
            if holds.unit_id in others and not _is_left_to_top(holds, way, held, offices):
                continue
            kinds = _kinds(formed, way)
            found.append(
                roster.opening_of(period, member_id, holds, way, kinds, above=further, away=away)
            )
    collectives = _collectives(period, top, formed, leaders, above)
    others_own = (e for e in collectives if e.unit_id in held or e.unit_id not in others)
    return ToOpen([*others_own, *found], seen)


def _versions_seen(database: Database, units: Sequence[str]) -> dict[Stream, int]:
    """Return how far the lists have come in the streams of units."""
    sql = "SELECT unit_id, version FROM unit_states WHERE unit_id IN ?"
    rows = database.read(lambda t: t.rows_in(sql, units))
    return {unit_stream(UnitId(unit_id)): version for unit_id, version in rows}


def _members_in(context: Context, units: Sequence[str]) -> Iterator[Enrolled]:
    """Iterate over who is enrolled in some units, by id, and why they are away: page by page."""
    database = context.store.database
    enrolled = roster.enrolled_in(database, units)
    for told in states.pages_of(database, states.MEMBERS, enrolled):
        yield from enrolled_as(context, told)


def enrolled_as(context: Context, told: Mapping[str, State]) -> Iterator[Enrolled]:
    """Iterate over members, as their states tell by their ids."""
    reasons = words.reasons_in(context, told.values())
    for member_id, state in told.items():
        holds = member.view(state)
        yield Enrolled(MemberId(member_id), state.version, holds, _why_away(holds, reasons))


def _collectives(
    period: Period,
    top: UnitId,
    formed: Mapping[str, unit.Unit],
    leaders: Mapping[str, list[Hand]],
    above: Mapping[UnitId, UnitId | None],
) -> Iterator[OpenCollective]:
    """Iterate over the reviews of units, with who holds posts there and belongs below the top."""
    standing = {UnitId(unit_id): each for unit_id, each in formed.items() if not each.dissolved_at}
    below = defaultdict[UnitId | None, list[UnitId]](list)
    for unit_id in standing:
        below[above.get(unit_id)].append(unit_id)
    for unit_id, each in standing.items():
        if unit_id != top:
            way = roster.path(above, unit_id, top)
            yield OpenCollective(
                period=period,
                unit_id=unit_id,
                path=way,
                kinds=_kinds(formed, way),
                leaders=tuple(leaders.get(unit_id, ())),
                below=tuple(below[unit_id]),
                formed_at=each.formed_at or None,
            )


def _is_left_to_top(
    holds: member.Member, way: Sequence[UnitId], held: Collection[UnitId], offices: Collection[str]
) -> bool:
    """Tell whether a year below leaves somebody to that of the top of their way up.

    It does with whoever holds an office in the highest unit that has a year itself, or above it.
    """
    last = max((n for n, each in enumerate(way[:-1]) if each in held), default=len(way))
    return any(each.unit_id in way[last:] and each.post in offices for each in holds.posts)


def _kinds(formed: Mapping[str, unit.Unit], path: Sequence[UnitId]) -> tuple[str, ...]:
    return tuple((each in formed and formed[each].kind) or "" for each in path)


def _standing_unit(
    holds: member.Member, formed: Mapping[str, unit.Unit], above: Mapping[UnitId, UnitId | None]
) -> UnitId:
    """Return somebody's unit; of one that was dissolved its successor, where they are."""
    unit_id = UnitId(str(holds.unit_id))
    told = formed.get(unit_id)
    return (told and told.dissolved_at and above.get(unit_id)) or unit_id


def _why_away(holds: member.Member, reasons: Reasons) -> str:
    """Return why somebody is away: exempt, or the reason of an absence; empty if not known."""
    return Why.EXEMPT if holds.exempt_since else reasons.get(holds.absent or "", "")
