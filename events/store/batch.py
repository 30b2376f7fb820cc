"""The shape of what is appended: new facts with what goes along, and what comes back."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.event import Event
from events.vault.sealing import SealedText


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that is to be appended, with what the store cannot know of it."""

    event: Event
    id: str
    source: str
    time: datetime  # when it happened, in UTC
    recorded_at: datetime | UnsetType = UNSET  # told for when it is appended, if that would betray
    principal: str
    on_behalf_of: str | UnsetType = UNSET
    causation_id: str | UnsetType = UNSET
    correlation_id: str | UnsetType = UNSET
    request_digest: bytes | None = None  # HMAC of the sender's canonical request


class Appended(msgspec.Struct, frozen=True):
    """What one stream gets, and the version at which it must be for that.

    Without events it is a guard: the stream must not move while the others are appended to.
    """

    expected_version: int
    events: tuple[NewEvent, ...] = ()


class Receipt(msgspec.Struct, frozen=True):
    """Where an event went; the same request again gets the same receipt."""

    source: str
    id: str
    stream: str
    version: int
    recorded_at: datetime


class KnownNumber(msgspec.Struct, frozen=True):
    """Whom another system's number names, by the number's keyed digest."""

    digest: bytes
    id: str


class Retold(msgspec.Struct, frozen=True, kw_only=True):
    """An event that told what is in the log already; it is no fact of its own."""

    source: str
    id: str
    stream: str
    version: int  # of the fact that says it, in the stream
    type: str
    time: datetime  # of which it was told
    recorded_at: datetime  # when that fact was
    principal: str
    request_digest: bytes | None

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.source, self.id, self.stream, self.version, self.recorded_at)


class Retellings(NamedTuple):
    """What is to be remembered of events that told nothing new, and what is a fact after all."""

    kept: tuple[Retold, ...] = ()
    recalled: tuple[Retold, ...] = ()  # appended along, under their own ids


NONE_RETOLD = Retellings()


class EventRow(NamedTuple):
    """One row of `events`, in the order of its columns after `arrival`."""

    stream: str
    version: int
    source: str
    id: str
    type: str
    entry: bytes
    leaf_hash: bytes
    request_digest: bytes | None


class Batch(msgspec.Struct, frozen=True):
    """One append, encoded: what a database has to write in one transaction."""

    rows: tuple[EventRow, ...]  # in the append's order
    written: tuple[tuple[str, int], ...]  # streams and the versions that they must be at
    guards: tuple[tuple[str, int], ...]  # streams that must not move, likewise
    texts: tuple[SealedText, ...]
    numbers: tuple[KnownNumber, ...]
    files: tuple[tuple[Any, ...], ...] = ()
    chunks: tuple[tuple[Any, ...], ...] = ()  # of the files
    freed: tuple[KnownNumber, ...] = ()  # that name these people no more
    retold: tuple[tuple[Any, ...], ...] = ()
    recalled: tuple[Retold, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is events alone, and no stream is guarded."""
        besides = self.texts or self.numbers or self.files or self.freed
        return not (self.guards or besides or self.retold or self.recalled)
