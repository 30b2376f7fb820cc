"""Signed tree heads, each kept for ever, and the leaf hashes from which they can be checked."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from events.errors import TusoiError
from events.store import tables
from events.store.database import Database, microseconds, moment

PAGE = 10_000  # leaf hashes in one read

_LEAVES = """
SELECT events.leaf_hash FROM log JOIN events ON events.arrival = log.arrival
WHERE log.position > ? AND log.position <= ? ORDER BY log.position"""
_LATEST = """
SELECT size, note, signedat FROM checkpoints WHERE origin = ? ORDER BY size DESC LIMIT 1"""
_ALL = "SELECT origin, size, note FROM checkpoints ORDER BY size, origin"


class NotCovered(TusoiError):
    """No checkpoint covers this position yet."""

    code = "not_covered"
    retryable = True

    def __init__(self, position: int, size: int) -> None:
        super().__init__(
            f"position {position} is not among the {size} that are signed: "
            "ask again once the event is numbered and signed"
        )
        self.position = position
        self.size = size


class SignedHead(NamedTuple):
    size: int
    note: str
    signed_at: datetime

    @property
    def text(self) -> str:
        """What was signed, without the signatures; a checkpoint holds no blank line."""
        return self.note.partition("\n\n")[0] + "\n"


def leaf_pages(database: Database, after: int, until: int) -> Iterator[list[bytes]]:
    """Iterate over stored leaf hashes of positions after `after` up to `until`, in pages."""
    while after < until:
        page_end = min(after + PAGE, until)
        yield [bytes(row[0]) for row in database.rows(_LEAVES, (after, page_end))]
        after = page_end


def latest(database: Database, origin: str) -> SignedHead | None:
    """Return the newest checkpoint under an origin, or None before the first."""
    rows = database.rows(_LATEST, (origin,))
    return SignedHead(rows[0][0], rows[0][1], moment(rows[0][2])) if rows else None


def keep(database: Database, origin: str, signed: SignedHead) -> None:
    """Store a checkpoint. The same size again changes nothing: the same tree, the same bytes."""
    row = (origin, signed.size, signed.note, microseconds(signed.signed_at))
    database.transact(lambda t: t.insert(tables.checkpoints, [row], on_conflict="keep"))


def every(database: Database) -> list[tuple[str, int, str]]:
    """Return origin, size and note of every checkpoint, smallest first."""
    return [(row[0], row[1], row[2]) for row in database.rows(_ALL)]
