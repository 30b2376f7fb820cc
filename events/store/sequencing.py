"""Give committed events their places in the total order, and let the tree grow by them.

Numbers taken before the commit become visible out of order, and readers that follow them lose
events; so positions are given afterwards, by one sequencer at a time. Every step below happens in
one transaction: a crash anywhere leaves the batch as it was, still pending.
"""

from datetime import datetime

from events.clock import Clock
from events.errors import TusoiError
from events.proof.merkle import RightEdge
from events.store.database import Database, NewHead, Transaction, microseconds
from events.store.head import HeadLost

BATCH_MAX = 1_000
LEADER_LOCK = 7_560  # the advisory lock of whoever sequences

# Whatever is committed, in order of arrival, seen in one snapshot. Never above a lower bound: an
# arrival drawn early may be committed late. Never skipping locked rows: they may come first.
_PENDING = """
SELECT waiting.arrival, events.leaf_hash, head.size, head.edge, head.sequencedat
FROM (SELECT arrival FROM pending ORDER BY arrival LIMIT ?) AS waiting
JOIN events ON events.arrival = waiting.arrival
LEFT JOIN head ON head.id = 1
ORDER BY waiting.arrival"""


class HeadMoved(TusoiError):
    """Two sequencers led at once. The compare-and-set stopped this one; nothing was numbered."""

    code = "head_moved"
    retryable = True


def sequence(database: Database, clock: Clock, *, limit: int = BATCH_MAX) -> int:
    """Number up to `limit` committed events and return how many; 0 also where another one leads.

    Raises:
        HeadLost: there is something to number, and nothing says after what.
        HeadMoved: another one numbered meanwhile.
    """
    return database.transact(lambda transaction: _sequence(transaction, clock.now(), limit))


def count_pending(database: Database) -> int:
    """Return how many committed events have no position yet."""
    return int(database.rows("SELECT count(*) FROM pending")[0][0])


def _sequence(transaction: Transaction, now: datetime, limit: int) -> int:
    if not transaction.try_lead(LEADER_LOCK):
        return 0
    rows = transaction.rows(_PENDING, (limit,))
    if not rows:
        return 0
    size, edge, last_stamp = rows[0][2:]
    if not isinstance(size, int):
        raise HeadLost
    stamp = max(microseconds(now), last_stamp)  # a clock stepped back must not reorder time
    grown = RightEdge.from_bytes(size, bytes(edge)).extend([bytes(row[1]) for row in rows])
    head = NewHead(grown.size, grown.root, grown.to_bytes(), stamp)
    if transaction.number([row[0] for row in rows], head, after=size) != 1:
        raise HeadMoved("the log's head moved while events were numbered; they will be again")
    return len(rows)
