"""Nobody is reviewed or rated while they are away; what ran out meanwhile is nobody's fault."""

from collections.abc import Callable

import pytest

from events.definitions.deadline import Excuse
from events.definitions.event import Code
from events.domain.review import meeting_steps, presence, rating_steps, review
from events.domain.review.review import State
from events.domain.steps import Step
from tests.support.law import CELL, LEADERS_HAND, SECRETARYS_HAND, at, records, rejection_of
from tests.support.party_rules import DEPUTYS_HAND, PARTY, RATED, REOPENED, facts

NOW = at(10, year=2025)

Taking = Callable[[State, Excuse | None], object]


def rated(upto: int) -> State:
    return review.fold(records(*RATED[:upto]))


def hold(state: State, away: Excuse | None) -> object:
    command = meeting_steps.HoldMeeting(by=SECRETARYS_HAND, place=CELL, away=away)
    return meeting_steps.hold_meeting(state, command, PARTY, now=NOW)


def propose(state: State, away: Excuse | None) -> object:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts(), away=away)
    return rating_steps.propose_rating(state, command, PARTY, now=NOW)


def appraise(state: State, away: Excuse | None) -> object:
    command = rating_steps.AppraiseRating(
        by=DEPUTYS_HAND, level=Code("excellent"), proposal_version=4, away=away
    )
    return rating_steps.appraise_rating(state, command, PARTY, now=at(8))


def decide(state: State, away: Excuse | None) -> object:
    command = rating_steps.DecideRating(
        by=LEADERS_HAND, level=Code("excellent"), proposal_version=4, away=away
    )
    return rating_steps.decide_rating(state, command, PARTY, now=NOW)


STEPS = [(hold, 2), (propose, 3), (appraise, 4), (decide, 5)]  # with how many facts before


@pytest.mark.parametrize(("step", "before"), STEPS)
@pytest.mark.parametrize("away", Excuse)
def test_whoever_is_away_is_neither_reviewed_nor_rated(
    step: Taking, before: int, away: Excuse
) -> None:
    rejection_of(lambda: step(rated(before), away), away.value)

    assert step(rated(before), None)


def test_an_absent_person_is_told_to_go_on_once_they_are_back() -> None:
    rejection = rejection_of(lambda: hold(rated(2), Excuse.ABSENT), "absent")

    assert "once they are back" in rejection.needed


def test_a_reopened_review_is_rated_anew_wherever_somebody_is() -> None:
    reopened = review.fold(records(*RATED, REOPENED))

    assert propose(reopened, Excuse.LEFT)


@pytest.mark.parametrize(
    ("step", "waits"),
    [
        (Step.SELF_CRITIQUE, True),
        (Step.MEETING, True),
        (Step.DECISION, True),
        (Step.ANNOUNCEMENT, False),
    ],
)
def test_a_deadline_waits_for_who_is_away_where_the_step_does(step: Step, *, waits: bool) -> None:
    assert presence.may_be_away(rated(3), step) is waits


def test_of_a_reopened_review_no_rating_waits_for_anybody() -> None:
    reopened = review.fold(records(*RATED, REOPENED))

    assert not presence.may_be_away(reopened, Step.PROPOSAL)
