"""What is shown for a milestone of a remediation plan, and what its follower finds.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.event import Sealed
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanOpened,
)
from events.definitions.records import FileCommitment, Hand, Label
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day
from events.domain.plan.plan_steps import opened_plan
from events.domain.plan.state import Decision, Milestone, State, Status
from events.domain.steps import Step
from events.domain.year.competence import require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules
from events.identifiers import MemberId

FILES_MAX = 10  # handed in at once


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInEvidence:
    by: MemberId
    milestone_id: Label
    files: tuple[FileCommitment, ...]
    text: Sealed[str] | UnsetType = UNSET
    hand: Hand | UnsetType = UNSET  # who writes for a collective


@dataclass(frozen=True, slots=True, kw_only=True)
class _Following:
    """What a follower does about a milestone."""

    by: MemberId
    milestone_id: Label
    answering: Collection[MemberId] = ()  # for a collective, besides whom the plan's facts name
    below: bool = False  # whether they are below whose plan it is by now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement(_Following):
    """What a follower decides on: a milestone with the evidence up to what they looked at."""

    evidence_version: int  # of the last evidence that was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMilestone(_Judgement):
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForMore(_Judgement):
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMilestone(_Judgement):
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendMilestone(_Following):
    due_at: datetime
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDecision(_Following):
    """Take the last decision on the milestone back."""


def hand_in_evidence(
    state: State, command: HandInEvidence, rules: Rules, *, now: datetime
) -> EvidenceHandedIn:
    """Return the evidence; after its deadline too."""
    opened = opened_plan(state)
    require_own(opened, command.by, command.hand)
    milestone = _milestone(state, command.milestone_id)
    if milestone.status is Status.APPROVED:
        raise CommandRejected(Rejection.MILESTONE_APPROVED)
    if not command.files and command.text is UNSET:
        raise CommandRejected(Rejection.NOTHING_SHOWN)
    if len(command.files) > FILES_MAX:
        raise CommandRejected(Rejection.TOO_MANY_FILES, most=FILES_MAX)
    return EvidenceHandedIn(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        files=command.files,
        review_due_at=rules.due_at(Step.EVIDENCE_REVIEW, period=opened.period, cause=now),
        text=command.text,
        by=command.hand,
    )


def approve_milestone(state: State, command: ApproveMilestone) -> MilestoneApproved:
    return MilestoneApproved(**_verdict_fields(state, command), text=command.text)


def ask_for_more(state: State, command: AskForMore) -> MoreAsked:
    return MoreAsked(**_verdict_fields(state, command), text=command.text)


def return_milestone(state: State, command: ReturnMilestone) -> MilestoneReturned:
    return MilestoneReturned(**_verdict_fields(state, command), text=command.text)


def extend_milestone(
    state: State, command: ExtendMilestone, rules: Rules, *, now: datetime
) -> MilestoneExtended:
    opened = _plan_of_follower(state, command)
    milestone = _milestone(state, command.milestone_id)
    if milestone.status is Status.APPROVED:
        raise CommandRejected(Rejection.MILESTONE_APPROVED)
    if command.due_at <= max(now, milestone.due_at):
        raise CommandRejected(Rejection.EXTENSION_NOT_LATER)
    due_at = rules.end_of(local_day(command.due_at))
    moved = len(milestone.extensions)
    rules.require_extension(due_at, known=milestone.due_at, moved=moved, now=now)
    return MilestoneExtended(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        due_at=due_at,
        by=command.by,
        text=command.text,
    )


def withdraw_decision(
    state: State, command: WithdrawDecision, rules: Rules, *, now: datetime
) -> DecisionWithdrawn:
    """Return the withdrawal of the last decision; both stay in the log for all to see."""
    opened = _plan_of_follower(state, command)
    decision = _last_decision(_milestone(state, command.milestone_id))
    if decision is None:
        raise CommandRejected(Rejection.NOTHING_TO_WITHDRAW)
    if now > _undo_until(decision, rules):
        raise CommandRejected(Rejection.WITHDRAWN_TOO_LATE, minutes=rules.rulebook.undo_minutes)
    return DecisionWithdrawn(
        period=opened.period,
        member_id=opened.member_id,
        milestone_id=command.milestone_id,
        decision_version=decision.version,
        by=command.by,
    )


def may_withdraw(milestone: Milestone, rules: Rules, *, now: datetime) -> bool:
    """Tell whether the last decision on a milestone can still be withdrawn."""
    decision = _last_decision(milestone)
    return decision is not None and now <= _undo_until(decision, rules)


def _last_decision(milestone: Milestone) -> Decision | None:
    """Return the last decision on a milestone; none where evidence came after it."""
    decision = milestone.decisions[-1] if milestone.decisions else None
    shown = milestone.evidence[-1].version if milestone.evidence else 0
    return decision if decision and decision.version > shown else None


def _undo_until(decision: Decision, rules: Rules) -> datetime:
    return decision.at + timedelta(minutes=rules.rulebook.undo_minutes)


def _plan_of_follower(state: State, command: _Following) -> PlanOpened:
    """Return the plan that somebody follows."""
    opened, by = opened_plan(state), command.by
    require_four_eyes(own=state.is_of(by) or by in command.answering)
    if state.agreement is None:
        raise CommandRejected(Rejection.PLAN_NOT_AGREED)
    if by != state.follower_id:
        raise CommandRejected(Rejection.NOT_THE_FOLLOWER)
    if command.below:
        raise CommandRejected(Rejection.FOLLOWS_FROM_BELOW)
    return opened


def _verdict_fields(state: State, command: _Judgement) -> dict[str, Any]:
    """Return what every verdict tells, if the follower saw the newest evidence that waits."""
    opened = _plan_of_follower(state, command)
    milestone = _milestone(state, command.milestone_id)
    if milestone.status is not Status.HANDED_IN:
        raise CommandRejected(Rejection.NO_EVIDENCE)
    if milestone.evidence[-1].version != command.evidence_version:
        raise CommandRejected(Rejection.EVIDENCE_ADDED)
    return {
        "period": opened.period,
        "member_id": opened.member_id,
        "milestone_id": command.milestone_id,
        "evidence_version": command.evidence_version,
        "by": command.by,
    }


def _milestone(state: State, milestone_id: str) -> Milestone:
    milestone = state.milestone(milestone_id)
    if state.agreement is None or milestone is None:
        raise CommandRejected(Rejection.UNKNOWN_MILESTONE)
    return milestone
