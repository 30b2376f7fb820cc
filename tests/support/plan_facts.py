"""A member's plan, fact by fact: opened, proposed, agreed to, and evidence handed in."""

from datetime import datetime

from events.definitions.event import Event, Sealed
from events.definitions.plan import EvidenceHandedIn, PlanAgreed, PlanProposed
from events.definitions.records import FileCommitment, Hand, Label, Milestone
from events.domain.plan import milestone_steps, plan, plan_steps
from events.domain.plan.plan import State
from events.identifiers import MemberId
from tests.support.law import (
    CELL,
    MEMBER,
    PERIOD,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
)

WORDS = Sealed[str]("w" * 42 + "A")
FIRST, SECOND = Label("1"), Label("2")
FILE = FileCommitment(file="f" * 42 + "A", name=WORDS, size=10, media_type="application/pdf")
MILESTONES = (
    Milestone(id=FIRST, due_at=at(31, 3, year=2027, hour=16), words=WORDS),
    Milestone(id=SECOND, due_at=at(30, 6, year=2027, hour=16), words=WORDS),
)
NOW = at(4, 1, year=2027)
OPENED = plan_steps.open_plan(
    plan.EMPTY,
    plan_steps.OpenPlan(period=PERIOD, member_id=MEMBER, path=(CELL, TOP), required=True),
    RULES,
    now=at(28),
)
PROPOSED = PlanProposed(
    period=PERIOD,
    member_id=MEMBER,
    text=WORDS,
    milestones=MILESTONES,
    agreement_due_at=at(11, 1, year=2027, hour=16),
)
AGREED = PlanAgreed(
    period=PERIOD,
    member_id=MEMBER,
    proposal_version=2,
    follower_id=SECRETARY,
    by=SECRETARYS_HAND,
)
HANDED_IN = EvidenceHandedIn(
    period=PERIOD,
    member_id=MEMBER,
    milestone_id=FIRST,
    files=(FILE,),
    review_due_at=at(1, 3, year=2027),
)


def plan_with(*events: Event | tuple[datetime, Event]) -> State:
    return plan.fold(records(OPENED, *events))


def proposing(*milestones: Milestone, by: MemberId = MEMBER) -> plan_steps.ProposePlan:
    return plan_steps.ProposePlan(by=by, text=WORDS, milestones=milestones)


def agreeing(
    by: Hand = SECRETARYS_HAND, *, version: int = 2, follower: MemberId = SECRETARY
) -> plan_steps.AgreeToPlan:
    return plan_steps.AgreeToPlan(by=by, proposal_version=version, follower_id=follower)


def showing(*files: FileCommitment, by: MemberId = MEMBER) -> milestone_steps.HandInEvidence:
    return milestone_steps.HandInEvidence(by=by, milestone_id=FIRST, files=files)


def approving(by: MemberId = SECRETARY, *, version: int = 4) -> milestone_steps.ApproveMilestone:
    return milestone_steps.ApproveMilestone(by=by, milestone_id=FIRST, evidence_version=version)
