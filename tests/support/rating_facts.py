"""A rating, fact by fact, that came about by the rules."""

from events.definitions.event import Event
from events.definitions.review import RatingAnnounced
from tests.support.law import (
    MEMBER,
    PERIOD,
)
from tests.support.law import SECRETARYS_HAND as HAND
from tests.support.review_facts import (
    ANSWERED,
    COMMITTED,
    CRITICISED,
    CRITICISED_ONESELF,
    OPENED,
    PROPOSED,
    decided,
)

ANNOUNCED = RatingAnnounced(period=PERIOD, member_id=MEMBER, by=HAND)
STEPS: tuple[Event, ...] = (
    OPENED,
    COMMITTED,
    CRITICISED_ONESELF,
    CRITICISED,
    ANSWERED,
    PROPOSED,
    decided(version=6),
    ANNOUNCED,
)
