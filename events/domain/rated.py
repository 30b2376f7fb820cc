"""One rating of a review, with all that it came about by."""

import msgspec

from events.definitions.reopening import ReviewReopened
from events.definitions.review import (
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
)
from events.domain.succession import Succeeded
from events.domain.taken import Taken


class Rated(msgspec.Struct, frozen=True):
    """How a rating came about; what is not there has not come yet."""

    reopening: Taken[ReviewReopened] | None  # by which it began; none: it is the first
    proposal: Taken[RatingProposed] | None
    appraisal: Taken[RatingAppraised] | None
    decision: Taken[RatingDecided] | None
    announcement: Taken[RatingAnnounced] | None


class RatedAgain(Succeeded, frozen=True):
    """What is rated, once or again: the rating under way, and those that were decided before it."""

    reopening: Taken[ReviewReopened] | None = None  # the last one
    superseded: tuple[Rated, ...] = ()  # ratings before it
    proposal: Taken[RatingProposed] | None = None
    appraisal: Taken[RatingAppraised] | None = None
    decision: Taken[RatingDecided] | None = None
    announcement: Taken[RatingAnnounced] | None = None

    @property
    def rated_again(self) -> Taken[ReviewReopened] | None:
        """Return the reopening by which a rating is being given once more; None once it was."""
        return None if self.decision else self.reopening

    @property
    def standing(self) -> Rated:
        """Return the rating that holds, the last one decided; before any, the one under way.

        While somebody is rated again, what was decided before stands.
        """
        if self.superseded and not self.decision:
            return self.superseded[-1]
        return Rated(
            self.reopening, self.proposal, self.appraisal, self.decision, self.announcement
        )
