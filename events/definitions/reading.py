"""Who read somebody else's words, and by which right. The person they are about sees it."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Origin, Scope, event
from events.definitions.records import Label, Period
from events.identifiers import MemberId


@event("text.opened", schema_version=1, about="reading", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class TextOpened(Event):
    """Somebody opened sealed words; told once per reader, text and day.

    It has a stream of its own, so that reading a review makes nobody's open form stale.
    """

    period: Period
    member_id: MemberId  # whom the words are about
    texts: tuple[str, ...]  # the commitments
    right: Code  # the role by which they may be read
    reader: Label  # the account
    reader_id: MemberId | UnsetType = UNSET  # the member behind it, if any
    authors: bool = False  # they also saw who wrote the criticisms, as the edition lets them


READING: tuple[type[Event], ...] = (TextOpened,)
