"""What a review says of itself: which steps were taken, and when."""

from events.domain.review import review
from events.domain.steps import Step
from events.domain.verification import rating_checks
from tests.support.law import at, told
from tests.support.party_rules import (
    CRITICISED_ONESELF,
    OPENED,
    RATED,
    held,
)


def test_a_step_was_taken_when_its_fact_says() -> None:
    state = review.fold(told((at(1), OPENED), (at(3), CRITICISED_ONESELF)))

    assert state.done_at(Step.SELF_CRITIQUE) == at(3)
    assert state.done_at(Step.PROPOSAL) is None


def test_a_review_was_held_when_the_last_meeting_was() -> None:
    before = review.fold(told((at(1), OPENED), (at(3), CRITICISED_ONESELF)))
    after = review.fold(told((at(1), OPENED), (at(3), CRITICISED_ONESELF), (at(8), held())))

    assert (before.done_at(Step.MEETING), after.done_at(Step.MEETING)) == (None, at(8))


def test_a_review_that_is_not_decided_has_no_rating() -> None:
    assert list(rating_checks.ratings(review.fold(told(*RATED[:4])))) == []
    assert review.level(review.fold(told(*RATED[:4]))) is None
