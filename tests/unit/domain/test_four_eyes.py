"""An auditor finds who judged the year of a unit that they answered for by then."""

from dataclasses import replace

import pytest

from events.definitions.event import Code, Event
from events.definitions.plan import (
    DecisionWithdrawn,
    MilestoneExtended,
    PlanMoved,
    PlanReturned,
    PlanVoided,
)
from events.definitions.records import Hand
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.domain.review import rating_steps
from events.domain.verification import four_eyes
from tests.support import plan_facts as of_members
from tests.support.collective_facts import AS_UNIT, NOW, WRITTEN, facts, review_with
from tests.support.collective_facts import OPENED as REVIEW_OPENED
from tests.support.law import CELL, MEMBER, PEER, records
from tests.support.party_rules import PARTY, SOON, WORDS, YEAR, held
from tests.support.unit_plan_facts import (
    ACTINGS_HAND,
    AGREED,
    APPROVED,
    FIRST,
    OPENED,
    PEER_ABOVE,
    PROPOSED,
    SHOWN,
    SINCE_ABOVE,
)


def misjudged(*events: Event) -> list[str]:
    """Return what was told by, or of, somebody who answers for the unit."""
    on_review, on_plan = records(REVIEW_OPENED, WRITTEN), records(OPENED, *events)
    check = four_eyes.check_four_eyes([*on_review, *on_plan])
    assert check.name == "four_eyes"
    return [] if check.passed else check.detail.split("; ")


def test_a_plan_that_others_judged_stands() -> None:
    undone = DecisionWithdrawn(
        period=YEAR, member_id=AS_UNIT, milestone_id=FIRST, decision_version=5, by=MEMBER
    )

    assert misjudged(PROPOSED, AGREED, SHOWN, APPROVED, undone) == []


@pytest.mark.parametrize(
    "fact",
    [
        replace(AGREED, by=PEER_ABOVE),
        replace(AGREED, follower_id=PEER),
        replace(AGREED, follower_id=AS_UNIT),
        PlanReturned(
            period=YEAR,
            member_id=AS_UNIT,
            proposal_version=2,
            by=PEER_ABOVE,
            text=WORDS,
            due_at=SOON,
        ),
        replace(APPROVED, by=PEER),
        MilestoneExtended(
            period=YEAR, member_id=AS_UNIT, milestone_id=FIRST, due_at=SOON, by=PEER, text=WORDS
        ),
    ],
)
def test_a_plan_judged_by_who_answers_for_the_unit_is_found(fact: Event) -> None:
    history = [*records(REVIEW_OPENED, WRITTEN), *records(OPENED, PROPOSED, fact)]

    check = four_eyes.check_four_eyes(history)

    assert not check.passed
    assert f"in {fact.definition.type} at 3" in check.detail


def test_who_comes_to_write_for_a_unit_after_judging_undoes_nothing() -> None:
    late = replace(SHOWN, by=Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary")))

    assert misjudged(PROPOSED, AGREED, SHOWN, APPROVED, late) == []
    assert misjudged(PROPOSED, AGREED, late, APPROVED) == [f"{MEMBER} in milestone.approved at 5"]


def test_a_unit_rated_again_by_who_planned_for_it_is_found() -> None:
    proposal = rating_steps.propose_rating(
        review_with(WRITTEN, replace(held(), member_id=AS_UNIT)),
        rating_steps.ProposeRating(by=SINCE_ABOVE, facts=facts()),
        PARTY,
        now=NOW,
    )
    *on_review, rated = records(REVIEW_OPENED, WRITTEN, proposal)
    on_plan = records(OPENED, replace(PROPOSED, by=ACTINGS_HAND))

    assert four_eyes.check_four_eyes([*on_review, rated, *on_plan]).passed
    assert not four_eyes.check_four_eyes([*on_review, *on_plan, rated]).passed


def test_a_member_who_follows_their_own_plan_is_found() -> None:
    own = replace(of_members.AGREED, follower_id=MEMBER)

    assert not four_eyes.check_four_eyes(
        records(of_members.OPENED, of_members.PROPOSED, own)
    ).passed
    assert four_eyes.check_four_eyes(
        records(of_members.OPENED, of_members.PROPOSED, of_members.AGREED)
    ).passed


def test_nobody_answers_for_what_was_never_opened() -> None:
    assert four_eyes.check_four_eyes(records(AGREED)).passed


@pytest.mark.parametrize(
    "fact",
    [
        ReviewMoved(
            period=YEAR, member_id=AS_UNIT, path=(CELL,), rated_by=(CELL,), places=(), by=PEER_ABOVE
        ),
        ReviewVoided(period=YEAR, member_id=AS_UNIT, by=PEER_ABOVE),
        PlanMoved(period=YEAR, member_id=AS_UNIT, path=(CELL,), by=PEER_ABOVE),
        PlanVoided(period=YEAR, member_id=AS_UNIT, by=PEER_ABOVE),
    ],
    ids=lambda each: each.definition.type,
)
def test_who_took_over_or_voided_a_year_that_they_answer_for_is_found(fact: Event) -> None:
    assert misjudged(PROPOSED, fact)
    assert not misjudged(PROPOSED, replace(fact, by=AGREED.by))  # type: ignore[type-var]


def test_nobody_judges_by_what_follows_from_posts() -> None:
    moved = PlanMoved(period=YEAR, member_id=AS_UNIT, path=(CELL,))

    assert four_eyes.judges_of(moved) == ()
