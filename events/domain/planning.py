"""Which step of a remediation plan may be taken when, and by whom.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import UNSET, UnsetType

from events.definitions.event import Sealed
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanOpened,
    PlanProposed,
    PlanReturned,
)
from events.definitions.records import FileCommitment, Hand, Label, Period
from events.definitions.records import Milestone as Planned
from events.domain.competence import require_competent, require_four_eyes
from events.domain.plan import AGREEMENT, EVIDENCE_REVIEW, PLAN, Milestone, State, Status
from events.domain.rejections import CommandRejected
from events.domain.rules import Rules
from events.domain.working_days import local_day
from events.identifiers import MemberId, UnitId

FILES_MAX = 10  # handed in at once


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlan:
    """Let a member write a plan; `required` when the rulebook demands one."""

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePlan:
    by: MemberId
    text: Sealed[str]
    milestones: tuple[Planned, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeToPlan:
    by: Hand
    proposal_version: int  # that was looked at
    follower_id: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPlan:
    by: Hand
    proposal_version: int
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInEvidence:
    by: MemberId
    milestone_id: Label
    files: tuple[FileCommitment, ...]
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMilestone:
    by: MemberId
    milestone_id: Label
    evidence_version: int  # of the last evidence that was looked at
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForMore:
    by: MemberId
    milestone_id: Label
    evidence_version: int
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMilestone:
    by: MemberId
    milestone_id: Label
    evidence_version: int
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendMilestone:
    by: MemberId
    milestone_id: Label
    due_at: datetime
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDecision:
    by: MemberId
    milestone_id: Label


def open_plan(state: State, command: OpenPlan, rules: Rules, *, now: datetime) -> PlanOpened:
    if state.opened:
        raise CommandRejected("already_open", rule="order", needed="this plan is open already")
    due_at = rules.due_at(PLAN, period=command.period, cause=now)
    return PlanOpened(
        period=command.period,
        member_id=command.member_id,
        path=command.path,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        due_at=due_at if command.required else UNSET,
    )


def propose_plan(
    state: State, command: ProposePlan, rules: Rules, *, now: datetime
) -> PlanProposed:
    """Return the proposal; until it is agreed to, a later one replaces it."""
    opened = _opened(state)
    _by_themselves(opened, command.by)
    if state.agreement:
        raise CommandRejected(
            "already_done", rule="order", needed="the plan is agreed to and no longer changes"
        )
    _well_planned(command.milestones, rules, now)
    return PlanProposed(
        period=opened.period,
        member_id=opened.member_id,
        text=command.text,
        milestones=command.milestones,
        agreement_due_at=rules.due_at(AGREEMENT, period=opened.period, cause=now),
    )


def agree_to_plan(state: State, command: AgreeToPlan, rules: Rules) -> PlanAgreed:
    opened = _judged(state, command.by, command.proposal_version, rules)
    if command.follower_id == opened.member_id:
        raise CommandRejected(
            "on_oneself", rule="four eyes", needed="somebody else must follow this plan"
        )
    return PlanAgreed(
        period=opened.period,
        member_id=opened.member_id,
        proposal_version=command.proposal_version,
        follower_id=command.follower_id,
        by=command.by,
    )


def return_plan(state: State, command: ReturnPlan, rules: Rules, *, now: datetime) -> PlanReturned:
    opened = _judged(state, command.by, command.proposal_version, rules)
    return PlanReturned(
        period=opened.period,
        member_id=opened.member_id,
        proposal_version=command.proposal_version,
        by=command.by,
        text=command.text,
        due_at=rules.due_at(PLAN, period=opened.period, cause=now),
    )


def hand_in_evidence(
    state: State, command: HandInEvidence, rules: Rules, *, now: datetime
) -> EvidenceHandedIn:
    """Return the evidence; after its deadline too."""
    opened = _opened(state)
    _by_themselves(opened, command.by)
    milestone = _milestone(state, command.milestone_id)
    if milestone.status is Status.APPROVED:
        raise CommandRejected("already_done", rule="order", needed="this milestone is approved")
    if not command.files and command.text is UNSET:
        raise CommandRejected(
            "nothing_shown", rule="evidence", needed="add a file, or write what was done"
        )
    if len(command.files) > FILES_MAX:
        raise CommandRejected(
            "too_many", rule="limits", needed=f"hand in at most {FILES_MAX} files at once"
        )
    return EvidenceHandedIn(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        files=command.files,
        review_due_at=rules.due_at(EVIDENCE_REVIEW, period=opened.period, cause=now),
        text=command.text,
    )


def approve_milestone(state: State, command: ApproveMilestone) -> MilestoneApproved:
    opened = _seen(state, command.by, command.milestone_id, command.evidence_version)
    return MilestoneApproved(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        evidence_version=command.evidence_version,
        by=command.by,
        text=command.text,
    )


def ask_for_more(state: State, command: AskForMore) -> MoreAsked:
    opened = _seen(state, command.by, command.milestone_id, command.evidence_version)
    return MoreAsked(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        evidence_version=command.evidence_version,
        by=command.by,
        text=command.text,
    )


def return_milestone(state: State, command: ReturnMilestone) -> MilestoneReturned:
    opened = _seen(state, command.by, command.milestone_id, command.evidence_version)
    return MilestoneReturned(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        evidence_version=command.evidence_version,
        by=command.by,
        text=command.text,
    )


def extend_milestone(
    state: State, command: ExtendMilestone, rules: Rules, *, now: datetime
) -> MilestoneExtended:
    opened = _followed(state, command.by)
    milestone = _milestone(state, command.milestone_id)
    if milestone.status is Status.APPROVED:
        raise CommandRejected("already_done", rule="order", needed="this milestone is approved")
    if command.due_at <= max(now, milestone.due_at):
        raise CommandRejected(
            "not_later", rule="deadlines", needed="an extension ends later than the deadline"
        )
    return MilestoneExtended(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        due_at=rules.ending(local_day(command.due_at)),
        by=command.by,
        text=command.text,
    )


def withdraw_decision(
    state: State, command: WithdrawDecision, rules: Rules, *, now: datetime
) -> DecisionWithdrawn:
    """Return the withdrawal of the last decision; both stay in the log for all to see."""
    opened = _followed(state, command.by)
    milestone = _milestone(state, command.milestone_id)
    decision = milestone.decisions[-1] if milestone.decisions else None
    shown = milestone.evidence[-1].version if milestone.evidence else 0
    if decision is None or shown > decision.version:
        raise CommandRejected("nothing_to_withdraw", rule="undo", needed="no decision stands last")
    minutes = rules.rulebook.undo_minutes
    if now > decision.at + timedelta(minutes=minutes):
        raise CommandRejected(
            "too_late", rule="undo", needed=f"a decision is withdrawn within {minutes} minutes"
        )
    return DecisionWithdrawn(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        decision_version=decision.version,
        by=command.by,
    )


def _opened(state: State) -> PlanOpened:
    if state.opened is None:
        raise CommandRejected("not_open", rule="order", needed="this plan has not been opened")
    return state.opened.fact


def _by_themselves(opened: PlanOpened, by: MemberId) -> None:
    if by != opened.member_id:
        raise CommandRejected(
            "not_yours", rule="own plan", needed="only the member takes this step"
        )


def _judged(state: State, by: Hand, proposal_version: int, rules: Rules) -> PlanOpened:
    """Return the plan that a hand may agree to or return: proposed, and looked at as it is."""
    opened = _opened(state)
    require_four_eyes(opened.member_id, by.member_id)
    require_competent(by, opened.path, rules)
    if state.agreement or state.returned:
        raise CommandRejected("already_done", rule="order", needed="this proposal was dealt with")
    if state.proposal is None:
        raise CommandRejected("step_missing", rule="order", needed="the member proposes first")
    if state.proposal.version != proposal_version:
        raise CommandRejected("stale", rule="order", needed="the plan changed: look at it again")
    return opened


def _followed(state: State, by: MemberId) -> PlanOpened:
    """Return the plan that somebody follows."""
    opened = _opened(state)
    require_four_eyes(opened.member_id, by)
    if state.agreement is None:
        raise CommandRejected("step_missing", rule="order", needed="the plan is agreed to first")
    if by != state.agreement.fact.follower_id:
        raise CommandRejected(
            "not_competent", rule="competence", needed="only the plan's follower takes this step"
        )
    return opened


def _seen(state: State, by: MemberId, milestone_id: str, evidence_version: int) -> PlanOpened:
    """Return the plan whose follower saw the newest evidence of a milestone that waits."""
    opened = _followed(state, by)
    milestone = _milestone(state, milestone_id)
    if milestone.status is not Status.HANDED_IN:
        raise CommandRejected("step_missing", rule="order", needed="no evidence waits here")
    if milestone.evidence[-1].version != evidence_version:
        raise CommandRejected("stale", rule="order", needed="evidence was added: look at it again")
    return opened


def _milestone(state: State, milestone_id: str) -> Milestone:
    milestone = state.milestone(milestone_id)
    if state.agreement is None or milestone is None:
        raise CommandRejected(
            "unknown_milestone", rule="order", needed="there is no such milestone in force"
        )
    return milestone


def _well_planned(milestones: tuple[Planned, ...], rules: Rules, now: datetime) -> None:
    most = rules.rulebook.plan.milestones_max
    if not 1 <= len(milestones) <= most:
        raise CommandRejected(
            "wrong_milestones", rule="plan", needed=f"a plan has 1 to {most} milestones"
        )
    if [each.id for each in milestones] != [str(n) for n in range(1, len(milestones) + 1)]:
        raise CommandRejected("wrong_milestones", rule="plan", needed="number them from 1")
    least = rules.rulebook.plan.working_days_least
    earliest = rules.after(now, least)
    if any(each.due_at < earliest for each in milestones):
        raise CommandRejected(
            "too_soon",
            rule="plan",
            needed=f"every milestone has at least {least} working days, to {earliest:%Y-%m-%d}",
        )
