"""Read streams' entries together with their places in the total order."""

from collections.abc import Iterable

from events.identifiers import Stream
from events.store.database import Database, Row

_PAGE = """
SELECT events.version, log.position, log.sequencedat, events.entry
FROM events JOIN log ON log.arrival = events.arrival
WHERE events.stream = ? AND events.version > ? ORDER BY events.version LIMIT ?"""
_PLACED = """
SELECT log.position, log.sequencedat, events.entry
FROM events JOIN log ON log.arrival = events.arrival
WHERE events.stream IN ?"""


def page(database: Database, stream: str, after: int, limit: int) -> list[Row]:
    """Return rows of version, position, stamp and entry after a version.

    What is committed and has no position yet is not among them; it will be, in milliseconds.
    """
    return database.rows(_PAGE, (stream, after, limit))


def rows_in_order(database: Database, streams: Iterable[Stream]) -> list[Row]:
    """Return rows of position, stamp and entry: all of some streams, in the total order."""
    wanted = list(streams)
    return sorted(database.read(lambda t: t.rows_in(_PLACED, wanted)), key=lambda row: row[0])
