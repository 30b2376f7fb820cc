"""How a member's rating comes about: proposed by the unit, decided by the authority, announced.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Sealed
from events.definitions.records import Facts, Hand
from events.definitions.review import RatingAnnounced, RatingDecided, RatingProposed
from events.domain import rating
from events.domain.competence import require_competent, require_four_eyes
from events.domain.rejections import CommandRejected
from events.domain.review import ANNOUNCEMENT, DECISION, PROPOSAL, SELF_CRITIQUE, State
from events.domain.reviewing import opened_review, require_before_decision, require_not_yet
from events.domain.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRating:
    by: Hand
    facts: Facts
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRating:
    by: Hand
    level: Code
    proposal_version: int  # that the authority saw
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceRating:
    by: Hand


def propose_rating(
    state: State, command: ProposeRating, rules: Rules, *, now: datetime
) -> RatingProposed:
    """Return the proposal: what the rulebook makes of the facts that the unit lays down.

    A later proposal replaces an earlier one until the decision.
    """
    opened = opened_review(state)
    require_four_eyes(opened.member_id, command.by.member_id)
    require_competent(command.by, opened.path, rules)
    _require_after(state, SELF_CRITIQUE)
    require_before_decision(state)
    waiting = [c.fact.answer_due_at for c in state.unanswered() if c.fact.answer_due_at >= now]
    if waiting:
        raise CommandRejected(
            "answer_pending",
            rule="right to answer",
            needed=f"wait for the answer, or until {max(waiting):%Y-%m-%d %H:%M}Z",
        )
    return RatingProposed(
        period=opened.period,
        member_id=opened.member_id,
        facts=command.facts,
        outcome=rating.outcome(rules.rulebook, command.facts),
        by=command.by,
        decision_due_at=rules.due_at(DECISION, period=opened.period, cause=now),
        text=command.text,
    )


def decide_rating(
    state: State, command: DecideRating, rules: Rules, *, now: datetime
) -> RatingDecided:
    """Return the decision, on the proposal that the authority saw and no other."""
    opened = opened_review(state)
    require_four_eyes(opened.member_id, command.by.member_id)
    require_competent(command.by, opened.path[-1:], rules)
    require_before_decision(state)
    proposal = state.proposal
    if proposal is None:
        raise CommandRejected("step_missing", rule="order", needed=f"{PROPOSAL} comes first")
    if command.proposal_version != proposal.version:
        raise CommandRejected(
            "stale", rule="order", needed="the proposal was replaced: look at the new one"
        )
    if command.level not in {each.id for each in rules.rulebook.levels}:
        raise CommandRejected(
            "unknown_level", rule="levels", needed="choose a level of this rulebook"
        )
    if command.level != proposal.fact.outcome.level and command.text is UNSET:
        raise CommandRejected(
            "reason_needed", rule="reasons", needed="say why the level leaves the proposal"
        )
    return RatingDecided(
        period=opened.period,
        member_id=opened.member_id,
        level=command.level,
        proposal_version=proposal.version,
        by=command.by,
        announcement_due_at=rules.due_at(ANNOUNCEMENT, period=opened.period, cause=now),
        text=command.text,
    )


def announce_rating(state: State, command: AnnounceRating, rules: Rules) -> RatingAnnounced:
    opened = opened_review(state)
    require_four_eyes(opened.member_id, command.by.member_id)
    require_competent(command.by, opened.path, rules)
    _require_after(state, DECISION)
    require_not_yet(state, ANNOUNCEMENT)
    return RatingAnnounced(period=opened.period, member_id=opened.member_id, by=command.by)


def _require_after(state: State, step: str) -> None:
    if not state.done(step):
        raise CommandRejected("step_missing", rule="order", needed=f"{step} comes first")
