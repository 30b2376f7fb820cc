"""Whose step was not taken in time: a member's, a follower's, or that of an office."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_hand

from events.definitions.event import Event
from events.domain.escalation.lateness import Late, late_with
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId
from tests.support.law import CELL, LEADER, LEADERS_HAND, MEMBER, TOP, records
from tests.support.plan_facts import AGREED, PROPOSED
from tests.support.plan_facts import OPENED as PLAN_OPENED
from tests.support.review_facts import OPENED

OF_UNIT = replace(OPENED, member_id=MemberId(CELL), collective=True, leaders=(LEADERS_HAND,))


@pytest.mark.parametrize(
    ("opened", "step", "late"),
    [
        (OPENED, Step.COMMITMENT, Late(frozenset({MEMBER}), (UnitId(MEMBER),))),
        (OPENED, Step.PROPOSAL, Late(units=(CELL,))),
        (OPENED, Step.DECISION, Late(units=(CELL, TOP))),
    ],
)
def test_a_step_of_a_review_is_the_members_or_an_offices(
    opened: Event, step: Step, late: Late
) -> None:
    assert late_with(review.fold(records(opened)), step) == late


def test_a_units_own_step_is_that_of_who_answers_for_it_or_leads_it() -> None:
    late = late_with(review.fold(records(OF_UNIT)), Step.SELF_CRITIQUE)

    assert late.is_one(LEADERS_HAND, ())
    assert late.is_one(replace_hand(LEADERS_HAND, member_id=MEMBER), (CELL,))
    assert not late.is_one(replace_hand(LEADERS_HAND, member_id=MEMBER), (TOP,))
    assert late.is_one(replace_hand(LEADERS_HAND, member_id=MEMBER, for_id=LEADER), ())


@pytest.mark.parametrize(
    ("step", "late"),
    [
        (Step.MILESTONE, Late(frozenset({MEMBER}), (UnitId(MEMBER),))),
        (Step.PLAN_AGREEMENT, Late(units=(CELL,))),
        (Step.EVIDENCE_REVIEW, Late(frozenset({AGREED.follower_id}))),
    ],
)
def test_a_step_of_a_plan_is_the_members_the_followers_or_an_offices(
    step: Step, late: Late
) -> None:
    assert late_with(plan.fold(records(PLAN_OPENED, PROPOSED, AGREED)), step) == late


def test_where_nothing_was_opened_nobody_was_late() -> None:
    assert late_with(review.EMPTY, Step.DECISION) == Late()
