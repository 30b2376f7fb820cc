"""What a review says of itself: which steps were taken, and when."""

from events.domain.review import review
from events.domain.steps import Aggregate, Step
from events.domain.verification import rating_checks
from tests.support.examples import EXAMPLES
from tests.support.law import at, records
from tests.support.party_rules import (
    CRITICISED_ONESELF,
    OPENED,
    RATED,
    held,
)

ASKED = (EXAMPLES["review.criticism_given"], EXAMPLES["review.point_suggested"])
ANSWERED = (EXAMPLES["review.criticism_answered"], EXAMPLES["review.point_answered"])


def test_a_step_was_taken_when_its_fact_says() -> None:
    state = review.fold(records((at(1), OPENED), (at(3), CRITICISED_ONESELF)))

    assert state.done_at(Step.SELF_CRITIQUE) == at(3)
    assert state.done_at(Step.PROPOSAL) is None


def test_a_review_was_held_when_the_last_meeting_was() -> None:
    before = review.fold(records((at(1), OPENED), (at(3), CRITICISED_ONESELF)))
    after = review.fold(records((at(1), OPENED), (at(3), CRITICISED_ONESELF), (at(8), held())))

    assert (before.done_at(Step.MEETING), after.done_at(Step.MEETING)) == (None, at(8))


def test_a_step_of_another_kind_is_never_taken_in_a_review() -> None:
    others = [step for step in Step if step.row.of is not Aggregate.REVIEW]

    assert [review.fold(records(*RATED)).done(step) for step in others] == [False] * len(others)


def test_a_criticism_and_a_point_are_left_until_they_are_answered() -> None:
    asked = review.fold(records(OPENED, *ASKED))
    answered = review.fold(records(OPENED, *ASKED, *ANSWERED))

    both = (Step.ANSWER, Step.SUGGESTION_ANSWER)
    assert [asked.is_left(step) for step in both] == [True, True]
    assert [answered.is_left(step) for step in both] == [False, False]


def test_the_first_answer_to_a_criticism_and_to_a_point_counts() -> None:
    first = review.fold(records(OPENED, *ASKED, *ANSWERED))
    again = review.fold(records(OPENED, *ASKED, *ANSWERED, *ANSWERED))

    assert (again.answers, again.point_answers) == (first.answers, first.point_answers)


def test_a_review_that_is_not_decided_has_no_rating() -> None:
    assert list(rating_checks.ratings(review.fold(records(*RATED[:4])))) == []
    assert review.level(review.fold(records(*RATED[:4]))) is None
