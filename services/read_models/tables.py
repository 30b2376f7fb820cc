"""The tables of the projections. Each build of a projection has a table of its own.

The edition of the code and the number of the build are part of a table's name; a view with the
plain name is what queries read, so that a rebuild takes over in one transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from events.domain.escalation import escalation
from events.domain.organisation import member, succession, unit
from events.domain.organisation.member import ENROLLED, OF_A_UNIT
from events.domain.organisation.timelines import State
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Turn
from events.domain.year.deadlines import Task
from events.store.database import Row, microseconds

_encoder = msgspec.json.Encoder(order="deterministic")

TableOf = Callable[[str], sa.Table]
IS_OPEN = "stage <> 'resolved'"  # of escalations

Folded = review.State | plan.State | escalation.State


def member_states(table_name: str) -> sa.Table:
    """Return the table of one build: a row a member, folded from the member's stream."""
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("member_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),  # of the stream, as far as folded
        sa.Column("position", sa.BigInteger, nullable=False),  # of the last event folded
        sa.Column("unit_id", sa.Text, index=True),
        sa.Column("enrolled", sa.Boolean, nullable=False),
        sa.Column("timer_at", sa.BigInteger, index=True),  # when the first of what waits holds
        sa.Column("state", sa.LargeBinary, nullable=False),  # everything told, as JSON
    )


def unit_states(table_name: str) -> sa.Table:
    """Return the table of one build: a row a unit, folded from the unit's stream."""
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("unit_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.Text, index=True),
        sa.Column("formed", sa.Boolean, nullable=False),
        sa.Column("successor_id", sa.Text, index=True),  # of a unit that was dissolved, or will be
        sa.Column("timer_at", sa.BigInteger, index=True),  # as of members
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def member_posts(table_name: str) -> sa.Table:
    """Return the table of one build: a row a post that somebody enrolled holds, or stands in.

    Of a delegation it tells that there is one, be it to come or over: its days the state tells.
    """
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("member_id", sa.Text, primary_key=True),
        sa.Column("unit_id", sa.Text, primary_key=True),  # in which they hold it
        sa.Column("post", sa.Text, primary_key=True),
        sa.Column("for_id", sa.Text, primary_key=True),  # for whom they stand in; "": it is theirs
        sa.Column("own_unit", sa.Text, nullable=False),  # to which they belong
        sa.Index(f"{table_name}_by_unit", "unit_id", "for_id", "post", "member_id", "own_unit"),
    )


def unit_issuers(table_name: str) -> sa.Table:
    """Return the table of one build: a row a name under which a unit publishes."""
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("unit_id", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True, index=True),
    )


def post_rows(member_id: str, state: State) -> list[Row]:
    """Return the posts that somebody holds or was told to stand in, in the order of the columns."""
    if not any(name.startswith(OF_A_UNIT) for name in (*state.timelines, *state.waiting)):
        return []  # most hold none, and a view takes as long as all else that is done with a fact
    holds = member.view(state)
    if holds.own_unit is None:
        return []
    told = (*holds.delegations, *member.view(state.with_all_ahead()).delegations)
    others = dict.fromkeys((each.unit_id, each.post, each.for_id) for each in told)
    posts = (*((each.unit_id, each.post, "") for each in holds.posts), *others)
    return [(member_id, *each, holds.own_unit) for each in posts]


def issuer_rows(unit_id: str, state: State) -> list[Row]:
    """Return the names under which a unit publishes, in the order of the columns."""
    return [(unit_id, issuer) for issuer in unit.view(state).issuers]


def member_row(member_id: str, position: int, state: State) -> Row:
    """Return a member's row, in the order of the columns."""
    timer_at, encoded = _stamp(state.waits_until), _encoder.encode(state)
    holds = member.without_outlived(state)
    enrolled = holds.value(member.MEMBERSHIP) == ENROLLED
    return member_id, state.version, position, holds.value(member.UNIT), enrolled, timer_at, encoded


def unit_row(unit_id: str, position: int, state: State) -> Row:
    """Return a unit's row, in the order of the columns."""
    standing = (state.value("parent"), state.value("existence") is not None)
    successor, timer_at = _successor(state), _stamp(state.waits_until)
    encoded = _encoder.encode(state)
    return unit_id, state.version, position, *standing, successor, timer_at, encoded


def _successor(state: State) -> str | None:
    """Return who succeeded a unit, else who will, by what was told ahead."""
    return succession.successor_in(state) or succession.successor_in(state.with_all_ahead())


def year_states(table_name: str) -> sa.Table:
    """Return the table of one build: a row a stream of the year, folded from that stream.

    Reviews, plans and escalations go the same way: where each stands, who must act, what is late,
    and when the next deadline runs out. Lists, inboxes and due timers are queries over these rows.
    Each finds what it shows by an index, in its order: of a province, and after many years.
    """
    by_urgency = (sa.text("(due_at IS NULL)"), "due_at", "id")
    return sa.Table(
        table_name,
        sa.MetaData(),
        sa.Column("id", sa.Text, primary_key=True),  # the stream's name without its kind
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("period", sa.Text),
        sa.Column("member_id", sa.Text),  # whom it is about
        sa.Column("unit_id", sa.Text),  # their own unit, as pinned
        sa.Column("top_id", sa.Text),  # the unit that decides, as pinned
        sa.Column("path", sa.Text),  # the units from the own one up to that one, as pinned
        sa.Column("rulebook", sa.Text),  # by which edition it goes: it says which posts act
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("level", sa.Text),  # as decided
        sa.Column("task", sa.Text),  # what waits for somebody else than the member
        sa.Column("actor_unit", sa.Text),  # for whoever holds an office there,
        sa.Column("actor_id", sa.Text),  # or for this member
        sa.Column("barred", sa.Text),  # who may not take it, though they hold an office there
        sa.Column("due_at", sa.BigInteger),  # of that task
        sa.Column("timer_at", sa.BigInteger),  # when the next deadline runs out
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("waits", sa.Boolean, nullable=False),  # a step, for whomever
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Index(f"{table_name}_by_member", "member_id", "waits", *by_urgency),
        sa.Index(f"{table_name}_by_actor_unit", "actor_unit", "rulebook", "task", *by_urgency),
        sa.Index(f"{table_name}_by_actor", "actor_id", *by_urgency),
        sa.Index(f"{table_name}_by_timer", "timer_at", "id"),
    )


def review_states(table_name: str) -> sa.Table:
    """Return the table of one build: `year_states`, which are listed by unit and by who decides."""
    table = year_states(table_name)
    of_top = (
        "period",
        "top_id",
        "rulebook",
        "path",
        "stage",
        "level",
        "late",
        "member_id",
        "unit_id",
    )
    for name, columns in (("by_unit", ("unit_id", "period", "stage")), ("by_top", of_top)):
        sa.Index(f"{table_name}_{name}", *(table.c[each] for each in columns))
    return table


def escalation_states(table_name: str) -> sa.Table:
    """Return the table of one build: `year_states`, of which those few that are open are listed."""
    table, is_open = year_states(table_name), sa.text(IS_OPEN)
    for name, columns in (
        ("open", ("id",)),
        *((f"open_by_{each}", (each, "id")) for each in ("unit_id", "top_id", "actor_unit")),
    ):
        listed = (table.c[each] for each in columns)
        sa.Index(f"{table_name}_{name}", *listed, sqlite_where=is_open, postgresql_where=is_open)
    return table


class _RowOwner(NamedTuple):
    """Whose year a row is part of, and where."""

    period: str | None = None
    member_id: str | None = None
    unit_id: str | None = None
    top_id: str | None = None
    path: str | None = None
    rulebook: str | None = None


def _owner(period: str, member_id: str, path: Sequence[str], rulebook: str) -> _RowOwner:
    return _RowOwner(period, member_id, path[0], path[-1], " ".join(path), rulebook)


def review_row(key: str, position: int, state: review.State) -> Row:
    """Return a review's row, in the order of the columns."""
    place = _RowOwner()
    if state.opened:
        opened = state.opened.fact
        place = _owner(opened.period, opened.member_id, state.path, opened.rulebook)
    stage, level = review.stage(state), review.level(state)
    return _year_row(key, position, state, place, stage, level, review.tasks(state))


def plan_row(key: str, position: int, state: plan.State) -> Row:
    """Return a plan's row, in the order of the columns."""
    place = _RowOwner()
    if state.opened:
        opened = state.opened.fact
        place = _owner(opened.period, opened.member_id, state.path, opened.rulebook)
    stage, tasks, follower = plan.stage(state), plan.tasks(state), state.follower_id
    return _year_row(key, position, state, place, stage, None, tasks, follower)


def escalation_row(key: str, position: int, state: escalation.State) -> Row:
    """Return an escalation's row, in the order of the columns."""
    place = _RowOwner()
    if state.raised:
        raised = state.raised.fact
        place = _owner(*escalation.about(raised), state.path, raised.rulebook)
    stage, tasks = escalation.stage(state), escalation.tasks(state)
    return _year_row(key, position, state, place, stage, None, tasks)


def _of_others(tasks: Iterable[Task]) -> Task | None:
    """Return the task of others than the member that is due first, if there is one."""
    waiting = [task for task in tasks if task.turn is not Turn.MEMBER]
    return min(waiting, key=lambda task: (task.due_at is None, task.due_at), default=None)


def _year_row(
    key: str,
    position: int,
    state: Folded,
    place: _RowOwner,
    stage: str,
    level: str | None,
    tasks: tuple[Task, ...],
    follower: str | None = None,
) -> Row:
    waiting = _of_others(tasks)
    open_steps = {(task.step.value, task.item) for task in tasks}
    late = state.deadlines.overdue(state.done)
    return (
        key,
        state.version,
        position,
        *place,
        stage,
        level,
        waiting.step.value if waiting else None,
        next(iter(_takers(state, waiting)), None) if waiting else None,
        follower if waiting and waiting.turn is Turn.FOLLOWER else None,
        _names_barred(state, waiting),
        _stamp(waiting.due_at if waiting else None),
        _stamp(state.deadlines.next_at(state.done)),
        any((due.step, due.item) in open_steps for due in late),  # what nobody waits for is over
        bool(tasks),
        _encoder.encode(state),
    )


def _names_barred(state: Folded, waiting: Task | None) -> str | None:
    if waiting is None or not isinstance(state, review.State):
        return None
    return " ".join(sorted(state.barred_from(waiting.step, waiting.item))) or None


def _takers(state: Folded, waiting: Task) -> tuple[str, ...]:
    """Return the units before which a task waits, the next first."""
    if isinstance(state, review.State):
        return state.takers(waiting.step, waiting.item)
    return state.takers(waiting.step)


def _stamp(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)
