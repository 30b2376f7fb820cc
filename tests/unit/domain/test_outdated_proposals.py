"""A decision is bound to what its proposal counted: what moved since is proposed anew."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Facts, Hand
from events.definitions.review import RatingReturned
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import bounds, rating_steps, review
from events.domain.review.review import State
from events.domain.rulebook import rating
from events.domain.steps import Step
from events.domain.verification import rating_checks, repeats
from tests.support.law import LEADERS_HAND, MEMBER, RULES, TOP, at, facts, records, rejection_of
from tests.support.rating_facts import STEPS
from tests.support.review_facts import (
    COMMITTED,
    CRITICISED_ONESELF,
    PROPOSED,
    WORDS,
    decide,
    decided,
    review_with,
)

PROPOSAL = 3  # the version of the last fact of `UNDER_WAY`
MEMBERS_HAND = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))
UNDER_WAY = review_with(CRITICISED_ONESELF, PROPOSED)


def counting(**now: Any) -> Facts:
    """Return what the log tells by now, where some of it is not what the proposal counted."""
    return msgspec.structs.replace(PROPOSED.facts, **now)


def give_back(state: State, version: int = PROPOSAL, by: Hand = LEADERS_HAND) -> RatingReturned:
    command = rating_steps.ReturnRating(by=by, proposal_version=version, text=WORDS)
    return rating_steps.return_rating(state, command, RULES, now=at(17))


def after_return(*more: Event) -> State:
    return review_with(CRITICISED_ONESELF, PROPOSED, give_back(UNDER_WAY), *more)


def decide_when(now: Facts | None) -> object:
    command = replace(decide(version=PROPOSAL), facts=now)
    return rating_steps.decide_rating(UNDER_WAY, command, RULES, now=at(18))


def test_nobody_decides_on_a_proposal_once_the_log_tells_otherwise_of_what_it_counted() -> None:
    told = rejection_of(
        lambda: decide_when(counting(disciplined=True)),
        "proposal_outdated",
    )

    assert told.needed == "give the proposal back: the log tells otherwise by now of disciplined"
    assert decide_when(PROPOSED.facts)


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        (counting(counted={"days_absent": 3}), ("days_absent",)),
        (counting(earlier_faults_open=1), ("earlier_faults_open",)),
        (
            counting(counted={"state_level": 0}),
            (),
        ),
        (PROPOSED.facts, ()),
    ],
)
def test_what_moved_is_named(now: Facts, moved: tuple[str, ...]) -> None:
    assert bounds.moved_since(PROPOSED.facts, now) == moved


def test_a_proposal_given_back_is_made_anew_by_the_unit_within_the_days_of_a_proposal() -> None:
    state = after_return()

    assert review.stage(state) == Step.PROPOSAL
    (task,) = review.tasks(state)
    assert (task.step, task.due_at) == (Step.PROPOSAL, give_back(UNDER_WAY).proposal_due_at)
    assert state.deadlines.due_at(Step.DECISION) is None
    rejection_of(
        lambda: rating_steps.decide_rating(state, decide(version=PROPOSAL), RULES, now=at(18)),
        "step_missing",
    )


def test_what_was_said_before_a_return_is_not_said_again() -> None:
    assert [each.step for each in review.tasks(after_return())] == [Step.PROPOSAL]
    assert after_return(COMMITTED).commitment  # whoever hurried is still heard
    assert after_return().proposers == (PROPOSED.by.member_id,)  # and does not decide later


def test_only_the_authority_gives_back_and_only_the_proposal_that_it_saw_before_it_decides() -> (
    None
):
    rejection_of(lambda: give_back(UNDER_WAY, by=PROPOSED.by), "not_competent")
    rejection_of(lambda: give_back(UNDER_WAY, by=MEMBERS_HAND), "on_oneself")
    rejection_of(lambda: give_back(UNDER_WAY, version=PROPOSAL - 1), "stale")
    rejection_of(lambda: give_back(after_return()), "step_missing")
    rejection_of(lambda: give_back(review.fold(records(*STEPS))), "already_decided")


def test_a_return_of_another_proposal_or_after_the_decision_changes_nothing() -> None:
    other = replace(give_back(UNDER_WAY), proposal_version=PROPOSAL - 1)
    late = replace(give_back(UNDER_WAY), proposal_version=6)

    assert review_with(CRITICISED_ONESELF, PROPOSED, other).proposal
    assert review.fold(records(*STEPS, late)).proposal


def test_a_rating_decided_on_a_new_proposal_after_a_return_is_verified() -> None:
    counted = facts(86, disciplined=True)
    anew = replace(PROPOSED, facts=counted, outcome=rating.outcome(RULES.rulebook, counted))
    returned = replace(give_back(UNDER_WAY), proposal_version=6)
    told = records(*STEPS[:6], returned, anew, decided(version=8), *STEPS[7:])

    failed = rating_checks.failed_checks(review.fold(told), RULES)

    assert [each.name for each in failed] == ["within_limits", "reasoned"]  # of `good`, not of it
    assert repeats.check_once(told).passed


def test_a_decision_without_a_proposal_is_refused() -> None:
    with pytest.raises(CommandRejected):
        rating_steps.decide_rating(
            review_with(CRITICISED_ONESELF), decide(version=1), RULES, now=at(18)
        )
