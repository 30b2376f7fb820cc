"""Give committed events their places in the total order, and let the tree grow by them.

Numbers taken before the commit become visible out of order, and readers that follow them lose
events; so positions are given afterwards, by one sequencer at a time. Every step below happens in
one transaction: a crash anywhere leaves the batch as it was, still pending.
"""

from datetime import datetime

from events.clock import Clock
from events.errors import TusoiError
from events.proof.merkle import EMPTY_ROOT, RightEdge
from events.store import tables
from events.store.database import Database, Transaction, microseconds

BATCH_MAX = 1_000
LEADER_LOCK = 7_560  # the advisory lock of whoever sequences

# Whatever is committed, in order of arrival, seen in one snapshot. Never above a lower bound: an
# arrival drawn early may be committed late. Never skipping locked rows: they may come first.
_PENDING = """
SELECT waiting.arrival, events.leaf_hash
FROM (SELECT arrival FROM pending ORDER BY arrival LIMIT ?) AS waiting
JOIN events ON events.arrival = waiting.arrival
ORDER BY waiting.arrival"""
_HEAD = "SELECT size, edge, sequencedat FROM head WHERE id = 1"
_MOVE_HEAD = """
UPDATE head SET size = ?, root = ?, edge = ?, sequencedat = ? WHERE id = 1 AND size = ?"""
_NEW_HEAD = "INSERT INTO head (id, size, root, edge, sequencedat) VALUES (1, 0, ?, ?, 0)"


class HeadMoved(TusoiError):
    """Two sequencers led at once. The compare-and-set stopped this one; nothing was numbered."""

    code = "head_moved"
    retryable = True


def sequence(database: Database, clock: Clock, *, limit: int = BATCH_MAX) -> int:
    """Number up to `limit` committed events and return how many; 0 also where another one leads."""
    return database.transact(lambda transaction: _sequence(transaction, clock.now(), limit))


def found_log(transaction: Transaction) -> None:
    """Write the head row of an empty log; done once, when the tables are made."""
    transaction.run(_NEW_HEAD, (EMPTY_ROOT, b""))


def waiting(database: Database) -> int:
    """Return how many committed events have no position yet."""
    return int(database.rows("SELECT count(*) FROM pending")[0][0])


def _sequence(transaction: Transaction, now: datetime, limit: int) -> int:
    if not transaction.try_lead(LEADER_LOCK):
        return 0
    rows = transaction.rows(_PENDING, (limit,))
    if not rows:
        return 0
    size, edge, last_stamp = transaction.rows(_HEAD)[0]
    stamp = max(microseconds(now), last_stamp)  # a clock stepped back must not reorder time
    arrivals = [row[0] for row in rows]
    grown = RightEdge.from_bytes(size, bytes(edge)).extend([bytes(row[1]) for row in rows])
    transaction.insert(
        tables.log,
        [(position, arrival, stamp) for position, arrival in enumerate(arrivals, size + 1)],
    )
    transaction.delete_in("pending", "arrival", arrivals)
    head = (grown.size, grown.root, grown.to_bytes(), stamp, size)
    if transaction.run(_MOVE_HEAD, head) != 1:
        raise HeadMoved("the log's head moved while events were numbered; they will be again")
    return len(arrivals)
