"""Evidence for the milestones of a plan, and what its follower finds."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from events.definitions.event import Event
from events.definitions.records import FileCommitment, Label
from events.domain.aggregate.rejections import Rejection
from events.domain.plan import milestone_steps, plan
from events.domain.year.rules import Rules
from events.identifiers import Stream
from events.vault.files import SealedFile
from services.access.roles import Action
from services.commands import plans, reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries.following import follows_from_below
from services.safekeeping.evidence import clean_name
from services.subject import Subject

C = TypeVar("C")


class Evidence(msgspec.Struct, frozen=True):
    """An evidence file, sealed already, with the name that its member gave it."""

    name: str
    sealed: SealedFile


class MilestoneOf(msgspec.Struct, frozen=True):
    """Which milestone of whose plan."""

    subject: Subject
    id: str

    @property
    def stream(self) -> Stream:
        return plans.stream_of(self.subject)


def hand_in_evidence(
    context: Context,
    asking: Asking,
    milestone: MilestoneOf,
    files: Sequence[Evidence],
    text: str | None,
) -> Done:
    """Hand in files and words for a milestone; the files are stored with the fact or not at all."""

    def decide(work: Work) -> Stream:
        state = plans.load(work, milestone.subject, Action.HAND_IN_EVIDENCE)
        subject = milestone.subject
        command = milestone_steps.HandInEvidence(
            by=reviews.acting_member(work, subject),
            milestone_id=Label(milestone.id),
            files=tuple(
                FileCommitment(
                    file=each.sealed.header.commitment,
                    name=reviews.seal(work, subject, clean_name(each.name)),
                    size=each.sealed.header.size,
                    media_type=each.sealed.header.media_type,
                )
                for each in files
            ),
            text=reviews.seal(work, subject, text) if text else UNSET,
            hand=reviews.leading_hand(work, subject),
        )
        rules = plans.rules_of(work, state)
        work.files = tuple(each.sealed for each in files)
        handed_in = milestone_steps.hand_in_evidence(state, command, rules, now=work.now)
        work.tell(milestone.stream, handed_in)
        return milestone.stream

    return perform(context, asking, decide)


def approve_milestone(
    context: Context,
    asking: Asking,
    milestone: MilestoneOf,
    evidence_version: int,
    text: str | None,
) -> Done:
    """Approve a milestone on the evidence up to a version."""
    command, law = milestone_steps.ApproveMilestone, milestone_steps.approve_milestone
    return _find(context, asking, milestone, evidence_version, text or None, command, law)


def ask_for_more(
    context: Context, asking: Asking, milestone: MilestoneOf, evidence_version: int, text: str
) -> Done:
    """Ask for more evidence before deciding."""
    command, law = milestone_steps.AskForMore, milestone_steps.ask_for_more
    return _find(context, asking, milestone, evidence_version, text, command, law)


def return_milestone(
    context: Context, asking: Asking, milestone: MilestoneOf, evidence_version: int, text: str
) -> Done:
    """Return a milestone as not reached."""
    command, law = milestone_steps.ReturnMilestone, milestone_steps.return_milestone
    return _find(context, asking, milestone, evidence_version, text, command, law)


def extend_milestone(
    context: Context, asking: Asking, milestone: MilestoneOf, day: date, text: str
) -> Done:
    """Give a milestone time until the end of a day, with the ground."""

    def judge(work: Work, state: plan.State, rules: Rules) -> Event:
        command = milestone_steps.ExtendMilestone(
            **_follower(work, milestone, state, rules),
            due_at=rules.due_on(day, now=work.now),
            text=reviews.seal(work, milestone.subject, text),
        )
        return milestone_steps.extend_milestone(state, command, rules, now=work.now)

    return _judge(context, asking, milestone, judge)


def withdraw_decision(context: Context, asking: Asking, milestone: MilestoneOf) -> Done:
    """Take back the last decision on a milestone, soon after it."""

    def judge(work: Work, state: plan.State, rules: Rules) -> Event:
        command = milestone_steps.WithdrawDecision(**_follower(work, milestone, state, rules))
        return milestone_steps.withdraw_decision(state, command, rules, now=work.now)

    return _judge(context, asking, milestone, judge)


def _find(
    context: Context,
    asking: Asking,
    milestone: MilestoneOf,
    evidence_version: int,
    text: str | None,
    command: Callable[..., C],
    law: Callable[[plan.State, C], Event],
) -> Done:
    """Let the follower say what they found on the evidence up to a version."""

    def judge(work: Work, state: plan.State, rules: Rules) -> Event:
        found = command(
            **_follower(work, milestone, state, rules),
            evidence_version=evidence_version,
            text=UNSET if text is None else reviews.seal(work, milestone.subject, text),
        )
        return law(state, found)

    return _judge(context, asking, milestone, judge)


def _follower(
    work: Work, milestone: MilestoneOf, state: plan.State, rules: Rules
) -> dict[str, Any]:
    """Return who asks as whoever follows a plan: they are not below whose it is by now."""
    who = work.member(otherwise=Rejection.NO_MEMBER_FOLLOWS)
    return {
        "by": who,
        "milestone_id": Label(milestone.id),
        "answering": reviews.leaders_of(work, milestone.subject),
        "below": follows_from_below(work.events, state, who, rules),
    }


def _judge(
    context: Context,
    asking: Asking,
    milestone: MilestoneOf,
    judge: Callable[[Work, plan.State, Rules], Event],
) -> Done:
    """Let the follower decide on a milestone."""

    def decide(work: Work) -> Stream:
        state = plans.load(work, milestone.subject, Action.JUDGE_EVIDENCE)
        work.guard()  # who comes to lead the unit meanwhile judges no more
        work.tell(milestone.stream, judge(work, state, plans.rules_of(work, state)))
        return milestone.stream

    return perform(context, asking, decide)
