"""What waits for somebody, of all that goes on in a year; the most urgent first."""

import functools
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.deadline import Excuse
from events.domain.documents.document import Bilingual
from events.domain.steps import SEVERAL, Aggregate, Step, Turn, Where, steps_of
from events.domain.year.deadlines import Task
from events.identifiers import MemberId, Stream, UnitId
from events.store import reference
from events.store.database import Database, Row, Transaction, moment
from services.access.roles import Actor, Person
from services.read_models import states
from services.read_models.cycle_lists import OF_UNIT, each_after
from services.read_models.presence import Excuses, excuses_of, is_over
from services.read_models.states import ESCALATIONS, PLANS, REVIEWS, Kind

ROWS_MAX = 200  # for one person
ASKED_MAX = 100  # of whom or what one statement asks; SQLite joins 500 queries at most

Led = Container[tuple[str, str]]  # periods and units: the years for which somebody answers

_COLUMNS = (
    "id, period, member_id, unit_id, top_id, rulebook, task, actor_unit, actor_id, barred, due_at,"
    " state"
)


class Waiting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step that waits for somebody."""

    kind: str  # "review", "plan" or "escalation"
    id: str  # the stream's name without its kind
    period: str
    member_id: str  # whom it is about
    unit_id: str  # their own unit
    step: str
    item: str | UnsetType = UNSET  # which milestone, criticism or appraisal
    label: Bilingual | UnsetType = UNSET  # what the edition calls the step, where it says so
    due_at: datetime | UnsetType = UNSET
    for_id: str | UnsetType = UNSET  # for whom they stand in, where it waits for them by that
    away: Excuse | UnsetType = UNSET  # why a review cannot go on just now
    unfollowed: str | UnsetType = UNSET  # why nobody follows a plan: another is to be named first


Sought = tuple[str, str, str]  # a unit, an edition's digest, and a step that somebody takes there


class Asked(NamedTuple):
    """Who asks what waits for them: under each edition as who acts by it."""

    person: Person
    member_id: MemberId
    under: Callable[[str], Actor]  # by an edition's digest


def of_person(database: Database, person: Person) -> list[Waiting]:
    """Return what waits for somebody, by themselves or by an office; urgent first.

    What waited for units that were dissolved waits for those who act for them.
    """
    if person.member_id is None:
        return []
    asked = Asked(person, person.member_id, _under(database, person))
    kinds = [kind for kind in states.YEAR if states.serving_build(database, kind.projection)]
    sought = {kind: _steps_taken(database, kind, asked) for kind in kinds}
    others = [each for each in states.ROSTER if states.serving_build(database, each.projection)]

    def read(transaction: Transaction) -> tuple[list[tuple[Kind, Row]], Led, Excuses]:
        rows = [
            (kind, row)
            for kind in kinds
            for row in _rows_of(transaction, kind, asked, sought[kind])
        ]
        led = _collectives_led(transaction, kinds, asked.member_id, [row for _, row in rows])
        about = [row[2] for kind, row in rows if kind is REVIEWS]
        return rows, led, excuses_of(transaction, (*kinds, *others), about)

    rows, led, gone = database.read(read)
    found = [
        each
        for kind, row in rows
        if not is_over(kind, row, gone)
        for each in _waiting_steps(kind, row, asked, led, gone)
    ]
    return sorted(found, key=_urgency)[:ROWS_MAX]


def plans_before(database: Database, follower_id: MemberId) -> list[Stream]:
    """Return the streams of the plans in which evidence waits for whoever follows them."""
    rows = database.rows("SELECT id FROM plan_states WHERE actor_id = ?", (follower_id,))
    return [PLANS.stream(key) for (key,) in rows]


def _under(database: Database, person: Person) -> Callable[[str], Actor]:
    @functools.cache
    def under(rulebook: str) -> Actor:
        return person.under(reference.rulebook_of(database, rulebook))

    return under


def _steps_taken(database: Database, kind: Kind, asked: Asked) -> list[Sought]:
    """Return before which units, by which editions, somebody takes which steps of a kind.

    Which editions there are before a unit is found in the index, each by the one before.
    """
    units = sorted(asked.person.units)
    following = (
        f"SELECT min(rulebook) FROM {kind.projection} WHERE actor_unit = ? AND rulebook > {{}}"
    )
    one = f"SELECT CAST(? AS TEXT) AS unit_id, value FROM ({each_after(following)}) AS of_one"
    found = list[Row]()
    for start in range(0, len(units), ASKED_MAX):
        asked_of = units[start : start + ASKED_MAX]
        sql = " UNION ALL ".join([one] * len(asked_of))
        found += database.rows(sql, [e for unit in asked_of for e in (unit, unit, "", unit)])
    return [
        (unit_id, rulebook, step.value)
        for unit_id, rulebook in found
        for step in steps_of(Aggregate(kind.name))
        if step.row.where is not Where.NOWHERE
        or (
            step.row.turn is Turn.FOLLOWER
            and asked.under(rulebook).hand_for([UnitId(unit_id)], step)
        )
    ]


def _rows_of(
    transaction: Transaction, kind: Kind, asked: Asked, sought: Sequence[Sought]
) -> Iterable[Row]:
    """Return the rows in which something may wait for somebody, each once.

    The most urgent are sought by their columns alone: to sort whole states takes twice as long. Of
    each whom they may wait for they are read in that order; of several at once all would be sorted.
    """
    found: dict[str, Row] = {}
    held = {unit_id for unit_id, _ in asked.person.posts}
    for condition, wanted in (
        ("member_id = ? AND waits = true", [(each,) for each in sorted({asked.member_id, *held})]),
        ("actor_id = ?", [(asked.member_id,)]),
        ("actor_unit = ? AND rulebook = ? AND task = ?", sought),
    ):
        for start in range(0, len(wanted), ASKED_MAX):
            some = wanted[start : start + ASKED_MAX]
            sql = _urgent_sql(kind.projection, condition, len(some))
            rows = transaction.rows(sql, [each for values in some for each in values])
            found |= {row[0]: row for row in rows}
    return found.values()


def _urgent_sql(table: str, condition: str, times: int) -> str:
    """Return SQL for the most urgent rows that one of several values fulfils a condition for."""
    end = f"ORDER BY due_at IS NULL, due_at, id LIMIT {ROWS_MAX}"
    one = f"SELECT * FROM (SELECT id, due_at FROM {table} WHERE {condition} {end}) AS of_one"
    urgent = f"SELECT id FROM ({' UNION ALL '.join([one] * times)}) AS of_all {end}"
    return f"SELECT {_COLUMNS} FROM {table} WHERE id IN ({urgent})"


def _collectives_led(
    transaction: Transaction, kinds: Container[Kind], member_id: MemberId, rows: Iterable[Row]
) -> Led:
    """Return the years of collectives for which a member answers, of those that rows are about.

    They may do so by its review, or by its plan alone, which they wrote for it.
    """
    wanted = sorted({f"{period}-{about}" for _, period, about, *_ in rows})
    if REVIEWS not in kinds or not wanted:
        return set()
    sql = f"SELECT {_COLUMNS} FROM review_states WHERE id IN ? AND {OF_UNIT}"
    units = [(REVIEWS, row) for row in transaction.rows_in(sql, wanted)]
    keys = [row[0] for _, row in units]
    sql = f"SELECT {_COLUMNS} FROM plan_states WHERE id IN ?"
    planned = transaction.rows_in(sql, keys) if PLANS in kinds and keys else []
    found = [*units, *((PLANS, row) for row in planned)]
    return {(row[1], row[2]) for kind, row in found if member_id in kind.state_in(row).leaders}


def _waiting_steps(
    kind: Kind, row: Row, asked: Asked, led: Led, gone: Excuses
) -> Iterator[Waiting]:
    """Iterate over the steps of a row that wait for who asks."""
    key, period, about, unit_id, *_ = row
    tasks = _of_office(kind, row, asked, led)
    for task in _of_state(kind, row, asked, led) if tasks is None else tasks:
        yield Waiting(
            kind=kind.name,
            id=key,
            period=period,
            member_id=about,
            unit_id=unit_id,
            step=task.step,
            item=task.item or UNSET,
            label=_label_of(asked.under(row[5]), task),
            due_at=task.due_at or UNSET,
            for_id=_for_whom(row, asked, task),
            away=gone.get(about, UNSET) if kind is REVIEWS else UNSET,
            unfollowed=_why_unfollowed(kind, row, task),
        )


def _why_unfollowed(kind: Kind, row: Row, task: Task) -> str | UnsetType:
    """Return why a step that is its follower's waits for an office."""
    if task.step.row.turn is not Turn.FOLLOWER or task.turn is Turn.FOLLOWER:
        return UNSET
    return str(kind.state_in(row).unfollowed.fact.reason)


def _for_whom(row: Row, asked: Asked, task: Task) -> MemberId | UnsetType:
    """Return for whom somebody takes an office's step, where they do by no post of their own."""
    _, _, about, unit_id, top_id, rulebook, _, actor_unit, *_ = row
    if not asked.person.stands_in or task.turn in (Turn.MEMBER, Turn.FOLLOWER):
        return UNSET
    actor = asked.under(rulebook).towards(MemberId(about), ())
    other = unit_id if task.turn is Turn.SECRETARY else top_id
    by = actor.hand_for((actor_unit or other,), task.step, task.item)
    return by.for_id if by else UNSET


def _label_of(actor: Actor, task: Task) -> Bilingual | UnsetType:
    """Return what the edition of a row calls a step."""
    called = (each.label_of(task.step, task.item) for each in actor.editions)
    return next(called, None) or UNSET


def _of_office(kind: Kind, row: Row, asked: Asked, led: Led) -> tuple[Task, ...] | None:
    """Return the step that waits for an office as the columns tell it; None if they do not.

    They do of most rows of a large inbox, whose states need not be read then: those of others'
    reviews and plans, in which the step of a unit is the only one that waits for its offices.
    """
    _, period, about, _, _, rulebook, step, actor_unit, actor_id, barred, due_at, _ = row
    actor = asked.under(rulebook).towards(MemberId(about), ())
    theirs = about in {asked.member_id, *actor.office_units} or (period, about) in led
    if kind is ESCALATIONS or theirs or actor_id is not None:
        return None
    found = Step(step) if step and actor_unit else None
    if found and found.row.turn is Turn.FOLLOWER:
        return None  # where nobody follows a plan: no column tells which milestone
    if found in SEVERAL and any(any(e.items_of(found)) for e in actor.editions):
        return None  # which of several it is, no column tells
    if found is None or not _may_take(actor, (actor_unit,), found, barred=barred):
        return ()
    return (Task(found, found.row.turn, moment(due_at) if due_at else None),)


def _of_state(kind: Kind, row: Row, asked: Asked, led: Led) -> Iterator[Task]:
    """Iterate over the steps of a state that wait for who asks."""
    _, period, about, unit_id, top_id, rulebook, _, actor_unit, actor_id, barred, _, _ = row
    state, member_id = kind.state_in(row), asked.member_id
    leaders = frozenset[MemberId]() if kind is ESCALATIONS else state.leaders
    actor = asked.under(rulebook).towards(MemberId(about), leaders)
    own = about == member_id or about in actor.office_units
    theirs = own or (period, about) in led

    def is_theirs(task: Task) -> bool:
        match task.turn:
            case Turn.MEMBER:
                return own
            case Turn.SECRETARY:
                return not theirs and bool(actor.hand_for((actor_unit or unit_id,), task.step))
            case Turn.AUTHORITY:
                units = (actor_unit or top_id,)
                return not theirs and _may_take(actor, units, task.step, task.item, barred)
            case Turn.ADDRESSEE:
                return not theirs and bool(actor.hand_for((actor_unit,), task.step))
            case Turn.FOLLOWER:
                return not theirs and actor_id == member_id
            case never:
                assert_never(never)

    return filter(is_theirs, kind.tasks(state))


def _may_take(
    actor: Actor, units: Iterable[UnitId], step: Step, item: str = "", barred: str | None = None
) -> bool:
    """Tell whether somebody takes a step for one of some units, and is not barred from it."""
    by = actor.hand_for(units, step, item)
    return by is not None and not by.is_one_of([MemberId(e) for e in (barred or "").split()])


def _urgency(waiting: Waiting) -> tuple[bool, bool, str, str, str]:
    """Return by what rows are ordered: what cannot go on just now comes last."""
    away, due_at = waiting.away is not UNSET, waiting.due_at
    if isinstance(due_at, datetime):
        return away, False, due_at.isoformat(), waiting.id, waiting.step
    return away, True, "", waiting.id, waiting.step
