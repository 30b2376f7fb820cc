"""The bodies of answers. The API's documentation is derived from them."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Entry
from events.domain.organisation.member import Member
from events.domain.organisation.unit import Unit


class EventReceipt(msgspec.Struct, frozen=True):
    """Where an event went; the same event again gets the same receipt."""

    source: str
    id: str
    stream: str
    subject: str  # of the entry: the same as the stream
    recordedat: datetime
    known: bool  # it had come before; nothing was appended now
    # Of the stream, counted from 1; a token limited to units is told it where it may read that.
    version: int | UnsetType = UNSET


class Receipts(msgspec.Struct, frozen=True):
    """A receipt for each event, in the order in which they were sent."""

    receipts: tuple[EventReceipt, ...]


class PlacedEntry(Entry, frozen=True, kw_only=True):
    """An entry as it is stored, and beside it its place in the total order."""

    data: dict[str, Any]  # type: ignore[assignment] # documented as what it is in JSON
    position: int
    sequencedat: datetime


class FeedPage(msgspec.Struct, frozen=True):
    """A stretch of the log, as far as this token may see it."""

    events: tuple[PlacedEntry, ...]
    after: int  # the last position looked at: ask from here on
    head: int  # where the log ends


class HistoryPage(msgspec.Struct, frozen=True):
    """A stretch of one stream, as far as this token may see it."""

    events: tuple[PlacedEntry, ...]
    after: int  # the last version looked at: ask from here on


class MemberState(Member, frozen=True, kw_only=True):
    """What holds of a member."""

    id: str
    version: int  # of the stream
    as_of: int  # the position at which this is true
    incomplete: bool  # an event was set aside and is missing here; operators know


class UnitState(Unit, frozen=True, kw_only=True):
    """What holds of a unit."""

    id: str
    version: int
    as_of: int
    incomplete: bool


STRUCTS: tuple[type[msgspec.Struct], ...] = (
    Receipts,
    FeedPage,
    HistoryPage,
    MemberState,
    UnitState,
)
