"""In which streams a time has come: a deadline ran out, or what was told ahead comes to hold."""

from collections.abc import Iterable
from datetime import datetime

from events.domain.review import review
from events.identifiers import Stream
from events.store.database import Database, Transaction, microseconds
from services.read_models import states
from services.read_models.states import ROSTER, Kind

OVER = {  # the stages in which nothing waits in a stream
    "review": (review.ANNOUNCED, review.ENDED),
    "plan": ("finished",),
    "escalation": ("acknowledged", "resolved"),
}


def timers_due(database: Database, now: datetime, limit: int) -> list[Stream]:
    """Return up to `limit` streams in which a time has come by now, the oldest first.

    Of one time units come first: whoever moves into a new one finds where it hangs.
    """
    found: list[tuple[int, bool, Stream]] = []
    for kind in states.KINDS:
        if states.serving_build(database, kind.projection):
            sql = (
                f"SELECT {kind.key}, timer_at FROM {kind.projection} WHERE timer_at < ? "
                f"ORDER BY timer_at, {kind.key} LIMIT ?"
            )
            rows = database.rows(sql, (_before(kind, now), limit))
            found += [(at, kind is not states.UNITS, kind.stream(key)) for key, at in rows]
    return [stream for *_, stream in sorted(found)[:limit]]


def open_streams(database: Database, kind: Kind, after: str, limit: int) -> list[str]:
    """Return up to `limit` keys of a kind, from one on, of streams in which something waits.

    As projected: what closed a stream since, whoever goes through them sees when they fold it.
    """
    closed = ", ".join("?" * len(OVER[kind.name]))
    sql = (
        f"SELECT id FROM {kind.projection} WHERE id > ? AND period IS NOT NULL "
        f"AND stage NOT IN ({closed}) ORDER BY id LIMIT ?"
    )
    return [row[0] for row in database.rows(sql, (after, *OVER[kind.name], limit))]


def count_timers_due(transaction: Transaction, kinds: Iterable[Kind], now: datetime) -> int:
    """Return in how many streams of some projected kinds a time has come by now."""
    counts = (
        (f"SELECT count(*) FROM {kind.projection} WHERE timer_at < ?", _before(kind, now))
        for kind in kinds
    )
    return sum(transaction.rows(sql, (stamp,))[0][0] for sql, stamp in counts)


def _before(kind: Kind, now: datetime) -> int:
    """Return before which stamp a time has come: at the very deadline nothing has run out yet."""
    return microseconds(now) + (kind in ROSTER)
