"""Who belongs where now, as projected: who is reviewed in a unit's year, and the way up from it."""

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from events.definitions.records import Period
from events.definitions.roster import Standing
from events.domain.organisation import member, unit
from events.domain.organisation.succession import SUCCESSIONS_MAX
from events.domain.organisation.unit import PATH_MAX
from events.domain.review.opening import OpenReview
from events.identifiers import MemberId, UnitId
from events.store.database import Database
from services.read_models import states, tree

NOWHERE = UnitId("")  # a top that no way up reaches: they go on to where the tree ends
BRANCHES_MAX = 200  # units directly below one that are named beside another


def opening_of(
    period: Period,
    member_id: MemberId,
    holds: member.Member,
    path: tuple[UnitId, ...],
    kinds: tuple[str, ...],
    *,
    above: tuple[UnitId, ...],
    away: str = "",
) -> OpenReview:
    """Return the review of somebody who is enrolled, by what holds of them and of their path."""
    return OpenReview(
        period=period,
        member_id=member_id,
        path=path,
        standing=Standing(holds.standing or Standing.OFFICIAL),
        posts=tuple((UnitId(each.unit_id), each.post) for each in holds.posts),
        kinds=kinds,
        above=above,
        member_since=holds.membership_since or None,
        away=away,
    )


def deciding(database: Database, units: Iterable[UnitId]) -> list[UnitId]:
    """Return which of some units may open periods, as HR or the operator says, by their ids."""
    found = units_told(database, units)
    return [UnitId(unit_id) for unit_id, each in found.items() if each.authority_since]


def holders_of_issuer(database: Database, issuer: str) -> list[UnitId]:
    """Return which units were given an issuer's name, by their ids: one, unless HR erred."""
    if not states.serving_build(database, states.UNITS.projection):
        return []
    sql = "SELECT unit_id FROM unit_issuers WHERE issuer = ? ORDER BY unit_id"
    return [UnitId(row[0]) for row in database.rows(sql, (issuer,))]


def units_told(database: Database, units: Iterable[str]) -> dict[str, unit.Unit]:
    """Return what holds of units, by their ids."""
    sql = "SELECT unit_id, state FROM unit_states WHERE unit_id IN ?"
    rows = sorted(database.read(lambda t: t.rows_in(sql, sorted(set(units)))))
    return {row[0]: unit.view(states.UNITS.state_in(row)) for row in rows}


def holders(
    database: Database, unit_id: UnitId, wanted: Collection[str], top: UnitId
) -> list[MemberId]:
    """Return who holds one of some posts in a unit, and belongs to it or below another, by id."""
    held = _posts_in(database, [unit_id])
    return _belonging(database, (each for each in held if each.post in wanted), {unit_id, top})


def units_with(database: Database, units: Iterable[str], posts: Collection[str]) -> frozenset[str]:
    """Return in which of some units somebody who is enrolled anywhere holds one of some posts."""
    sql = "SELECT DISTINCT unit_id, post FROM member_posts WHERE for_id = '' AND unit_id IN ?"
    rows = database.read(lambda t: t.rows_in(sql, sorted(set(units))))
    return frozenset(unit_id for unit_id, post in rows if post in posts)


def posts_held(
    database: Database, units: Iterable[UnitId]
) -> dict[UnitId, list[tuple[MemberId, str]]]:
    """Return who holds which posts in each of some units, wherever they belong."""
    sql = "SELECT unit_id, member_id, post FROM member_posts WHERE for_id = '' AND unit_id IN ?"
    found = defaultdict[UnitId, list[tuple[MemberId, str]]](list)
    for unit_id, member_id, post in database.read(lambda t: t.rows_in(sql, sorted(set(units)))):
        found[UnitId(unit_id)].append((MemberId(member_id), post))
    return found


class StandsIn(NamedTuple):
    """That somebody was told to stand in for who holds a post: its days their stream tells."""

    member_id: MemberId
    unit_id: UnitId
    post: str
    for_id: MemberId


def standing_in(database: Database, units: Iterable[UnitId]) -> list[StandsIn]:
    """Return who was told to stand in for posts in some units, be it to come or over."""
    if not states.serving_build(database, states.MEMBERS.projection):
        return []
    sql = (
        "SELECT member_id, unit_id, post, for_id FROM member_posts WHERE for_id <> '' AND"
        " unit_id IN ?"
    )
    rows = database.read(lambda t: t.rows_in(sql, sorted(set(units))))
    return sorted(
        StandsIn(MemberId(member_id), UnitId(unit_id), post, MemberId(for_id))
        for member_id, unit_id, post, for_id in rows
    )


def successors_around(database: Database, units: Iterable[UnitId]) -> dict[UnitId, UnitId]:
    """Return which of some units were dissolved, and which others came to them, as projected.

    Each with its successor; those too that will be, by what was told ahead. So whoever holds posts
    in them learns where they may act no more, and for which other units they may.
    """
    wanted = {*units}
    if not wanted or not states.serving_build(database, states.UNITS.projection):
        return {}
    found = _successors(database, "unit_id", wanted)
    for _ in range(SUCCESSIONS_MAX):
        came = _successors(database, "successor_id", wanted) if wanted else {}
        wanted = came.keys() - found.keys()
        found |= came
    return found


def _successors(database: Database, column: str, units: Iterable[UnitId]) -> dict[UnitId, UnitId]:
    sql = f"SELECT unit_id, successor_id FROM unit_states WHERE {column} IN ?"
    rows = database.read(lambda t: t.rows_in(sql, sorted(units)))
    return {UnitId(unit_id): UnitId(successor) for unit_id, successor in rows if successor}


def members_of(database: Database, units: Iterable[UnitId]) -> list[MemberId]:
    """Return who is enrolled in some units now, or was left in one that came to them, by id."""
    if not all(states.serving_build(database, each.projection) for each in states.ROSTER):
        return []
    return enrolled_in(database, _with_units_merged(database, units))


def enrolled_in(database: Database, units: Iterable[str]) -> list[MemberId]:
    """Return who is enrolled in some units now, by their ids."""
    return _belonging_to(database, units, "enrolled")


def left_in(database: Database, units: Iterable[str]) -> list[MemberId]:
    """Return who belonged to some units when they left, and is no member now, by their ids."""
    return _belonging_to(database, units, "NOT enrolled")


def _belonging_to(database: Database, units: Iterable[str], who: str) -> list[MemberId]:
    sql = f"SELECT member_id FROM member_states WHERE {who} AND unit_id IN ?"
    wanted = sorted(units)
    return sorted(MemberId(row[0]) for row in database.read(lambda t: t.rows_in(sql, wanted)))


def coming_to(database: Database, units: Collection[str]) -> list[MemberId]:
    """Return who will belong to some units by what was told ahead, by their ids."""
    sql = "SELECT member_id, state FROM member_states WHERE timer_at IS NOT NULL ORDER BY member_id"
    rows = database.rows(sql)
    then = ((row[0], states.MEMBERS.state_in(row).with_all_ahead()) for row in rows)
    return [MemberId(key) for key, state in then if member.view(state).unit_id in units]


def _with_units_merged(database: Database, units: Iterable[UnitId]) -> frozenset[str]:
    """Return some units, and those that were dissolved and came to them, one after another."""
    sql = "SELECT unit_id FROM unit_states WHERE NOT formed AND successor_id IN ?"
    found, wanted = frozenset[str](), frozenset[str](units)
    while wanted:
        found |= wanted
        came = database.read(functools.partial(lambda t, w: t.rows_in(sql, w), w=sorted(wanted)))
        wanted = frozenset(row[0] for row in came) - found
    return found


def members_ever(database: Database) -> list[MemberId]:
    """Return everybody who was ever told to be a member."""
    if not states.serving_build(database, states.MEMBERS.projection):
        return []
    return [MemberId(row[0]) for row in database.rows("SELECT member_id FROM member_states")]


def acting_in(database: Database, units: Iterable[UnitId]) -> list[MemberId]:
    """Return who holds a post in some units and is enrolled in them or below, by their ids."""
    if not states.serving_build(database, states.MEMBERS.projection):
        return []
    wanted = set(units)
    return _belonging(database, _posts_in(database, wanted), wanted)


def holding_posts(database: Database, unit_id: UnitId) -> list[MemberId]:
    """Return who holds a post in a unit, wherever they belong, by their ids."""
    if not states.serving_build(database, states.MEMBERS.projection):
        return []
    return sorted({each.member_id for each in _posts_in(database, [unit_id])})


class _Held(NamedTuple):
    """A post that somebody holds who is enrolled."""

    member_id: MemberId
    post: str
    own_unit: UnitId  # to which they belong


def _posts_in(database: Database, units: Iterable[UnitId]) -> list[_Held]:
    """Return who holds which posts in some units, wherever they belong."""
    sql = "SELECT member_id, post, own_unit FROM member_posts WHERE for_id = '' AND unit_id IN ?"
    wanted = sorted(set(units))
    return [_Held(*row) for row in database.read(lambda t: t.rows_in(sql, wanted))]


def _belonging(
    database: Database, held: Iterable[_Held], roots: Collection[UnitId]
) -> list[MemberId]:
    """Return who of those that hold posts belongs to one of some units or below it, by id."""
    found = list(held)
    below = tree.those_below(database, {each.own_unit for each in found}, roots)
    return sorted({each.member_id for each in found if each.own_unit in below})


def every_unit(database: Database) -> list[UnitId]:
    """Return every unit that was ever told of."""
    if not states.serving_build(database, states.UNITS.projection):
        return []
    return [UnitId(row[0]) for row in database.rows("SELECT unit_id FROM unit_states")]


def units_above(database: Database, unit_id: UnitId) -> tuple[UnitId, ...]:
    """Return the units above one, from the next up to the top of its tree; up to any circle."""
    if not states.serving_build(database, states.UNITS.projection):
        return ()
    above, found = tree.parents(database, [unit_id]), [unit_id]
    while len(found) <= PATH_MAX:
        following = above.get(found[-1])
        if following is None or following in found:
            break
        found.append(following)
    return tuple(found[1:])


def units_around(
    database: Database, unit_id: UnitId, roots: Collection[UnitId]
) -> frozenset[UnitId]:
    """Return some units, and those below them that are next to another one in the tree.

    The one above it, those that hang directly below that, and those below itself: by them one
    comes everywhere, and they are few where everything below is a province.
    """
    if not states.serving_build(database, states.UNITS.projection):
        return frozenset()
    above = tree.parents(database, [unit_id]).get(unit_id)
    near = {unit_id, *([above] if above else [])}
    found = tree.those_below(database, {*roots, *near}, roots)
    sql = "SELECT unit_id FROM unit_states WHERE parent_id IN ? ORDER BY unit_id LIMIT "
    sql += str(BRANCHES_MAX)
    branches = list[str]()
    for each in sorted(near & found):
        merged = sorted(_with_units_merged(database, [UnitId(each)]))
        rows = database.read(functools.partial(lambda t, w: t.rows_in(sql, w), w=merged))
        branches += [row[0] for row in rows]
    return frozenset(map(UnitId, (*found, *branches)))


def path(above: Mapping[UnitId, UnitId | None], unit_id: UnitId, top: UnitId) -> tuple[UnitId, ...]:
    """Return the units from one up to another, both included; up to the first gap or circle."""
    found = [unit_id]
    while found[-1] != top and len(found) < PATH_MAX:
        following = above.get(found[-1])
        if following is None:
            break
        found.append(following)
    return tuple(found)
