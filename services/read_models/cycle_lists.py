"""How units stand in a year, and which escalations are open."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from events.definitions.review import ReviewOpened
from events.domain.documents.periods import Cadence, cadence_of, year_of
from events.domain.escalation import escalation
from events.domain.review import review
from events.identifiers import MemberId, UnitId
from events.store.database import Database, Row, moment
from services.read_models import states, tree
from services.read_models.states import ESCALATIONS, REVIEWS
from services.read_models.tables import IS_OPEN

ROWS_MAX = 200  # of one list

SAMPLE_MAX = 1_000  # reviews of a period of which most say whether it is over

ActingUnder = Callable[[str], Collection[UnitId]]  # where somebody acts, by an edition's digest

OF_MEMBER = "member_id <> unit_id"  # the own unit of a collective is itself
OF_UNIT = "member_id = unit_id"


class Way(NamedTuple):
    """A way that reviews go up."""

    path: tuple[UnitId, ...]  # as pinned: from the unit whose members they are to the deciding one
    rulebook: str  # the digest of the edition by which they go


class Top(NamedTuple):
    """A unit that decides on somebody's review of a period."""

    unit_id: UnitId
    rulebooks: frozenset[str]  # by which such reviews go: the first and the last, by their digests


class Stages(msgspec.Struct, frozen=True):
    """How many reviews that go up one way stand at a stage."""

    way: Way
    stage: str
    count: int
    late: int


class ReviewProgress(msgspec.Struct, frozen=True):
    """Where one review stands."""

    member_id: MemberId  # or the unit's, of a collective
    way: Way
    stage: str
    level: str | None  # as decided
    due_at: datetime | None  # of what waits for others than the member
    late: bool


def periods(database: Database, member_id: MemberId) -> list[str]:
    """Return the periods in which a member is reviewed: what goes on first, then the newest."""
    return _in_order(_rows_by_period(database, "member_id = ?", member_id))


def periods_of_unit(database: Database, unit_id: UnitId) -> list[str]:
    """Return the periods in which a unit's members are reviewed, in the same order."""
    return _in_order(_rows_by_period(database, "unit_id = ?", unit_id))


def every_period(database: Database) -> list[str]:
    """Return the periods in which anybody is reviewed, in the same order."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    return _in_order((each, _is_over(database, each)) for each in _each_period(database))


def openings(database: Database, period: str) -> Iterator[ReviewOpened]:
    """Iterate over how the reviews of a period were opened, by the ids of whom they are about.

    Which they are is read once, for to find each page anew takes a database as long as all of them.
    """
    keys = database.rows("SELECT id FROM review_states WHERE period = ? ORDER BY id", (period,))
    for start in range(0, len(keys), ROWS_MAX):
        page = [key for (key,) in keys[start : start + ROWS_MAX]]
        for row in _states_of(database, page):
            state = REVIEWS.state_in(row)
            if state.opened:
                yield state.opened.fact


def _states_of(database: Database, keys: Sequence[str]) -> list[Row]:
    sql = "SELECT id, state FROM review_states WHERE id IN ?"
    return sorted(database.read(lambda t: t.rows_in(sql, keys)))


def review_progress(database: Database, period: str, unit_id: UnitId) -> list[ReviewProgress]:
    """Return where the reviews of a unit's own members stand, by the members' ids."""
    return _progress(database, f"unit_id = ? AND {OF_MEMBER}", period, unit_id)


def progress_of(database: Database, period: str, member_id: MemberId) -> list[ReviewProgress]:
    """Return where a member's review stands, if there is one."""
    return _progress(database, "member_id = ?", period, member_id)


def subjects_reviewed(database: Database, period: str, subjects: Iterable[str]) -> list[str]:
    """Return who of some members or units is reviewed in a period, by their ids."""
    wanted = sorted({f"{period}-{each}" for each in subjects})
    if not wanted or not states.serving_build(database, REVIEWS.projection):
        return []
    sql = "SELECT member_id FROM review_states WHERE id IN ?"
    return sorted(row[0] for row in database.read(lambda t: t.rows_in(sql, wanted)))


def collectives(database: Database, period: str, top: UnitId) -> list[ReviewProgress]:
    """Return where the reviews of units stand that a unit decides on, by the units' ids."""
    return _progress(database, f"top_id = ? AND {OF_UNIT}", period, top)


def stages(database: Database, period: str, top: UnitId) -> list[Stages]:
    """Return how the reviews that a unit decides on stand, by their ways up and stages."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    sql = (
        "SELECT path, rulebook, stage, count(*), sum(CASE WHEN late THEN 1 ELSE 0 END) "
        f"FROM review_states WHERE period = ? AND top_id = ? AND {OF_MEMBER} "
        "GROUP BY rulebook, path, stage ORDER BY rulebook, path, stage"
    )
    rows = database.rows(sql, (period, top))
    return [Stages(_way(*way), stage, count, int(late)) for *way, stage, count, late in rows]


def ways_up(database: Database, period: str, units: Iterable[UnitId]) -> list[Way]:
    """Return the ways that reviews of some units' members go up in a period, as pinned."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    wanted = "period = ? AND unit_id = ? ORDER BY path, rulebook"
    sql = f"SELECT DISTINCT path, rulebook FROM review_states WHERE {wanted}"
    found = (database.rows(sql, (period, each)) for each in units)
    return [_way(*row) for rows in found for row in rows]


def levels(database: Database, period: str, top: UnitId) -> dict[str, int]:
    """Return how many members a unit rated with which level."""
    if not states.serving_build(database, REVIEWS.projection):
        return {}
    sql = (
        "SELECT level, count(*) FROM review_states "
        f"WHERE period = ? AND top_id = ? AND level IS NOT NULL AND {OF_MEMBER} GROUP BY level"
    )
    return dict(database.rows(sql, (period, top)))


def subjects_decided_by(database: Database, period: str, top: UnitId) -> list[MemberId]:
    """Return the members and units whose reviews of a period a unit decides, by their ids."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    sql = "SELECT member_id FROM review_states WHERE period = ? AND top_id = ? ORDER BY member_id"
    return [MemberId(row[0]) for row in database.rows(sql, (period, top))]


def broken_off(database: Database, keys: Iterable[str]) -> frozenset[str]:
    """Return which reviews, by their keys, were voided or ended, and not opened again."""
    wanted = sorted(keys)
    if not wanted or not states.serving_build(database, REVIEWS.projection):
        return frozenset()
    sql = "SELECT id, period, stage FROM review_states WHERE id IN ?"
    rows = database.read(lambda t: t.rows_in(sql, wanted))
    return frozenset(key for key, period, stage in rows if not period or stage == review.ENDED)


def deciding_units(database: Database, period: str) -> list[Top]:
    """Return the units that decide on somebody's review of a year, by their ids."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    following = "SELECT min(top_id) FROM review_states WHERE period = ? AND top_id > {}"
    under = "SELECT {}(rulebook) FROM review_states WHERE period = ? AND top_id = value"
    sql = f"SELECT value, ({under.format('min')}), ({under.format('max')})"
    rows = database.rows(
        f"{sql} FROM ({each_after(following)}) AS tops ORDER BY value",
        (period, period, period, "", period),
    )
    return [Top(UnitId(top), frozenset(rulebooks)) for top, *rulebooks in rows]


def tops_below(database: Database, acting_under: ActingUnder) -> list[UnitId]:
    """Return which units decide on reviews by an edition that lets somebody act there or above."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    tops, found = defaultdict[str, set[UnitId]](set), set[str]()
    for period in _each_period(database):
        for top in deciding_units(database, period):
            for rulebook in top.rulebooks:
                tops[rulebook].add(top.unit_id)
    for rulebook, decide in tops.items():
        if wanted := sorted(acting_under(rulebook)):
            found |= tree.those_below(database, decide, wanted)
    return [UnitId(each) for each in sorted(found)]


def open_escalations(
    database: Database, *, units: Iterable[UnitId] | None, about: MemberId | None
) -> list[tuple[str, escalation.State]]:
    """Return open escalations by their id: those about a member and those of units; all for None.

    Those of a unit are about its own members or members it decides on, or lie before it.
    """
    if not states.serving_build(database, ESCALATIONS.projection):
        return []
    sql = f"SELECT id, state FROM escalation_states WHERE {IS_OPEN}"
    end = f"ORDER BY id LIMIT {ROWS_MAX}"
    if units is None:
        rows = database.rows(f"{sql} {end}", ())
    else:
        rows = database.rows(f"{sql} AND member_id = ? {end}", (about or "",))
        for unit_id in sorted(set(units)):
            of_unit: dict[str, Row] = {}
            for column in ("unit_id", "top_id", "actor_unit"):
                found = database.rows(f"{sql} AND {column} = ? {end}", (unit_id,))
                of_unit |= {row[0]: row for row in found}
            rows += [of_unit[key] for key in sorted(of_unit)[:ROWS_MAX]]
    return sorted({row[0]: ESCALATIONS.state_in(row) for row in rows}.items())


_ANNOUNCED = "AVG(CASE WHEN stage = ? THEN 1.0 ELSE 0.0 END) > 0.5"  # of most reviews


def _rows_by_period(database: Database, condition: str, value: str) -> list[Row]:
    """Return the periods of few reviews, and whether each is over: whether most are announced."""
    if not states.serving_build(database, REVIEWS.projection):
        return []
    sql = f"SELECT period, {_ANNOUNCED} FROM review_states WHERE {condition} GROUP BY period"
    return database.rows(sql, (review.ANNOUNCED, value))


def _is_over(database: Database, period: str) -> bool:
    """Tell whether most reviews of a period are announced, of a bounded number; asked of quarters.

    Nothing is ordered by whether a year is over.
    """
    if cadence_of(period) is Cadence.YEAR:
        return False
    some = f"SELECT stage FROM review_states WHERE period = ? LIMIT {SAMPLE_MAX}"
    sql = f"SELECT {_ANNOUNCED} FROM ({some}) AS found"
    return bool(database.rows(sql, (review.ANNOUNCED, period))[0][0])


def _each_period(database: Database) -> list[str]:
    """Return the periods in which anybody is reviewed, each found by the one before.

    So it costs as much as there are periods; DISTINCT reads every review of every year.
    """
    following = "SELECT min(period) FROM review_states WHERE period > {}"
    return [row[0] for row in database.rows(each_after(following), ("",))]


def each_after(following: str) -> str:
    """Return SQL for values of which each is the next one after, from the first after a given."""
    return f"""
    WITH RECURSIVE each (value) AS (
      SELECT ({following.format("?")})
      UNION ALL SELECT ({following.format("each.value")}) FROM each WHERE each.value IS NOT NULL)
    SELECT value FROM each WHERE value IS NOT NULL"""


def _in_order(rows: Iterable[Row]) -> list[str]:
    return [period for period, _ in sorted(rows, key=_place_in_time, reverse=True)]


def _place_in_time(row: Row) -> tuple[int, bool, bool, str]:
    """Return by what periods are ordered: a quarter comes before its year until it is over."""
    period, is_over = row
    is_year = cadence_of(period) is Cadence.YEAR
    return year_of(period), not is_year and not is_over, is_year, period


def _progress(database: Database, condition: str, period: str, value: str) -> list[ReviewProgress]:
    if not states.serving_build(database, REVIEWS.projection):
        return []
    sql = (
        "SELECT member_id, path, rulebook, stage, level, due_at, late FROM review_states "
        f"WHERE period = ? AND {condition} ORDER BY member_id"
    )
    return [
        ReviewProgress(
            MemberId(who), _way(*way), stage, level, moment(due) if due else None, bool(late)
        )
        for who, *way, stage, level, due, late in database.rows(sql, (period, value))
    ]


def _way(path: str, rulebook: str) -> Way:
    return Way(tuple(map(UnitId, path.split())), rulebook)
