"""A unit's plan, fact by fact, and who comes to lead the unit on the way."""

from typing import Any

from events.definitions.event import Code, Event
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
from events.identifiers import MemberId
from tests.support import plan_facts as of_members
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
)
from tests.support.party_rules import SOON, WORDS, YEAR

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


def plan_with(*events: Event) -> plan.State:
    return plan.fold(records(OPENED, *events))


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
