"""The one row that says how far the log goes."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from events.errors import TusoiError
from events.store.database import Database, as_bytes, moment

HEAD = "SELECT size, root, edge, sequencedat FROM head WHERE id = 1"


class HeadLost(TusoiError):
    """It is not there, or holds something else: nothing is numbered, signed or shown any more."""

    code = "head_lost"

    def __init__(self) -> None:
        super().__init__(
            "the row of the table head, which says how far the log goes, is missing or damaged: "
            "restore the database from its backup"
        )


class Head(NamedTuple):
    """How far the log goes."""

    size: int  # the last position
    root: bytes
    edge: bytes
    sequenced_at: datetime


def read_head(database: Database) -> Head:
    """Return how far the log goes, as committed. Raises HeadLost."""
    with suppress(OverflowError):  # of a time that is none
        match database.rows(HEAD):
            case [(int(size), (bytes() | memoryview()) as root, edge, int(stamp))]:
                return Head(size, bytes(root), as_bytes(edge), moment(stamp))
    raise HeadLost
