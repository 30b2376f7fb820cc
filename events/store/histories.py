"""Read one stream's entries together with their places in the total order."""

from events.store.database import Database, Row

_PAGE = """
SELECT events.version, log.position, log.sequencedat, events.entry
FROM events JOIN log ON log.arrival = events.arrival
WHERE events.stream = ? AND events.version > ? ORDER BY events.version LIMIT ?"""


def page(database: Database, stream: str, after: int, limit: int) -> list[Row]:
    """Return rows of version, position, stamp and entry after a version.

    What is committed and has no position yet is not among them; it will be, in milliseconds.
    """
    return database.rows(_PAGE, (stream, after, limit))
