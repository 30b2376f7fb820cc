"""A remediation plan: proposed, agreed to, shown, judged; never by the member, never unseen."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.plan import FollowerNamed, PlanOpened
from events.definitions.records import Hand, Label, Milestone
from events.domain.plan import milestone_steps, plan, plan_steps
from events.domain.plan.plan import Status
from events.identifiers import MemberId
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    PERIOD,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.plan_facts import (
    AGREED,
    FILE,
    FIRST,
    HANDED_IN,
    MILESTONES,
    NOW,
    OPENED,
    PROPOSED,
    SECOND,
    WORDS,
    agreeing,
    approving,
    plan_with,
    proposing,
    showing,
)


def test_a_plan_that_is_demanded_has_a_deadline_and_another_has_none() -> None:
    wish = plan_steps.OpenPlan(period=PERIOD, member_id=MEMBER, path=(CELL, TOP), required=False)

    voluntary = plan_steps.open_plan(plan.EMPTY, wish, RULES, now=at(28))

    assert isinstance(OPENED.due_at, datetime)
    assert voluntary.due_at is UNSET
    assert [t.step for t in plan.tasks(plan.fold(records(OPENED)))] == ["plan"]
    rejection_of(lambda: plan_steps.open_plan(plan_with(), wish, RULES, now=at(28)), "already_open")


def test_a_member_proposes_and_may_propose_anew_until_it_is_agreed_to() -> None:
    command = proposing(*MILESTONES)

    assert plan_steps.propose_plan(plan_with(), command, RULES, now=NOW).milestones == MILESTONES
    again = plan_steps.propose_plan(plan_with(PROPOSED), command, RULES, now=NOW)
    assert again.milestones == MILESTONES
    rejection_of(
        lambda: plan_steps.propose_plan(plan_with(PROPOSED, AGREED), command, RULES, now=NOW),
        "already_done",
    )
    rejection_of(
        lambda: plan_steps.propose_plan(
            plan_with(), proposing(*MILESTONES, by=PEER), RULES, now=NOW
        ),
        "not_yours",
    )


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ((), "wrong_milestones"),
        ((MILESTONES[1],), "wrong_milestones"),
        (MILESTONES * 7, "wrong_milestones"),
        ((Milestone(id=FIRST, due_at=at(8, 1, year=2027), words=WORDS),), "too_soon"),
    ],
)
def test_milestones_are_numbered_few_and_not_too_soon(
    wanted: tuple[Milestone, ...], code: str
) -> None:
    rejection_of(
        lambda: plan_steps.propose_plan(plan_with(), proposing(*wanted), RULES, now=NOW), code
    )


def test_the_unit_agrees_to_what_it_saw_and_names_who_follows() -> None:
    assert plan_steps.agree_to_plan(plan_with(PROPOSED), agreeing(), RULES) == AGREED
    rejection_of(
        lambda: plan_steps.agree_to_plan(plan_with(PROPOSED, PROPOSED), agreeing(), RULES), "stale"
    )
    rejection_of(lambda: plan_steps.agree_to_plan(plan_with(), agreeing(), RULES), "step_missing")
    rejection_of(
        lambda: plan_steps.agree_to_plan(plan_with(PROPOSED, AGREED), agreeing(), RULES),
        "already_done",
    )


def test_nobody_agrees_to_their_own_plan_nor_follows_it() -> None:
    own = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary"))

    rejection_of(
        lambda: plan_steps.agree_to_plan(plan_with(PROPOSED), agreeing(own), RULES), "on_oneself"
    )
    rejection_of(
        lambda: plan_steps.agree_to_plan(plan_with(PROPOSED), agreeing(follower=MEMBER), RULES),
        "on_oneself",
    )


def test_nobody_who_leads_a_unit_by_now_agrees_to_its_plan_returns_it_or_follows_it() -> None:
    """The plan's facts do not name them, so the command says who that is."""
    answering = (SECRETARY,)
    agree = replace(agreeing(follower=PEER), answering=answering)
    follow = replace(agreeing(LEADERS_HAND, follower=SECRETARY), answering=answering)
    back = plan_steps.ReturnPlan(
        by=SECRETARYS_HAND, proposal_version=2, text=WORDS, answering=answering
    )

    rejection_of(lambda: plan_steps.agree_to_plan(plan_with(PROPOSED), agree, RULES), "on_oneself")
    rejection_of(lambda: plan_steps.agree_to_plan(plan_with(PROPOSED), follow, RULES), "on_oneself")
    rejection_of(
        lambda: plan_steps.return_plan(plan_with(PROPOSED), back, RULES, now=NOW), "on_oneself"
    )


def test_a_returned_plan_is_proposed_anew_by_another_deadline() -> None:
    command = plan_steps.ReturnPlan(by=SECRETARYS_HAND, proposal_version=2, text=WORDS)

    returned = plan_steps.return_plan(plan_with(PROPOSED), command, RULES, now=NOW)

    state = plan_with(PROPOSED, returned)
    assert [(t.step, t.due_at) for t in plan.tasks(state)] == [("plan", returned.due_at)]
    assert [t.step for t in plan.tasks(plan_with(PROPOSED, returned, PROPOSED))] == [
        "plan_agreement"
    ]


def test_evidence_is_files_or_words_and_only_the_member_hands_it_in() -> None:
    state = plan_with(PROPOSED, AGREED)

    assert milestone_steps.hand_in_evidence(state, showing(FILE), RULES, now=NOW).files == (FILE,)
    rejection_of(
        lambda: milestone_steps.hand_in_evidence(state, showing(), RULES, now=NOW), "nothing_shown"
    )
    rejection_of(
        lambda: milestone_steps.hand_in_evidence(state, showing(FILE, by=PEER), RULES, now=NOW),
        "not_yours",
    )
    rejection_of(
        lambda: milestone_steps.hand_in_evidence(state, showing(*[FILE] * 11), RULES, now=NOW),
        "too_many",
    )
    rejection_of(
        lambda: milestone_steps.hand_in_evidence(
            plan_with(PROPOSED), showing(FILE), RULES, now=NOW
        ),
        "unknown_milestone",
    )


def test_the_follower_approves_the_evidence_that_they_saw() -> None:
    state = plan_with(PROPOSED, AGREED, HANDED_IN)

    approved = milestone_steps.approve_milestone(state, approving())

    assert approved.evidence_version == 4
    assert plan_with(PROPOSED, AGREED, HANDED_IN, approved).milestones[0].status is Status.APPROVED
    more = plan_with(PROPOSED, AGREED, HANDED_IN, HANDED_IN)
    rejection_of(lambda: milestone_steps.approve_milestone(more, approving()), "stale")
    rejection_of(
        lambda: milestone_steps.approve_milestone(plan_with(PROPOSED, AGREED), approving()),
        "step_missing",
    )


def test_nobody_below_whose_plan_it_is_follows_it() -> None:
    agree = replace(agreeing(), follower_below=True)
    judge = replace(approving(), below=True)
    state = plan_with(PROPOSED, AGREED, HANDED_IN)

    rejection_of(
        lambda: plan_steps.agree_to_plan(plan_with(PROPOSED), agree, RULES), "followed_from_below"
    )
    rejection_of(lambda: milestone_steps.approve_milestone(state, judge), "followed_from_below")


def test_nobody_but_the_follower_judges_and_never_the_member() -> None:
    state = plan_with(PROPOSED, AGREED, HANDED_IN)

    rejection_of(lambda: milestone_steps.approve_milestone(state, approving(PEER)), "not_competent")
    rejection_of(lambda: milestone_steps.approve_milestone(state, approving(MEMBER)), "on_oneself")


def test_what_is_asked_for_or_returned_goes_back_to_the_member() -> None:
    state = plan_with(PROPOSED, AGREED, HANDED_IN)
    ask = milestone_steps.AskForMore(
        by=SECRETARY, milestone_id=FIRST, evidence_version=4, text=WORDS
    )
    back = milestone_steps.ReturnMilestone(
        by=SECRETARY, milestone_id=FIRST, evidence_version=4, text=WORDS
    )

    asked = plan_with(PROPOSED, AGREED, HANDED_IN, milestone_steps.ask_for_more(state, ask))
    returned = plan_with(PROPOSED, AGREED, HANDED_IN, milestone_steps.return_milestone(state, back))

    assert asked.milestones[0].status is Status.MORE_ASKED
    assert returned.milestones[0].status is Status.RETURNED
    assert next((t.step, t.turn, t.item) for t in plan.tasks(asked)) == ("milestone", "member", "1")


def test_an_extension_ends_later_and_on_a_working_day() -> None:
    state = plan_with(PROPOSED, AGREED)
    later = milestone_steps.ExtendMilestone(
        by=SECRETARY, milestone_id=FIRST, due_at=at(30, 4, year=2027), text=WORDS
    )
    sooner = milestone_steps.ExtendMilestone(
        by=SECRETARY, milestone_id=FIRST, due_at=at(1, 3, year=2027), text=WORDS
    )

    extended = milestone_steps.extend_milestone(state, later, RULES, now=NOW)

    assert extended.due_at.date().isoformat() == "2027-05-04"  # after three holidays
    after = plan_with(PROPOSED, AGREED, extended)
    assert after.deadlines.due_at("milestone", "1") == extended.due_at
    rejection_of(
        lambda: milestone_steps.extend_milestone(state, sooner, RULES, now=NOW), "not_later"
    )


def test_a_decision_is_withdrawn_soon_after_it_or_never() -> None:
    state = plan_with(PROPOSED, AGREED, HANDED_IN)
    approved = (NOW, milestone_steps.approve_milestone(state, approving()))
    undo = milestone_steps.WithdrawDecision(by=SECRETARY, milestone_id=FIRST)
    after = plan_with(PROPOSED, AGREED, HANDED_IN, approved)

    withdrawn = milestone_steps.withdraw_decision(
        after, undo, RULES, now=NOW + timedelta(minutes=10)
    )

    can = milestone_steps.may_withdraw
    assert can(after.milestones[0], RULES, now=NOW + timedelta(minutes=10))
    assert not can(after.milestones[0], RULES, now=NOW + timedelta(minutes=10, seconds=1))
    assert not can(state.milestones[0], RULES, now=NOW)
    undone = plan_with(PROPOSED, AGREED, HANDED_IN, approved, withdrawn)
    assert undone.milestones[0].status is Status.HANDED_IN
    rejection_of(
        lambda: milestone_steps.withdraw_decision(
            after, undo, RULES, now=NOW + timedelta(minutes=10, seconds=1)
        ),
        "too_late",
    )
    rejection_of(
        lambda: milestone_steps.withdraw_decision(state, undo, RULES, now=NOW),
        "nothing_to_withdraw",
    )


def test_approved_is_the_end_of_a_milestone() -> None:
    state = plan_with(PROPOSED, AGREED, HANDED_IN)
    done = plan_with(
        PROPOSED, AGREED, HANDED_IN, milestone_steps.approve_milestone(state, approving())
    )
    later = milestone_steps.ExtendMilestone(
        by=SECRETARY, milestone_id=FIRST, due_at=at(30, 4, year=2027), text=WORDS
    )

    rejection_of(
        lambda: milestone_steps.hand_in_evidence(done, showing(FILE), RULES, now=NOW),
        "already_done",
    )
    rejection_of(
        lambda: milestone_steps.extend_milestone(done, later, RULES, now=NOW), "already_done"
    )
    assert plan.faults_open(done, demanded=True) == 1
    assert [t.item for t in plan.tasks(done)] == ["2"]


def test_a_plan_that_was_never_opened_takes_nothing() -> None:
    rejection_of(
        lambda: plan_steps.propose_plan(plan.EMPTY, proposing(*MILESTONES), RULES, now=NOW),
        "not_open",
    )
    assert plan.tasks(plan.EMPTY) == ()
    assert isinstance(OPENED, PlanOpened)


def test_nobody_judges_before_the_plan_is_agreed_to() -> None:
    rejection_of(
        lambda: milestone_steps.approve_milestone(plan_with(PROPOSED), approving(version=2)),
        "step_missing",
    )


def test_what_was_taken_is_due_no_more() -> None:
    back = plan_steps.ReturnPlan(by=SECRETARYS_HAND, proposal_version=2, text=WORDS)
    returned = plan_steps.return_plan(plan_with(PROPOSED), back, RULES, now=NOW)
    approved = milestone_steps.approve_milestone(
        plan_with(PROPOSED, AGREED, HANDED_IN), approving()
    )

    due = [
        [(each.step, each.item) for each in state.deadlines.open_dues(state.done)]
        for state in (
            plan_with(),
            plan_with(PROPOSED),
            plan_with(PROPOSED, returned),
            plan_with(PROPOSED, AGREED),
            plan_with(PROPOSED, AGREED, HANDED_IN),
            plan_with(PROPOSED, AGREED, HANDED_IN, approved),
        )
    ]

    assert due == [
        [("plan", "")],
        [("plan_agreement", "")],
        [("plan", "")],
        [("milestone", "1"), ("milestone", "2")],
        [("milestone", "2"), ("evidence_review", "1")],
        [("milestone", "2")],
    ]


def test_a_step_that_no_plan_has_waits_for_nobody() -> None:
    assert plan_with(PROPOSED, AGREED).done("commitment")


def test_a_plan_is_finished_when_every_milestone_is_approved() -> None:
    shown = replace(HANDED_IN, milestone_id=SECOND)
    both = [PROPOSED, AGREED, HANDED_IN, shown]
    approved = [
        milestone_steps.approve_milestone(
            plan_with(*both),
            milestone_steps.ApproveMilestone(by=SECRETARY, milestone_id=which, evidence_version=n),
        )
        for which, n in ((FIRST, 4), (SECOND, 5))
    ]

    stages = [
        plan.stage(plan_with(*facts)) for facts in ([], both[:1], both[:2], [*both, *approved])
    ]

    assert stages == ["proposal", "agreement", "under_way", "finished"]


def test_a_plan_that_opens_with_a_notice_waits_for_its_member_at_once() -> None:
    assert isinstance(OPENED, PlanOpened)

    opened = plan.state_at_opening(OPENED, at(28))

    assert opened.version == 0  # its stream begins with the append that the notice is in
    assert plan.tasks(opened) == plan.tasks(plan_with())


def test_a_fact_about_a_milestone_that_the_plan_has_not_changes_nothing() -> None:
    state = plan_with(PROPOSED, AGREED)

    after = plan_with(PROPOSED, AGREED, replace(HANDED_IN, milestone_id=Label("9")))

    assert after.milestones == state.milestones
    assert after.deadlines == state.deadlines


def naming(by: Hand = SECRETARYS_HAND, *, follower: MemberId = PEER) -> plan_steps.NameFollower:
    return plan_steps.NameFollower(by=by, follower_id=follower)


def test_somebody_else_follows_a_plan_whose_follower_cannot() -> None:
    agreed = plan_with(PROPOSED, AGREED)

    named = plan_steps.name_follower(agreed, naming(), RULES)
    after = plan_with(PROPOSED, AGREED, named, HANDED_IN)

    assert after.follower_id == PEER
    assert after.agreement == agreed.agreement
    milestone_steps.approve_milestone(after, approving(PEER, version=5))
    rejection_of(
        lambda: milestone_steps.approve_milestone(after, approving(SECRETARY, version=5)),
        "not_competent",
    )


def test_a_follower_is_named_for_an_agreed_plan_by_who_may_agree_and_for_others() -> None:
    agreed = plan_with(PROPOSED, AGREED)
    of_peer = Hand(member_id=PEER, unit_id=CELL, post=Code("clerk"))
    own = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary"))

    for state, command, code in (
        (plan_with(PROPOSED), naming(), "step_missing"),
        (agreed, naming(of_peer), "not_competent"),
        (agreed, naming(follower=SECRETARY), "already_done"),
        (agreed, naming(follower=MEMBER), "on_oneself"),
        (agreed, replace(naming(), answering={PEER}), "on_oneself"),
        (
            agreed,
            naming(own),
            "on_oneself",
        ),
    ):
        rejection_of(partial(plan_steps.name_follower, state, command, RULES), code)


def test_nobody_follows_a_plan_that_was_not_agreed_to() -> None:
    named = FollowerNamed(period=PERIOD, member_id=MEMBER, follower_id=PEER, by=SECRETARYS_HAND)

    assert plan_with(PROPOSED, named).follower_id is None
