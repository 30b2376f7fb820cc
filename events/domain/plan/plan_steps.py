"""A remediation plan is opened, proposed, and agreed to or returned.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.event import Sealed
from events.definitions.plan import (
    FollowerNamed,
    PlanAgreed,
    PlanMoved,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanVoided,
)
from events.definitions.records import Hand, Period
from events.definitions.records import Milestone as Planned
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.plan.state import State
from events.domain.rulebook.rulebook import PlanTerms
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlan:
    """Let a member, or a unit, write a plan; `required` when the rulebook demands one."""

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]
    required: bool
    collective: bool = False
    leaders: tuple[Hand, ...] = ()  # who answers for the collective by now


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlan:
    by: MemberId
    text: Sealed[str]
    milestones: tuple[Planned, ...]
    hand: Hand | UnsetType = UNSET  # who writes for a collective


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeToPlan:
    by: Hand
    proposal_version: int  # that was looked at
    follower_id: MemberId
    follower_below: bool = False  # whether they are below whose plan it is
    answering: Collection[MemberId] = ()  # for a collective, besides whom the plan's facts name


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFollower:
    by: Hand
    follower_id: MemberId
    follower_below: bool = False
    answering: Collection[MemberId] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPlan:
    by: Hand
    proposal_version: int
    text: Sealed[str]
    answering: Collection[MemberId] = ()


def open_plan(state: State, command: OpenPlan, rules: Rules, *, now: datetime) -> PlanOpened:
    if state.opened:
        raise CommandRejected(Rejection.PLAN_OPEN)
    terms_of(rules)
    due_at = rules.due_at(Step.PLAN, period=command.period, cause=now)
    return PlanOpened(
        period=command.period,
        member_id=command.member_id,
        path=command.path,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        due_at=due_at if command.required else UNSET,
        collective=command.collective,
        leaders=command.leaders,
    )


def take_over_plan(state: State, path: tuple[UnitId, ...], by: Hand) -> PlanMoved:
    """Return that a unit above judges a plan from now on; whoever follows it goes on."""
    opened = opened_plan(state)
    return PlanMoved(period=opened.period, member_id=opened.member_id, path=path, by=by)


def void_plan(state: State, by: Hand) -> PlanVoided:
    """Return that nothing told of a plan counts any more."""
    opened = opened_plan(state)
    return PlanVoided(period=opened.period, member_id=opened.member_id, by=by)


def propose_plan(
    state: State, command: ProposePlan, rules: Rules, *, now: datetime
) -> PlanProposed:
    """Return the proposal; until it is agreed to, a later one replaces it."""
    opened = opened_plan(state)
    require_own(opened, command.by, command.hand)
    if state.agreement:
        raise CommandRejected(Rejection.PLAN_AGREED)
    _require_well_planned(command.milestones, rules, now)
    return PlanProposed(
        period=opened.period,
        member_id=opened.member_id,
        text=command.text,
        milestones=command.milestones,
        agreement_due_at=rules.due_at(Step.PLAN_AGREEMENT, period=opened.period, cause=now),
        by=command.hand,
    )


def agree_to_plan(state: State, command: AgreeToPlan, rules: Rules) -> PlanAgreed:
    opened = _plan_to_judge(state, command, rules)
    _require_follower(state, command)
    return PlanAgreed(
        period=opened.period,
        member_id=opened.member_id,
        proposal_version=command.proposal_version,
        follower_id=command.follower_id,
        by=command.by,
    )


def name_follower(state: State, command: NameFollower, rules: Rules) -> FollowerNamed:
    """Return who follows an agreed plan from now on; what was judged before stays."""
    opened = _plan_of_others(state, command, rules)
    if state.agreement is None:
        raise CommandRejected(Rejection.PLAN_NOT_AGREED)
    if command.follower_id == state.follower_id:
        raise CommandRejected(Rejection.FOLLOWS_ALREADY)
    _require_follower(state, command)
    return FollowerNamed(
        period=opened.period,
        member_id=opened.member_id,
        follower_id=command.follower_id,
        by=command.by,
    )


def return_plan(state: State, command: ReturnPlan, rules: Rules, *, now: datetime) -> PlanReturned:
    opened = _plan_to_judge(state, command, rules)
    return PlanReturned(
        period=opened.period,
        member_id=opened.member_id,
        proposal_version=command.proposal_version,
        by=command.by,
        text=command.text,
        due_at=rules.due_at(Step.PLAN, period=opened.period, cause=now),
    )


def opened_plan(state: State) -> PlanOpened:
    if state.opened is None:
        raise CommandRejected(Rejection.PLAN_NOT_OPEN)
    return state.opened.fact


def terms_of(rules: Rules) -> PlanTerms:
    """Return what is asked of a plan. Raises CommandRejected where an edition has no plans."""
    if rules.rulebook.plan is None:
        raise CommandRejected(Rejection.NO_SUCH_STEP, step=Step.PLAN)
    return rules.rulebook.plan


def _plan_to_judge(state: State, command: AgreeToPlan | ReturnPlan, rules: Rules) -> PlanOpened:
    """Return the plan that a hand may agree to or return: proposed, and looked at as it is."""
    opened = _plan_of_others(state, command, rules)
    if state.agreement or state.returned:
        raise CommandRejected(Rejection.PLAN_DEALT_WITH)
    if state.proposal is None:
        raise CommandRejected(Rejection.PLAN_NOT_PROPOSED)
    if state.proposal.version != command.proposal_version:
        raise CommandRejected(Rejection.PLAN_CHANGED)
    return opened


def _plan_of_others(
    state: State, command: AgreeToPlan | ReturnPlan | NameFollower, rules: Rules
) -> PlanOpened:
    """Return the plan that a hand may judge, for it is not their own."""
    opened, by = opened_plan(state), command.by
    require_four_eyes(own=state.is_of(by) or by.is_one_of(command.answering))
    require_competent(command.by, state.path, rules)
    return opened


def _require_follower(state: State, command: AgreeToPlan | NameFollower) -> None:
    """Raise CommandRejected where somebody would follow their own plan, or one from below."""
    if state.is_of(command.follower_id) or command.follower_id in command.answering:
        raise CommandRejected(Rejection.FOLLOWS_ONESELF)
    if command.follower_below:
        raise CommandRejected(Rejection.FOLLOWS_FROM_BELOW)


def _require_well_planned(milestones: tuple[Planned, ...], rules: Rules, now: datetime) -> None:
    terms = terms_of(rules)
    most = terms.milestones_max
    if not 1 <= len(milestones) <= most:
        raise CommandRejected(Rejection.WRONG_COUNT, most=most)
    if [each.id for each in milestones] != [str(n) for n in range(1, len(milestones) + 1)]:
        raise CommandRejected(Rejection.WRONG_NUMBERS)
    least = terms.working_days_least
    earliest = rules.after(now, least)
    if any(each.due_at < earliest for each in milestones):
        raise CommandRejected(Rejection.TOO_SOON, least=least, earliest=earliest)
