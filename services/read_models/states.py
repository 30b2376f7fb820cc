"""What holds of whom streams tell: now, as projected, or at an earlier position, as folded."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from events.definitions.entry import Recorded, Sequenced
from events.domain.escalation import escalation
from events.domain.organisation import member, unit
from events.domain.organisation.timelines import EMPTY
from events.domain.plan import plan
from events.domain.review import review
from events.domain.year.deadlines import Task
from events.domain.year.supplements import Waits
from events.errors import StoreUnavailable, TusoiError
from events.identifiers import Stream
from events.store import subscriptions
from events.store.database import Database, Row, Transaction
from events.store.store import Store
from services.read_models import tables

PAGE = 1_000  # rows whose states are in hand at once


def _no_tasks(_state: object) -> tuple[Task, ...]:
    return ()


def _no_waits(_state: object) -> None:
    return None


class Lookup(NamedTuple):
    """A table that lists what rows of a kind hold many of, so that they are found by it.

    It is filled with them, from the same states, and its first column is their key.
    """

    name: str  # of the view that queries read
    table: tables.TableOf
    rows: Callable[[str, Any], list[Row]]


class Kind(NamedTuple):
    """A kind of stream whose states are kept: how they are folded, stored and shown."""

    name: str  # the stream's prefix
    key: str  # the first column
    table: tables.TableOf
    empty: Any
    evolve: Callable[[Any, Recorded | Sequenced], Any]
    row: Callable[[str, int, Any], Row]
    view: Callable[[Any], msgspec.Struct]
    tasks: Callable[[Any], tuple[Task, ...]] = _no_tasks  # what waits in a state, and for whom
    waits: Callable[[Any], Waits | None] = _no_waits  # which deadlines a newer calendar may move
    lookup: Lookup | None = None

    @property
    def projection(self) -> str:
        """Return the projection's name, which is also that of the view that queries read."""
        return f"{self.name}_states"

    def lookup_rows(self, subject_id: str, state: Any) -> list[Row]:
        """Return what the lookup lists of a state; nothing where the kind has none."""
        return self.lookup.rows(subject_id, state) if self.lookup else []

    def stream(self, subject_id: str) -> Stream:
        return Stream(f"{self.name}-{subject_id}")

    def fold(self, history: Iterable[Recorded]) -> Any:
        return functools.reduce(self.evolve, history, self.empty)

    def state_in(self, row: Row) -> Any:
        """Return the state that a row holds in its last column."""
        return msgspec.json.decode(row[-1], type=type(self.empty))


def _as_is(state: msgspec.Struct) -> msgspec.Struct:
    return state


MEMBERS = Kind(
    "member",
    "member_id",
    tables.member_states,
    EMPTY,
    member.evolve,
    tables.member_row,
    member.view,
    lookup=Lookup("member_posts", tables.member_posts, tables.post_rows),
)
UNITS = Kind(
    "unit",
    "unit_id",
    tables.unit_states,
    EMPTY,
    unit.evolve,
    tables.unit_row,
    unit.view,
    lookup=Lookup("unit_issuers", tables.unit_issuers, tables.issuer_rows),
)
REVIEWS = Kind(
    "review",
    "id",
    tables.review_states,
    review.EMPTY,
    review.evolve,
    tables.review_row,
    _as_is,
    review.tasks,
    review.waits,
)
PLANS = Kind(
    "plan",
    "id",
    tables.year_states,
    plan.EMPTY,
    plan.evolve,
    tables.plan_row,
    _as_is,
    plan.tasks,
    plan.waits,
)
ESCALATIONS = Kind(
    "escalation",
    "id",
    tables.escalation_states,
    escalation.EMPTY,
    escalation.evolve,
    tables.escalation_row,
    _as_is,
    escalation.tasks,
    escalation.waits,
)
ROSTER = (MEMBERS, UNITS)
YEAR = (REVIEWS, PLANS, ESCALATIONS)
KINDS = ROSTER + YEAR


class StateAsOf(NamedTuple):
    """A state with all that a reader must know to rely on it."""

    id: str
    version: int  # of the stream
    as_of: int  # the position at which this is true
    incomplete: bool  # whether an event of this stream was set aside and is missing here
    state: msgspec.Struct


class NotYet(StoreUnavailable):
    """A list that somebody goes by has not come to a fact: they try again."""

    def __init__(self, projection: str) -> None:
        TusoiError.__init__(self, f"{projection} lags behind: tried again when it has caught up")


class Unknown(TusoiError):
    """Nothing was ever told of this member or unit, or not yet at that position."""

    def __init__(self, kind: str, subject_id: str) -> None:
        super().__init__(f"nothing is known of {kind} {subject_id} at this position")
        self.code = f"unknown_{kind}"
        self.subject_id = subject_id


def current(database: Database, kind: Kind, subject_id: str) -> StateAsOf:
    """Return the projected state.

    Raises:
        Unknown: the projection has no such row.
    """
    sql = f"SELECT state FROM {kind.projection} WHERE {kind.key} = ?"
    rows = database.rows(sql, (subject_id,)) if serving_build(database, kind.projection) else []
    if not rows:
        raise Unknown(kind.name, subject_id)
    state = kind.state_in(rows[0])
    return StateAsOf(
        subject_id,
        state.version,
        serving_position(database, kind.projection),
        subscriptions.is_parked(database, kind.projection, kind.stream(subject_id)),
        kind.view(state),
    )


def at_position(store: Store, kind: Kind, subject_id: str, position: int) -> StateAsOf:
    """Return the state as it was at a position, folded from the stream.

    Raises:
        Unknown: nothing had been told by then.
    """
    history = store.read_stream(kind.stream(subject_id), as_of=position)
    if not history.events:
        raise Unknown(kind.name, subject_id)
    state = kind.fold(history.events)
    return StateAsOf(subject_id, state.version, position, incomplete=False, state=kind.view(state))


def pages_of(database: Database, kind: Kind, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Iterate over the states of some streams by their keys, no more than a page in hand at once.

    Within each page they come by their keys; what has no row is left out.
    """
    for start in range(0, len(keys), PAGE):
        yield database.read(functools.partial(_page, kind=kind, keys=keys[start : start + PAGE]))


def _page(transaction: Transaction, kind: Kind, keys: Sequence[str]) -> dict[str, Any]:
    sql = f"SELECT {kind.key}, state FROM {kind.projection} WHERE {kind.key} IN ?"
    return {row[0]: kind.state_in(row) for row in sorted(transaction.rows_in(sql, keys))}


def serving_position(database: Database, projection: str) -> int:
    """Return the position that the serving build of a projection has come to; 0 before it began."""
    serving = serving_build(database, projection)
    return serving.position if serving else 0


def require_come(database: Database, projection: str, position: int) -> None:
    """Raise NotYet unless a list knows all facts up to a position."""
    if serving_position(database, projection) < position:
        raise NotYet(projection)


def serving_build(database: Database, projection: str) -> subscriptions.Subscription | None:
    """Return the build that queries read, or None when no worker has begun one yet."""
    for each in subscriptions.every(database):
        if each.name == projection and each.serving:
            return each
    return None


def units_of(database: Database, member_ids: Iterable[str]) -> dict[str, str]:
    """Return the units in which members are now, as projected."""
    sql = (
        "SELECT member_id, unit_id FROM member_states WHERE unit_id IS NOT NULL AND member_id IN ?"
    )
    wanted = list(member_ids)
    return dict(database.read(lambda t: t.rows_in(sql, wanted)))


def members_in(database: Database, units: Iterable[str], most: int) -> list[str]:
    """Return who belongs to units now, as projected, but no more than that many."""
    sql = f"SELECT member_id FROM member_states WHERE unit_id IN ? LIMIT {most}"
    wanted = list(units)
    return [row[0] for row in database.read(lambda t: t.rows_in(sql, wanted))]
