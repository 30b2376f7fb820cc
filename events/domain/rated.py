"""What is kept of a rating that was given once more since."""

import msgspec

from events.definitions.reopening import ReviewReopened
from events.definitions.review import (
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
)
from events.domain.taken import Taken


class Rated(msgspec.Struct, frozen=True):
    """How a rating came about that was given once more since."""

    reopening: Taken[ReviewReopened] | None  # by which it began; none: it is the first
    proposal: Taken[RatingProposed] | None
    appraisal: Taken[RatingAppraised] | None
    decision: Taken[RatingDecided]
    announcement: Taken[RatingAnnounced] | None
