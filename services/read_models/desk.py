"""What waits for somebody, how units stand in a year, and which escalations are open."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.deadline import Excuse
from events.domain import escalation, plan, review
from events.domain.deadlines import Task
from events.identifiers import MemberId, UnitId
from events.store.database import Database, Row, Transaction, moment
from services.read_models import states
from services.read_models.away import Away, away, over
from services.read_models.states import ESCALATIONS, PLANS, REVIEWS, Kind

ROWS_MAX = 200  # of one list, for one unit or one person

_TASKS: Mapping[str, Callable[[Any], tuple[Task, ...]]] = {
    REVIEWS.name: review.tasks,
    PLANS.name: plan.tasks,
    ESCALATIONS.name: escalation.tasks,
}
Led = Container[tuple[str, str]]  # periods and units: the years for which somebody answers

_OF_MEMBER = "member_id <> unit_id"  # the own unit of a collective is itself
_COLUMNS = "id, period, member_id, unit_id, top_id, task, actor_unit, actor_id, due_at, state"


class Waiting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step that waits for somebody."""

    kind: str  # "review", "plan" or "escalation"
    id: str  # the stream's name without its kind
    period: str
    member_id: str  # whom it is about
    unit_id: str  # their own unit
    step: str
    item: str | UnsetType = UNSET  # which milestone or criticism
    due_at: datetime | UnsetType = UNSET
    away: Excuse | UnsetType = UNSET  # why a review cannot go on just now


class Stages(msgspec.Struct, frozen=True):
    """How many reviews of one unit stand at a stage."""

    unit_id: UnitId
    stage: str
    count: int
    late: int


class Standing(msgspec.Struct, frozen=True):
    """Where one review stands."""

    member_id: MemberId  # or the unit's, of a collective
    stage: str
    level: str | None  # as decided
    due_at: datetime | None  # of what waits for others than the member
    late: bool


def periods(database: Database, member_id: MemberId) -> list[str]:
    """Return the years in which a member is reviewed, the newest first."""
    return _periods(database, "member_id = ?", member_id)


def periods_of_unit(database: Database, unit_id: UnitId) -> list[str]:
    """Return the years in which a unit's members are reviewed, the newest first."""
    return _periods(database, "unit_id = ?", unit_id)


def every_period(database: Database) -> list[str]:
    """Return the years in which anybody is reviewed, the newest first."""
    return _periods(database, "period <> ?", "")


def standings(database: Database, period: str, unit_id: UnitId) -> list[Standing]:
    """Return where the reviews of a unit's own members stand, by the members' ids."""
    return _standings(database, f"unit_id = ? AND {_OF_MEMBER}", period, unit_id)


def reviewed_among(database: Database, period: str, subjects: Iterable[str]) -> list[str]:
    """Return who of some members or units is reviewed in a period, by their ids."""
    wanted = sorted({f"{period}-{each}" for each in subjects})
    if not wanted or not states.projected(database, REVIEWS.projection):
        return []
    sql = "SELECT member_id FROM review_states WHERE id IN ?"
    return sorted(row[0] for row in database.read(lambda t: t.rows_in(sql, wanted)))


def collectives(database: Database, period: str, top: UnitId) -> list[Standing]:
    """Return where the reviews of units stand that a unit decides on, by the units' ids."""
    return _standings(database, f"top_id = ? AND NOT ({_OF_MEMBER})", period, top)


def inbox(database: Database, member_id: MemberId, units: Iterable[UnitId]) -> list[Waiting]:
    """Return what waits for a member, by themselves or by an office in units; urgent first."""
    offices = frozenset(units)
    kinds = [kind for kind in states.KINDS if states.projected(database, kind.projection)]

    def read(transaction: Transaction) -> tuple[list[tuple[Kind, Row]], Led, Away]:
        rows = [
            (kind, row)
            for kind in states.YEAR
            if kind in kinds
            for row in _rows_of(transaction, kind, member_id, offices)
        ]
        led = _led(transaction, kinds, member_id, [row for _, row in rows])
        about = [row[2] for kind, row in rows if kind is REVIEWS]
        return rows, led, away(transaction, kinds, about)

    rows, led, gone = database.read(read)
    found = [
        each
        for kind, row in rows
        if not over(kind, row, gone)
        for each in _waiting(kind, row, member_id, offices, led, gone)
    ]
    return sorted(found, key=_urgency)[:ROWS_MAX]


def stages(database: Database, period: str, top: UnitId) -> list[Stages]:
    """Return how the reviews that a unit decides on stand, by unit and stage."""
    if not states.projected(database, REVIEWS.projection):
        return []
    sql = (
        "SELECT unit_id, stage, count(*), sum(CASE WHEN late THEN 1 ELSE 0 END) "
        f"FROM review_states WHERE period = ? AND top_id = ? AND {_OF_MEMBER} "
        "GROUP BY unit_id, stage ORDER BY unit_id, stage"
    )
    rows = database.rows(sql, (period, top))
    return [Stages(UnitId(unit), stage, count, int(late)) for unit, stage, count, late in rows]


def levels(database: Database, period: str, top: UnitId) -> dict[str, int]:
    """Return how many members a unit rated with which level."""
    if not states.projected(database, REVIEWS.projection):
        return {}
    sql = (
        "SELECT level, count(*) FROM review_states "
        f"WHERE period = ? AND top_id = ? AND level IS NOT NULL AND {_OF_MEMBER} GROUP BY level"
    )
    return dict(database.rows(sql, (period, top)))


def deciding_units(database: Database, period: str) -> list[UnitId]:
    """Return the units that decide on somebody's review of a year."""
    if not states.projected(database, REVIEWS.projection):
        return []
    sql = "SELECT DISTINCT top_id FROM review_states WHERE period = ? ORDER BY top_id"
    return [UnitId(row[0]) for row in database.rows(sql, (period,)) if row[0]]


def open_escalations(
    database: Database, *, units: Iterable[UnitId] | None, about: MemberId | None
) -> list[tuple[str, escalation.State]]:
    """Return open escalations by their id: those about a member and those of units; all for None.

    Those of a unit are about its own members or members it decides on, or lie before it.
    """
    if not states.projected(database, ESCALATIONS.projection):
        return []
    sql = "SELECT id, state FROM escalation_states WHERE stage <> 'resolved'"
    end = f"ORDER BY id LIMIT {ROWS_MAX}"
    if units is None:
        rows = database.rows(f"{sql} {end}", ())
    else:
        rows = database.rows(f"{sql} AND member_id = ? {end}", (about or "",))
        of_unit = f"{sql} AND (unit_id = ? OR top_id = ? OR actor_unit = ?) {end}"
        for unit_id in sorted(set(units)):
            rows += database.rows(of_unit, (unit_id, unit_id, unit_id))
    return sorted({row[0]: ESCALATIONS.state_in(row) for row in rows}.items())


def _periods(database: Database, condition: str, value: str) -> list[str]:
    if not states.projected(database, REVIEWS.projection):
        return []
    sql = f"SELECT DISTINCT period FROM review_states WHERE {condition} ORDER BY period DESC"
    return [period for (period,) in database.rows(sql, (value,))]


def _standings(database: Database, condition: str, period: str, unit_id: UnitId) -> list[Standing]:
    if not states.projected(database, REVIEWS.projection):
        return []
    sql = (
        "SELECT member_id, stage, level, due_at, late FROM review_states "
        f"WHERE period = ? AND {condition} ORDER BY member_id"
    )
    return [
        Standing(MemberId(who), stage, level, moment(due) if due else None, bool(late))
        for who, stage, level, due, late in database.rows(sql, (period, unit_id))
    ]


def _rows_of(
    transaction: Transaction, kind: Kind, member_id: MemberId, offices: frozenset[UnitId]
) -> Iterable[Row]:
    """Return the rows in which something may wait for somebody, each once.

    The most urgent are sought by their columns alone: to sort whole states takes twice as long.
    """
    found: dict[str, Row] = {}
    for column, wanted in (
        ("member_id", [member_id, *offices]),
        ("actor_id", [member_id]),
        ("actor_unit", sorted(offices)),
    ):
        urgent = (
            f"SELECT id FROM {kind.projection} WHERE {column} IN ? "
            f"ORDER BY due_at IS NULL, due_at, id LIMIT {ROWS_MAX}"
        )
        sql = f"SELECT {_COLUMNS} FROM {kind.projection} WHERE id IN ({urgent})"
        found |= {row[0]: row for row in transaction.rows_in(sql, wanted)}
    return found.values()


def _led(
    transaction: Transaction, kinds: Container[Kind], member_id: MemberId, rows: Iterable[Row]
) -> Led:
    """Return the years of collectives for which a member answers, of those that rows are about.

    They may do so by its review, or by its plan alone, which they wrote for it.
    """
    wanted = sorted({f"{period}-{about}" for _, period, about, *_ in rows})
    if REVIEWS not in kinds or not wanted:
        return set()
    sql = f"SELECT {_COLUMNS} FROM review_states WHERE id IN ? AND NOT ({_OF_MEMBER})"
    units = [(REVIEWS, row) for row in transaction.rows_in(sql, wanted)]
    keys = [row[0] for _, row in units]
    sql = f"SELECT {_COLUMNS} FROM plan_states WHERE id IN ?"
    planned = transaction.rows_in(sql, keys) if PLANS in kinds and keys else []
    found = [*units, *((PLANS, row) for row in planned)]
    return {(row[1], row[2]) for kind, row in found if member_id in kind.state_in(row).leaders}


def _waiting(
    kind: Kind,
    row: Row,
    member_id: MemberId,
    offices: frozenset[UnitId],
    led: Led,
    gone: Away,
) -> Iterator[Waiting]:
    """Iterate over the steps of a row that wait for this member."""
    key, period, about, unit_id, *_ = row
    tasks = _of_office(kind, row, member_id, offices, led)
    for task in _of_state(kind, row, member_id, offices, led) if tasks is None else tasks:
        yield Waiting(
            kind=kind.name,
            id=key,
            period=period,
            member_id=about,
            unit_id=unit_id,
            step=task.step,
            item=task.item or UNSET,
            due_at=task.due_at or UNSET,
            away=gone.get(about, UNSET) if kind is REVIEWS else UNSET,
        )


def _of_office(
    kind: Kind, row: Row, member_id: MemberId, offices: frozenset[UnitId], led: Led
) -> tuple[Task, ...] | None:
    """Return the step that waits for an office as the columns tell it; None if they do not.

    They do of most rows of a large inbox, whose states need not be read then: those of others'
    reviews and plans, in which the step of a unit is the only one that waits for its offices.
    """
    _, period, about, _, _, step, actor_unit, actor_id, due_at, _ = row
    theirs = about in {member_id, *offices} or (period, about) in led or actor_id is not None
    if kind is ESCALATIONS or theirs or actor_unit not in offices:
        return None
    return (Task(step, "", moment(due_at) if due_at else None),)


def _of_state(
    kind: Kind, row: Row, member_id: MemberId, offices: frozenset[UnitId], led: Led
) -> Iterator[Task]:
    """Iterate over the steps of a state that wait for this member."""
    _, period, about, unit_id, top_id, _, actor_unit, actor_id, _, _ = row
    state = kind.state_in(row)
    theirs = about == member_id or about in offices or (period, about) in led
    turns = {
        "member": about == member_id or about in offices,
        "secretary": not theirs and (actor_unit or unit_id) in offices,
        "authority": not theirs and top_id in offices,
        "addressee": not theirs and actor_unit in offices,
        "follower": actor_id == member_id,
    }
    return (task for task in _TASKS[kind.name](state) if turns[task.who])


def _urgency(waiting: Waiting) -> tuple[bool, str, str, str]:
    due_at = waiting.due_at
    if isinstance(due_at, datetime):
        return False, due_at.isoformat(), waiting.id, waiting.step
    return True, "", waiting.id, waiting.step
