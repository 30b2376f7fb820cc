"""A step that is taken once and told twice is found: of two decisions the last would count."""

import pytest

from events.definitions.event import Event
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import DecisionWithdrawn, PlanVoided
from events.definitions.reopening import ReviewVoided
from events.definitions.review import CriticismGiven, PointAnswered, PointSuggested
from events.domain.verification.repeats import check_once
from tests.support import rating_facts
from tests.support.collective_facts import AS_UNIT
from tests.support.examples import EXAMPLES
from tests.support.law import LEADERS_HAND, MEMBER, records
from tests.support.party_rules import (
    ANNOUNCED,
    RATED,
    RATED_AGAIN,
    REOPENED,
    WORDS,
    YEAR,
    appraised,
    decided,
    proposed,
)
from tests.support.unit_plan_facts import AGREED, APPROVED, FIRST, OPENED, PROPOSED, SHOWN

ANSWERED = NoticeAnswered(period=YEAR, member_id=MEMBER, text=WORDS)
VOIDED = ReviewVoided(period=YEAR, member_id=MEMBER, by=LEADERS_HAND)


def told_again(*events: Event) -> list[str]:
    check = check_once(records(*events))
    assert check.name == "once"
    return [] if check.passed else check.detail.split("; ")


@pytest.mark.parametrize(
    "events",
    [
        rating_facts.STEPS,
        RATED,
        (*RATED, ANSWERED, *RATED_AGAIN, ANSWERED),
        (*RATED[:4], proposed(), appraised(5), proposed(), appraised(7)),
        (*RATED, VOIDED, *RATED),
    ],
)
def test_what_the_law_lets_be_told_again_is_no_repeat(events: tuple[Event, ...]) -> None:
    assert told_again(*events) == []


@pytest.mark.parametrize("event", [*RATED, *rating_facts.STEPS])
def test_each_step_of_a_rating_is_told_once(event: Event) -> None:
    steps = RATED if event in RATED else rating_facts.STEPS

    found = told_again(*steps, event)

    assert found == [f"{event.definition.type} at {len(steps) + 1}"]


@pytest.mark.parametrize("kind", [PointSuggested, PointAnswered, CriticismGiven])
def test_each_point_and_criticism_is_told_once(kind: type[Event]) -> None:
    event = EXAMPLES[kind.definition.type]

    assert told_again(event) == []
    assert told_again(event, event) == [f"{kind.definition.type} at 2"]


@pytest.mark.parametrize(
    "events",
    [
        (*RATED, ANSWERED, ANSWERED),
        (*RATED, REOPENED, REOPENED),
        (*RATED, *RATED_AGAIN, decided(9, "excellent")),
        (*RATED, *RATED_AGAIN, ANNOUNCED),
    ],
)
def test_a_round_that_is_rated_again_takes_its_steps_once(events: tuple[Event, ...]) -> None:
    assert told_again(*events) == [f"{events[-1].definition.type} at {len(events)}"]


PLANNED = (OPENED, PROPOSED, AGREED, SHOWN, APPROVED)
UNDONE = DecisionWithdrawn(
    period=YEAR,
    member_id=AS_UNIT,
    milestone_id=FIRST,
    decision_version=5,
    by=MEMBER,
)


@pytest.mark.parametrize("event", PLANNED[:3] + PLANNED[4:])
def test_each_step_of_a_plan_is_told_once(event: Event) -> None:
    assert told_again(*PLANNED, event) == [f"{event.definition.type} at 6"]


def test_a_verdict_is_given_again_on_more_evidence_and_once_it_was_withdrawn() -> None:
    assert told_again(*PLANNED, UNDONE, APPROVED) == []
    assert told_again(*PLANNED, SHOWN, APPROVED) == []


def test_a_plan_may_be_proposed_again_until_it_is_agreed_to_and_begun_anew_once_voided() -> None:
    voided = PlanVoided(period=YEAR, member_id=AS_UNIT, by=LEADERS_HAND)

    assert told_again(OPENED, PROPOSED, *PLANNED[1:]) == []
    assert told_again(*PLANNED, voided, *PLANNED) == []
