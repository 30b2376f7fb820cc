"""Who led a unit, or wrote in its name, answers for it: others judge its review and its plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed
from events.definitions.plan import (
    EvidenceHandedIn,
    MilestoneApproved,
    PlanAgreed,
    PlanOpened,
    PlanProposed,
)
from events.definitions.records import Hand, Label
from events.definitions.review import (
    CriticismAnswered,
    CriticismGiven,
    PointAnswered,
    PointSuggested,
)
from events.domain.plan import milestone_steps, plan, plan_steps
from events.domain.review import meeting_steps, rating_steps, writing_steps
from events.identifiers import MemberId
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
    at,
    refused,
    told,
)
from tests.support.party_rules import PARTY, SOON, WORDS, YEAR, held
from tests.unit.domain import test_planning as of_members
from tests.unit.domain.test_collective import (
    AS_UNIT,
    DEPUTY_OF_CELL,
    NOW,
    WRITTEN,
    facts,
    reviewed,
)
from tests.unit.domain.test_collective import OPENED as REVIEW_OPENED

ACTING = MemberId("actingaaaaaaaaaaaaaaaaaaaa")  # led the unit for a while, after its opening
ACTINGS_HAND = Hand(member_id=ACTING, unit_id=CELL, post=Code("deputy_secretary"))
SINCE_ABOVE = Hand(member_id=ACTING, unit_id=TOP, post=Code("deputy_secretary"))
PEER_ABOVE = Hand(member_id=PEER, unit_id=TOP, post=Code("deputy_secretary"))
FIRST, CRITICISM, POINT = Label("1"), Label("criticism"), Label("point")

CRITICISED = CriticismGiven(
    period=YEAR,
    member_id=AS_UNIT,
    criticism_id=CRITICISM,
    author=Label("pseudonym"),
    text=WORDS,
    answer_due_at=SOON,
)
SUGGESTED = PointSuggested(
    period=YEAR,
    member_id=AS_UNIT,
    point_id=POINT,
    by=LEADERS_HAND,
    text=WORDS,
    answer_due_at=SOON,
)
ANSWERED = CriticismAnswered(
    period=YEAR, member_id=AS_UNIT, criticism_id=CRITICISM, text=WORDS, by=ACTINGS_HAND
)
POINT_ANSWERED = PointAnswered(
    period=YEAR, member_id=AS_UNIT, point_id=POINT, text=WORDS, by=ACTINGS_HAND
)

OPENED = PlanOpened(
    period=YEAR,
    member_id=AS_UNIT,
    path=(TOP,),
    rulebook=RULES.source.rulebook,
    calendar=RULES.source.calendar,
    collective=True,
    leaders=(SECRETARYS_HAND, DEPUTY_OF_CELL),
)
PROPOSED = PlanProposed(
    period=YEAR,
    member_id=AS_UNIT,
    text=WORDS,
    milestones=of_members.MILESTONES,
    agreement_due_at=SOON,
    by=DEPUTY_OF_CELL,
)
AGREED = PlanAgreed(
    period=YEAR, member_id=AS_UNIT, proposal_version=2, follower_id=MEMBER, by=LEADERS_HAND
)
SHOWN = EvidenceHandedIn(
    period=YEAR,
    member_id=AS_UNIT,
    milestone_id=FIRST,
    files=(of_members.FILE,),
    review_due_at=SOON,
    by=DEPUTY_OF_CELL,
)
APPROVED = MilestoneApproved(
    period=YEAR, member_id=AS_UNIT, milestone_id=FIRST, evidence_version=4, by=MEMBER
)


def planned(*events: Event) -> plan.State:
    return plan.fold(told(OPENED, *events))


def agree(state: plan.State, by: Hand = LEADERS_HAND, follower: MemberId = MEMBER) -> object:
    command = plan_steps.AgreeToPlan(by=by, proposal_version=state.version, follower_id=follower)
    return plan_steps.agree_to_plan(state, command, RULES)


def send_back(state: plan.State, by: Hand) -> object:
    command = plan_steps.ReturnPlan(by=by, proposal_version=state.version, text=WORDS)
    return plan_steps.return_plan(state, command, RULES, now=of_members.NOW)


def propose(state: plan.State, hand: Any) -> PlanProposed:
    command = plan_steps.ProposePlan(
        by=AS_UNIT, text=WORDS, milestones=of_members.MILESTONES, hand=hand
    )
    return plan_steps.propose_plan(state, command, RULES, now=of_members.NOW)


def show(state: plan.State, hand: Any) -> EvidenceHandedIn:
    command = milestone_steps.HandInEvidence(
        by=AS_UNIT, milestone_id=FIRST, files=(of_members.FILE,), hand=hand
    )
    return milestone_steps.hand_in_evidence(state, command, RULES, now=of_members.NOW)


def approve(state: plan.State, **who: Any) -> object:
    command = milestone_steps.ApproveMilestone(
        **{"by": MEMBER} | who, milestone_id=FIRST, evidence_version=state.version
    )
    return milestone_steps.approve_milestone(state, command)


def extend(state: plan.State, **who: Any) -> object:
    later = at(30, 4, year=2027)
    command = milestone_steps.ExtendMilestone(
        **{"by": MEMBER} | who, milestone_id=FIRST, due_at=later, text=WORDS
    )
    return milestone_steps.extend_milestone(state, command, RULES, now=of_members.NOW)


def withdraw(state: plan.State, **who: Any) -> object:
    command = milestone_steps.WithdrawDecision(**{"by": MEMBER} | who, milestone_id=FIRST)
    return milestone_steps.withdraw_decision(state, command, RULES, now=at(1))


# Who wrote for a unit is told


def test_who_answers_a_criticism_or_a_point_for_a_unit_is_told() -> None:
    state = reviewed(CRITICISED, SUGGESTED)
    answer = writing_steps.AnswerCriticism(
        by=AS_UNIT, criticism_id=CRITICISM, text=WORDS, hand=ACTINGS_HAND
    )
    to_point = meeting_steps.AnswerPoint(by=AS_UNIT, point_id=POINT, text=WORDS, hand=ACTINGS_HAND)

    assert writing_steps.answer_criticism(state, answer) == ANSWERED
    assert meeting_steps.answer_point(state, to_point) == POINT_ANSWERED


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_answers_for_a_unit(hand: Any) -> None:
    state = reviewed(CRITICISED, SUGGESTED)
    answer = writing_steps.AnswerCriticism(
        by=AS_UNIT, criticism_id=CRITICISM, text=WORDS, hand=hand
    )
    to_point = meeting_steps.AnswerPoint(by=AS_UNIT, point_id=POINT, text=WORDS, hand=hand)

    refused(lambda: writing_steps.answer_criticism(state, answer), "not_yours")
    refused(lambda: meeting_steps.answer_point(state, to_point), "not_yours")


def test_who_plans_for_a_unit_and_shows_what_was_done_is_told() -> None:
    assert propose(planned(), ACTINGS_HAND).by == ACTINGS_HAND
    assert show(planned(PROPOSED, AGREED), ACTINGS_HAND).by == ACTINGS_HAND


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_plans_for_a_unit(hand: Any) -> None:
    refused(lambda: propose(planned(), hand), "not_yours")
    refused(lambda: show(planned(PROPOSED, AGREED), hand), "not_yours")


def test_nobody_leads_when_a_member_plans() -> None:
    command = replace(of_members.proposing(*of_members.MILESTONES), hand=SECRETARYS_HAND)

    refused(
        lambda: plan_steps.propose_plan(of_members.planned(), command, RULES, now=of_members.NOW),
        "not_yours",
    )


# Who answers for it from then on


@pytest.mark.parametrize("fact", [ANSWERED, POINT_ANSWERED])
def test_who_answered_for_a_unit_neither_criticises_nor_rates_it(fact: Event) -> None:
    state = reviewed(WRITTEN, CRITICISED, SUGGESTED, fact)
    criticism = writing_steps.GiveCriticism(
        by=ACTING, criticism_id=Label("two"), author=Label("pseudonym"), text=Sealed("c" * 43)
    )
    rating = rating_steps.ProposeRating(by=SINCE_ABOVE, facts=facts())

    refused(lambda: writing_steps.give_criticism(state, criticism, PARTY, now=NOW), "on_oneself")
    refused(lambda: rating_steps.propose_rating(state, rating, PARTY, now=NOW), "on_oneself")


@pytest.mark.parametrize(("by", "leads"), [(ACTINGS_HAND, True), (SINCE_ABOVE, False)])
def test_who_told_of_a_units_meeting_wrote_for_it_if_by_an_office_in_it(
    by: Hand, *, leads: bool
) -> None:
    state = reviewed(WRITTEN, replace(held(), member_id=AS_UNIT, by=by))

    assert state.is_of(ACTING) is leads


def test_a_units_plan_pins_who_answered_for_it_in_its_review() -> None:
    told_ = reviewed(CRITICISED, ANSWERED, WRITTEN)
    command = plan_steps.OpenPlan(
        period=YEAR,
        member_id=AS_UNIT,
        path=(TOP,),
        required=True,
        collective=told_.collective,
        leaders=told_.hands(),
    )

    fact = plan_steps.open_plan(plan.EMPTY, command, RULES, now=of_members.NOW)

    assert fact.collective
    assert fact.leaders == (*REVIEW_OPENED.leaders, ACTINGS_HAND)
    assert plan.fold(told(fact)).leaders == {SECRETARY, PEER, ACTING}


def test_a_members_plan_has_no_leaders() -> None:
    assert not of_members.OPENED.collective
    assert of_members.OPENED.leaders == ()
    assert of_members.planned().leaders == set()
    assert not plan.EMPTY.is_of(MEMBER)


def test_nobody_pinned_agrees_to_a_units_plan_returns_it_or_follows_it() -> None:
    """The plan's own facts say so: no command tells who leads the unit."""
    refused(lambda: agree(planned(PROPOSED), PEER_ABOVE), "on_oneself")
    refused(lambda: send_back(planned(PROPOSED), PEER_ABOVE), "on_oneself")
    refused(lambda: agree(planned(PROPOSED), follower=SECRETARY), "on_oneself")
    assert agree(planned(PROPOSED)) == AGREED


def test_who_wrote_a_plan_that_was_replaced_does_not_agree_to_the_next() -> None:
    state = planned(replace(PROPOSED, by=ACTINGS_HAND), PROPOSED, PROPOSED)

    refused(lambda: agree(state, SINCE_ABOVE), "on_oneself")
    refused(lambda: agree(state, follower=ACTING), "on_oneself")


@pytest.mark.parametrize("step", [approve, extend, withdraw])
@pytest.mark.parametrize("wrote", [True, False])
def test_a_follower_who_came_to_lead_the_unit_judges_no_more(
    step: Callable[..., object], *, wrote: bool
) -> None:
    """They showed evidence for it, or the command tells that they lead it by now."""
    hand = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary")) if wrote else DEPUTY_OF_CELL
    state = planned(PROPOSED, AGREED, replace(SHOWN, by=hand))
    who = {} if wrote else {"answering": (MEMBER,)}

    refused(lambda: step(state, **who), "on_oneself")
