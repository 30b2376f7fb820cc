"""No words are erased while somebody may need them to put a rating right."""

from events.domain.review import erasing, review
from tests.support.law import records, rejection_of
from tests.support.party_rules import CRITICISED_ONESELF, OPENED, RATED, RATED_AGAIN, REOPENED


def test_a_year_that_was_rated_may_be_erased() -> None:
    erasing.require_closed(review.fold(records(*RATED)), (), waits=True)
    erasing.require_closed(review.fold(records(*RATED, REOPENED, *RATED_AGAIN)), (), waits=True)
    erasing.require_closed(review.EMPTY, (), waits=True)


def test_a_year_that_is_rated_again_may_not() -> None:
    reopened = review.fold(records(*RATED, REOPENED))

    rejection_of(lambda: erasing.require_closed(reopened, (), waits=True), "being_rated_again")


def test_a_year_with_a_discipline_that_no_rating_counted_may_not() -> None:
    rated = review.fold(records(*RATED))

    rejection_of(
        lambda: erasing.require_closed(rated, {"a decision"}, waits=True), "discipline_open"
    )


def test_a_year_that_goes_on_may_not_while_it_waits_for_somebody() -> None:
    begun = review.fold(records(OPENED, CRITICISED_ONESELF))

    rejection_of(lambda: erasing.require_closed(begun, (), waits=True), "year_goes_on")
    erasing.require_closed(begun, (), waits=False)
