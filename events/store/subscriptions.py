"""How far each subscriber has come, and what it had to set aside.

A projection has one row for each build of its tables: the one that serves, and while a new edition
or a rebuild is filled, that one beside it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from events.store import tables
from events.store.database import Database, Row, Transaction, microseconds, moment
from events.store.head import HeadLost

BUILD_LOCK = 7_564  # the advisory lock of whoever begins a build
BEHIND = "Behind"  # why an event is parked that follows a parked one in its stream

_ALL = "SELECT name, build, edition, serving, position FROM subscriptions"
_PARKED = "SELECT name, build, position, stream, error, parkedat FROM parked"


class Subscription(NamedTuple):
    """One build of a projection, or one reaction."""

    name: str
    build: int  # counted from 1; part of the names of a projection's tables
    edition: int  # of the code that fills it
    serving: bool  # whether queries read it
    position: int  # the last one dealt with


class Backlog(NamedTuple):
    """How far the log goes, and what waits on its way."""

    size: int  # the last position
    pending: int  # events committed and not yet numbered
    behind: dict[str, int]  # by subscriber, events before it; of builds the one that serves counts


class ParkedEvent(NamedTuple):
    name: str
    build: int
    position: int
    stream: str
    error: str  # the class of the error and no data
    parked_at: datetime


def every(database: Database) -> list[Subscription]:
    """Return all subscriptions, by name and build."""
    rows = database.rows(f"{_ALL} ORDER BY name, build")
    return [_subscription(row) for row in rows]


def backlog(transaction: Transaction) -> Backlog:
    """Return how much is numbered, and how much is not dealt with yet. Raises HeadLost."""
    match transaction.rows("SELECT size, (SELECT count(*) FROM pending) FROM head WHERE id = 1"):
        case [(int(size), pending)]:
            pass
        case _:
            raise HeadLost
    everyone = transaction.rows(
        f"{_ALL} ORDER BY name, serving, position"
    )  # what serves comes last
    known = [_subscription(row) for row in everyone]
    return Backlog(size, pending, {each.name: size - each.position for each in known})


def begin_alone(transaction: Transaction) -> None:
    """Wait until no rival begins a build, and see what it began.

    Rows that are not there yet cannot be locked: two would both find none, and both would serve.
    """
    transaction.lead(BUILD_LOCK)


def builds(transaction: Transaction, name: str) -> list[Subscription]:
    """Return the builds of one subscriber, oldest first, locked until the transaction ends."""
    rows = transaction.rows_for_update(f"{_ALL} WHERE name = ? ORDER BY build", (name,))
    return [_subscription(row) for row in rows]


def save(transaction: Transaction, subscription: Subscription) -> None:
    """Write where a subscription stands now."""
    row = (*subscription[:3], bool(subscription.serving), subscription.position)
    transaction.insert(tables.subscriptions, [row], on_conflict="replace")


def drop(transaction: Transaction, subscription: Subscription) -> None:
    """Forget a build, with what it had parked."""
    for table in ("parked", "subscriptions"):
        sql = f"DELETE FROM {table} WHERE name = ? AND build = ?"
        transaction.run(sql, subscription[:2])


def park(
    transaction: Transaction,
    name: str,
    build: int,
    places: Iterable[tuple[int, str]],
    error: str,
    *,
    now: datetime,
) -> None:
    """Set events aside, by position and stream; once set aside, an event stays as it was."""
    rows = [(name, build, *place, error, microseconds(now)) for place in places]
    transaction.insert(tables.parked, rows, on_conflict="keep")


def parked_events(database: Database) -> list[ParkedEvent]:
    """Return everything set aside, by subscriber and position."""
    rows = database.rows(f"{_PARKED} ORDER BY name, build, position")
    return [_parked_event(row) for row in rows]


def parked_of_build(transaction: Transaction, name: str, build: int) -> list[ParkedEvent]:
    """Return what one build has set aside, by position."""
    sql = f"{_PARKED} WHERE name = ? AND build = ? ORDER BY position"
    return [_parked_event(row) for row in transaction.rows(sql, (name, build))]


def unpark(transaction: Transaction, event: ParkedEvent) -> None:
    sql = "DELETE FROM parked WHERE name = ? AND build = ? AND position = ?"
    transaction.run(sql, event[:3])


def is_parked(database: Database, name: str, stream: str) -> bool:
    """Return whether the serving build of a projection has set events of a stream aside."""
    sql = """
    SELECT count(*) FROM parked JOIN subscriptions
    ON subscriptions.name = parked.name AND subscriptions.build = parked.build
    WHERE parked.name = ? AND parked.stream = ? AND subscriptions.serving"""
    return bool(database.rows(sql, (name, stream))[0][0])


def _parked_event(row: Row) -> ParkedEvent:
    name, build, position, stream, error, parked_at = row
    return ParkedEvent(name, build, position, stream, error, moment(parked_at))


def _subscription(row: Row) -> Subscription:
    name, build, edition, serving, position = row
    return Subscription(name, build, edition, bool(serving), position)
