"""A step that was taken, as states keep it."""

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

E = TypeVar("E")


class Taken(msgspec.Struct, Generic[E], frozen=True):
    """A fact with its place in the stream and the time when it happened."""

    version: int
    at: datetime
    fact: E
