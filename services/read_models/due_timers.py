"""In which streams a deadline ran out: queries over reviews, plans and escalations."""

from collections.abc import Iterable
from datetime import datetime

from events.identifiers import Stream
from events.store.database import Database, Transaction, microseconds
from services.read_models import states
from services.read_models.states import Kind


def timers_due(database: Database, now: datetime, limit: int) -> list[Stream]:
    """Return up to `limit` streams in which a deadline ran out before now, the oldest first."""
    stamp = microseconds(now)
    found: list[tuple[int, Stream]] = []
    for kind in states.YEAR:
        if states.serving_build(database, kind.projection):
            sql = (
                f"SELECT id, timer_at FROM {kind.projection} WHERE timer_at < ? "
                "ORDER BY timer_at, id LIMIT ?"
            )
            rows = database.rows(sql, (stamp, limit))
            found += [(timer_at, kind.stream(key)) for key, timer_at in rows]
    return [stream for _, stream in sorted(found)[:limit]]


def count_timers_due(transaction: Transaction, kinds: Iterable[Kind], now: datetime) -> int:
    """Return in how many streams of some projected kinds a deadline ran out before now."""
    counts = (f"SELECT count(*) FROM {kind.projection} WHERE timer_at < ?" for kind in kinds)
    return sum(transaction.rows(sql, (microseconds(now),))[0][0] for sql in counts)
