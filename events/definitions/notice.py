"""What the person reviewed says to the notice of their rating."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Event, Origin, Scope, Sealed, event
from events.definitions.records import Hand, Period
from events.identifiers import MemberId


@event(
    "review.notice_answered",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAnswered(Event):
    """The person reviewed, or who leads a unit, answered the last notice. No rating changes."""

    period: Period
    member_id: MemberId
    text: Sealed[str]
    by: Hand | UnsetType = UNSET  # who wrote for a collective
