"""Seals of rows: whoever writes into the database, and has no key, makes none that is believed.

What was written here once can be put back later: `tusoi verify` finds it as far as the log tells.
"""

import hmac
from collections.abc import Iterable
from typing import Literal

import msgspec

from events.store.database import Row, as_bytes
from events.vault.wrapping import derive
from services.access import security
from services.access.security import Happening
from services.context import Context

Kind = Literal["session", "token"]


def seal_of(row: Iterable[object], kind: Kind, *, index_key: bytes) -> bytes:
    """Return the last column of a row, which follows from all before it under our key."""
    return derive(index_key, kind, place_of(row))


def is_ours(row: Row, kind: Kind, *, index_key: bytes) -> bool:
    """Return whether a row is as it was written here."""
    return hmac.compare_digest(as_bytes(row[-1]), seal_of(row[:-1], kind, index_key=index_key))


def note_forgery(context: Context, what: Literal["account"] | Kind) -> None:
    """Tell the security log that somebody came with what a row says that we did not write.

    Raises:
        IndexKeyLost: under another key no row would be ours.
    """
    context.check_index_key()
    security.note(Happening.FORGED, what=what)


def place_of(row: Iterable[object]) -> bytes:
    """Return what a row says, in bytes that no other row has."""
    return msgspec.json.encode(tuple(row))
