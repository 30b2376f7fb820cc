"""Signed tree heads, each kept for ever, and the leaf hashes from which they can be checked."""

from collections.abc import Iterator

from events.errors import TusoiError
from events.proof.links import SignedHead, StampsDigest
from events.store import tables
from events.store.database import Database, Transaction

PAGE = 10_000  # leaf hashes or stamps in one read
KEEPING_LOCK = 7_565  # of whoever keeps a checkpoint

_LEAVES = """
SELECT events.leaf_hash FROM log JOIN events ON events.arrival = log.arrival
WHERE log.position > ? AND log.position <= ? ORDER BY log.position"""
_STAMPS = """
SELECT sequencedat FROM log WHERE position > ? AND position <= ? ORDER BY position"""
_LATEST = """
SELECT size, note, link FROM checkpoints WHERE origin = ? ORDER BY size DESC LIMIT 1"""
_ONE = "SELECT 1 FROM checkpoints WHERE origin = ? AND size = ?"
_ALL = "SELECT origin, size, note, link FROM checkpoints ORDER BY size, origin"


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


def leaf_pages(database: Database, after: int, until: int) -> Iterator[list[bytes]]:
    """Iterate over stored leaf hashes of positions after `after` up to `until`, in pages."""
    while after < until:
        page_end = min(after + PAGE, until)
        yield [bytes(row[0]) for row in database.rows(_LEAVES, (after, page_end))]
        after = page_end


def stamps_digest(database: Database, after: int, until: int) -> bytes:
    """Return a digest of when positions after `after` up to `until` were numbered."""
    digest = StampsDigest()
    while after < until:
        page_end = min(after + PAGE, until)
        digest.extend(row[0] for row in database.rows(_STAMPS, (after, page_end)))
        after = page_end
    return digest.value()


def latest(database: Database, origin: str) -> SignedHead | None:
    """Return the newest checkpoint under an origin, or None before the first."""
    rows = database.rows(_LATEST, (origin,))
    return SignedHead(*rows[0]) if rows else None


def is_kept(database: Database, origin: str, size: int) -> bool:
    """Tell whether the checkpoint of a size is there."""
    return bool(database.rows(_ONE, (origin, size)))


def keep(database: Database, origin: str, signed: SignedHead, *, newest: SignedHead | None) -> bool:
    """Store a checkpoint if `newest` still is the newest one; tell whether it was.

    So each follows the one before it, however many sign at once.
    """

    def store(transaction: Transaction) -> bool:
        transaction.lead(KEEPING_LOCK)
        rows = transaction.rows(_LATEST, (origin,))
        if [row[0] for row in rows] != ([newest.size] if newest else []):
            return False
        transaction.insert(tables.checkpoints, [(origin, *signed)])
        return True

    return database.transact(store)


def put_back(database: Database, origin: str, signed: SignedHead) -> None:
    """Store a checkpoint that had been stored before, unless it is there."""
    row = (origin, *signed)
    database.transact(lambda t: t.insert(tables.checkpoints, [row], on_conflict="keep"))


def every(database: Database) -> list[tuple[str, SignedHead]]:
    """Return every checkpoint with its origin, the smallest first."""
    return [(row[0], SignedHead(*row[1:])) for row in database.rows(_ALL)]
