"""Whose review is asked about."""

import msgspec

from events.definitions.records import Period
from events.identifiers import (
    MemberId,
    Stream,
    review_stream,
)


class Subject(msgspec.Struct, frozen=True):
    """Whose review of which year."""

    period: Period
    member_id: MemberId  # or, of a collective, the unit's id

    @property
    def stream(self) -> Stream:
        return review_stream(self.period, self.member_id)
