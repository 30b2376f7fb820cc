"""No words are erased while somebody may need them to put a rating right."""

from events.domain.review import erasing, review
from tests.support.law import records, rejection_of
from tests.support.party_rules import RATED, RATED_AGAIN, REOPENED


def test_a_year_that_was_rated_may_be_erased() -> None:
    erasing.require_closed(review.fold(records(*RATED)), ())
    erasing.require_closed(review.fold(records(*RATED, REOPENED, *RATED_AGAIN)), ())
    erasing.require_closed(review.EMPTY, ())


def test_a_year_that_is_rated_again_may_not() -> None:
    reopened = review.fold(records(*RATED, REOPENED))

    rejection_of(lambda: erasing.require_closed(reopened, ()), "being_rated_again")


def test_a_year_with_a_discipline_that_no_rating_counted_may_not() -> None:
    rated = review.fold(records(*RATED))

    rejection_of(lambda: erasing.require_closed(rated, {"a decision"}), "discipline_open")
