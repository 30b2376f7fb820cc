"""Each fact of a plan, decided anew from what was told before it, as `review_law` does."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanMoved,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
    PlanVoided,
)
from events.definitions.records import Milestone
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day
from events.domain.organisation import member
from events.domain.plan import following, milestone_steps, plan, plan_steps
from events.domain.plan.following import Whose
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.verification.told import Told
from events.domain.verification.year_law import is_voided, path_over, require_voided
from events.domain.year.rules import Rules
from events.identifiers import MemberId, plan_stream

JUDGING = (  # by somebody: what followed by then was told before
    PlanAgreed,
    FollowerNamed,
    PlanReturned,
    MilestoneApproved,
    MoreAsked,
    MilestoneReturned,
    MilestoneExtended,
    DecisionWithdrawn,
)


class Plan(NamedTuple):
    """A plan as it was when a fact of it was told."""

    told: Told
    state: plan.State
    rules: Rules
    at: datetime

    @property
    def opening_fact(self) -> PlanOpened:
        return plan_steps.opened_plan(self.state)

    def answering(self, *members: MemberId) -> frozenset[MemberId]:
        """Return who answers for the collective of a plan: of some members, those who lead it."""
        if not self.opening_fact.collective:
            return frozenset()
        unit_id = self.opening_fact.member_id
        reviewed = self.told.review(self.opening_fact.period, unit_id)
        leading = (each for each in members if self.told.acts_for(unit_id, each, self.rules))
        return reviewed.leaders | self.state.leaders | {*leading}

    @property
    def whose(self) -> Whose:
        """Return whose plan it is, as they stood when a fact was told."""
        opened, told = self.opening_fact, self.told
        reviewed = told.review(opened.period, opened.member_id)
        return Whose(
            holds=told.holds(opened.member_id),
            tree=told.tree,
            path=reviewed.pinned_path,
            group=opened_review(reviewed).group or "",
        )

    def is_below(self, follower: MemberId) -> bool:
        """Tell whether somebody is below whose plan it is: a bundle holds no roster of theirs."""
        holds = self.told.holds(follower)
        return self.told.whole and following.is_below(self.state, holds, self.whose, self.rules)


def decide_again(told: Told, each: Recorded | Sequenced) -> Event:
    """Return what the law tells where a fact of a plan was told."""
    event: Any = each.event
    at = each.entry.time
    state = told.plan(event.period, event.member_id)
    if isinstance(event, PlanOpened):
        return _open(told, state, event, at)
    goes_by = state.deadlines.source(plan_steps.opened_plan(state))
    case = Plan(told, state, told.rules(goes_by), at)
    found = AGAIN[type(event)](case, event)
    if isinstance(event, JUDGING):
        following.require_followed(state, case.whose, case.rules)
    return found


def _open(told: Told, state: plan.State, event: PlanOpened, at: datetime) -> Event:
    """Return the opening: with a deadline where the level that was announced demands a plan."""
    reviewed = told.review(event.period, event.member_id)
    if reviewed.opened is None or reviewed.notice is None:
        raise CommandRejected(Rejection.NOT_ANNOUNCED)
    rules = told.rules(reviewed.deadlines.source(reviewed.opened.fact))
    command = plan_steps.OpenPlan(
        period=event.period,
        member_id=event.member_id,
        path=reviewed.pinned_units_above,
        required=rules.rulebook.demands_plan(review.level(reviewed)),
        collective=reviewed.collective,
        leaders=reviewed.hands(),
    )
    return plan_steps.open_plan(state, command, rules, now=at)


def _move(case: Plan, event: PlanMoved) -> Event:
    if not event.by:
        return following.follow_plan(case.state, case.whose, case.rules)
    reviewed, pinned = case.told.review(event.period, event.member_id), case.state.pinned_path
    path = path_over(case.told, event.period, pinned, event.by, among=reviewed.pinned_path)
    each_once = tuple(dict.fromkeys(path))  # it may be before one of those above already
    return plan_steps.take_over_plan(case.state, each_once, event.by)


def _void(case: Plan, event: PlanVoided) -> Event:
    begun = case.told.order_of(plan_stream(event.period, event.member_id), case.state.opened)
    judges = case.state.pinned_path[-1]
    first = case.opening_fact.path[-1]  # at or below the unit whose year it is
    voided = (
        each
        for each in (*case.told.way_up(judges), *case.told.way_up(first))
        if is_voided(case.told, event.period, each, event.by, since=begun)
    )
    top = next(voided, judges)
    require_voided(case.told, event.period, top, event.by, since=begun)
    return plan_steps.void_plan(case.state, event.by)


def _propose(case: Plan, event: PlanProposed) -> Event:
    command = plan_steps.ProposePlan(
        by=case.opening_fact.member_id,
        text=event.text,
        milestones=tuple(_as_chosen(case, event.milestones)),
        hand=event.by,
    )
    return plan_steps.propose_plan(case.state, command, case.rules, now=case.at)


def _as_chosen(case: Plan, milestones: Iterable[Milestone]) -> Iterable[Milestone]:
    """Return milestones with the ends of the days that were chosen for them."""
    for each in milestones:
        due_at = case.rules.due_on(local_day(each.due_at), now=case.at)
        yield Milestone(id=each.id, due_at=due_at, words=each.words)


def _require_enrolled(case: Plan, follower: MemberId) -> None:
    told = case.told.holds(follower)
    if case.told.whole and told.membership != member.ENROLLED:
        raise CommandRejected(Rejection.NO_FOLLOWER)


def _name_follower(case: Plan, event: FollowerNamed) -> Event:
    follower = event.follower_id
    _require_enrolled(case, follower)
    command = plan_steps.NameFollower(
        by=event.by,
        follower_id=follower,
        follower_below=case.is_below(follower),
        answering=case.answering(follower, *event.by.eyes),
    )
    return plan_steps.name_follower(case.state, command, case.rules)


def _unfollow(case: Plan, event: PlanUnfollowed) -> Event:
    """Return that nobody follows it; a bundle holds no roster of whoever did."""
    if not case.told.whole and event.follower_id == case.state.follower_id:
        return event
    holds = case.told.holds(event.follower_id)
    return following.unfollow(case.state, holds, case.whose, case.rules)


def _agree(case: Plan, event: PlanAgreed) -> Event:
    follower = event.follower_id
    _require_enrolled(case, follower)
    command = plan_steps.AgreeToPlan(
        by=event.by,
        proposal_version=event.proposal_version,
        follower_id=follower,
        follower_below=case.is_below(follower),
        answering=case.answering(follower, *event.by.eyes),
    )
    return plan_steps.agree_to_plan(case.state, command, case.rules)


def _return(case: Plan, event: PlanReturned) -> Event:
    command = plan_steps.ReturnPlan(
        by=event.by,
        proposal_version=event.proposal_version,
        text=event.text,
        answering=case.answering(*event.by.eyes),
    )
    return plan_steps.return_plan(case.state, command, case.rules, now=case.at)


def _hand_in(case: Plan, event: EvidenceHandedIn) -> Event:
    command = milestone_steps.HandInEvidence(
        by=case.opening_fact.member_id,
        milestone_id=event.milestone_id,
        files=event.files,
        text=event.text,
        hand=event.by,
    )
    return milestone_steps.hand_in_evidence(case.state, command, case.rules, now=case.at)


def _verdict(case: Plan, event: MilestoneApproved | MoreAsked | MilestoneReturned) -> Event:
    command, law = VERDICTS[type(event)]
    found = command(
        by=event.by,
        milestone_id=event.milestone_id,
        answering=case.answering(event.by),
        below=case.is_below(event.by),
        evidence_version=event.evidence_version,
        text=event.text,
    )
    return law(case.state, found)


def _extend(case: Plan, event: MilestoneExtended) -> Event:
    command = milestone_steps.ExtendMilestone(
        by=event.by,
        milestone_id=event.milestone_id,
        answering=case.answering(event.by),
        below=case.is_below(event.by),
        due_at=case.rules.due_on(local_day(event.due_at), now=case.at),
        text=event.text,
    )
    return milestone_steps.extend_milestone(case.state, command, case.rules, now=case.at)


def _withdraw(case: Plan, event: DecisionWithdrawn) -> Event:
    command = milestone_steps.WithdrawDecision(
        by=event.by,
        milestone_id=event.milestone_id,
        answering=case.answering(event.by),
        below=case.is_below(event.by),
    )
    return milestone_steps.withdraw_decision(case.state, command, case.rules, now=case.at)


VERDICTS: Mapping[type[Event], tuple[Callable[..., Any], Callable[[plan.State, Any], Event]]] = {
    MilestoneApproved: (milestone_steps.ApproveMilestone, milestone_steps.approve_milestone),
    MoreAsked: (milestone_steps.AskForMore, milestone_steps.ask_for_more),
    MilestoneReturned: (milestone_steps.ReturnMilestone, milestone_steps.return_milestone),
}

AGAIN: Mapping[type[Event], Callable[[Plan, Any], Event]] = {
    PlanMoved: _move,
    PlanVoided: _void,
    PlanProposed: _propose,
    PlanAgreed: _agree,
    FollowerNamed: _name_follower,
    PlanUnfollowed: _unfollow,
    PlanReturned: _return,
    EvidenceHandedIn: _hand_in,
    **dict.fromkeys(VERDICTS, _verdict),
    MilestoneExtended: _extend,
    DecisionWithdrawn: _withdraw,
}
