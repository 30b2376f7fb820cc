"""Which faults a plan leaves open: its member's, and none that others held up."""

from dataclasses import replace
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Subject
from events.definitions.records import Label
from events.domain.plan import milestone_steps, plan, plan_steps
from events.domain.steps import Step
from tests.support.law import MEMBER, PERIOD, RULES, SECRETARY, SECRETARYS_HAND, at, records
from tests.support.plan_facts import (
    AGREED,
    FIRST,
    HANDED_IN,
    MILESTONES,
    NOW,
    OPENED,
    PROPOSED,
    WORDS,
    plan_with,
)

VOLUNTARY = replace(OPENED, due_at=UNSET)


def missing(step: str, due_at: datetime | UnsetType, item: str = "") -> DeadlineMissed:
    assert isinstance(due_at, datetime)
    return DeadlineMissed(
        subject=Subject(f"plan-{PERIOD}-{MEMBER}"), step=Code(step), item=Label(item), due_at=due_at
    )


def test_a_plan_that_was_demanded_and_never_written_is_an_open_fault() -> None:
    back = plan_steps.ReturnPlan(by=SECRETARYS_HAND, proposal_version=2, text=WORDS)
    returned = plan_steps.return_plan(plan_with(PROPOSED), back, RULES, now=NOW)

    assert plan.faults_open(plan_with(), demanded=True) == 1
    assert plan.faults_open(plan_with(PROPOSED, returned), demanded=True) == 1
    assert plan.faults_open(plan.EMPTY, demanded=True) == 0


def test_a_demanded_plan_that_nobody_answered_counts_only_where_it_came_late() -> None:
    missed = missing(Step.PLAN, OPENED.due_at)

    assert plan.faults_open(plan_with(PROPOSED), demanded=True) == 0
    assert plan.faults_open(plan_with(missed, PROPOSED), demanded=True) == 1


def test_a_plan_that_no_rating_demands_binds_once_it_is_agreed_to() -> None:
    wished, agreed = (plan.fold(records(VOLUNTARY, PROPOSED, *more)) for more in ((), (AGREED,)))

    assert plan.faults_open(wished, demanded=False) == 0
    assert plan.faults_open(agreed, demanded=False) == len(MILESTONES)


def test_a_plan_demanded_by_a_rating_that_was_corrected_counts_nothing() -> None:
    assert plan.faults_open(plan_with(), demanded=False) == 0
    assert plan.faults_open(plan_with(PROPOSED, AGREED), demanded=False) == 0


def test_evidence_handed_in_in_time_and_never_judged_is_no_open_fault() -> None:
    missed = missing(Step.MILESTONE, MILESTONES[0].due_at, FIRST)
    more = milestone_steps.ExtendMilestone(
        by=SECRETARY, milestone_id=FIRST, due_at=at(30, 4, year=2027), text=WORDS
    )
    late = plan_with(PROPOSED, AGREED, missed, HANDED_IN)
    extended = milestone_steps.extend_milestone(late, more, RULES, now=NOW)
    asked = milestone_steps.ask_for_more(
        plan_with(PROPOSED, AGREED, HANDED_IN),
        milestone_steps.AskForMore(
            by=SECRETARY, milestone_id=FIRST, evidence_version=4, text=WORDS
        ),
    )
    only_the_second = 1

    in_time = plan_with(PROPOSED, AGREED, HANDED_IN)
    assert plan.faults_open(in_time, demanded=True) == only_the_second
    assert plan.faults_open(late, demanded=True) == len(MILESTONES)
    forgiven = plan_with(PROPOSED, AGREED, missed, HANDED_IN, extended)
    assert plan.faults_open(forgiven, demanded=True) == only_the_second
    judged = plan_with(PROPOSED, AGREED, HANDED_IN, asked)
    assert plan.faults_open(judged, demanded=True) == len(MILESTONES)
