"""How a rating comes about: proposed by the unit, decided by the authority, announced, answered.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.deadline import Excuse
from events.definitions.event import Code, Sealed
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Facts, Hand, Label, Weighed
from events.definitions.review import (
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
)
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review import appraisals, bounds
from events.domain.review.presence import require_present
from events.domain.review.state import State
from events.domain.review.writing_steps import (
    require_before_decision,
    require_level,
    require_made_known,
    require_not_yet,
    require_step,
    require_turn,
    under_way,
)
from events.domain.rulebook import rating
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules, require_decidable
from events.identifiers import MemberId, UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRating:
    by: Hand
    facts: Facts
    text: Sealed[str] | UnsetType = UNSET
    led_waiting: tuple[UnitId, ...] = ()  # units that a member leads, whose rating is not decided
    below_waiting: tuple[UnitId, ...] = ()  # units below a collective, likewise
    away: Excuse | None = None  # why who is reviewed is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraiseRating:
    by: Hand
    level: Code
    proposal_version: int  # that was looked at
    item: str = ""  # which appraisal
    text: Sealed[str] | UnsetType = UNSET
    away: Excuse | None = None
    facts: Facts | None = None  # what the log tells now of what was proposed; none: not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRating:
    by: Hand
    proposal_version: int  # that was looked at
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRating:
    by: Hand
    level: Code
    proposal_version: int  # that the authority saw
    text: Sealed[str] | UnsetType = UNSET
    away: Excuse | None = None
    facts: Facts | None = None  # as for who appraises
    weighed: tuple[Weighed, ...] | UnsetType = UNSET  # limits left behind, each on its ground


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceRating:
    by: Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerNotice:
    by: MemberId
    text: Sealed[str]
    hand: Hand | UnsetType = UNSET  # who writes for a collective


def propose_rating(
    state: State, command: ProposeRating, rules: Rules, *, now: datetime
) -> RatingProposed:
    """Return the proposal: what the rulebook makes of the facts that the unit lays down.

    A later proposal replaces an earlier one until the decision.
    """
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.units_above, rules, Step.PROPOSAL)
    if opened.unrated:
        raise CommandRejected(Rejection.NOT_RATED, why=opened.unrated)
    require_present(state, command.away)
    require_turn(state, Step.PROPOSAL)
    require_before_decision(state)
    _require_units_first(command, rules)
    _require_answers(state, now)
    return RatingProposed(
        period=opened.period,
        member_id=opened.member_id,
        facts=command.facts,
        outcome=rating.outcome(rules.rulebook, command.facts),
        by=command.by,
        decision_due_at=appraisals.decision_due_at(state, rules, now),
        text=command.text,
        appraisal_due_at=appraisals.first_due_at(state, rules, now) or UNSET,
    )


def _require_answers(state: State, now: datetime) -> None:
    """Raise CommandRejected while a criticism may be answered yet."""
    dues = map(state.answer_due_at, state.unanswered_criticisms())
    if waiting := [due_at for due_at in dues if due_at >= now]:
        raise CommandRejected(Rejection.ANSWER_PENDING, until=max(waiting))


def _require_units_first(command: ProposeRating, rules: Rules) -> None:
    """Raise CommandRejected where a unit is to be rated before: one led, or one below."""
    order = rules.rulebook.collectives
    if order and order.before_members and command.led_waiting:
        raise CommandRejected(Rejection.UNIT_RATED_FIRST)
    if order and order.lower_first and command.below_waiting:
        raise CommandRejected(Rejection.LOWER_RATED_FIRST)


def appraise_rating(
    state: State, command: AppraiseRating, rules: Rules, *, now: datetime
) -> RatingAppraised:
    """Return the word of those who advise the authority, once, on the proposal that they saw."""
    opened, step, item = under_way(state), Step.APPRAISAL, command.item
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.takers(step, item), rules, step, item)
    require_present(state, command.away)
    appraisals.require_asked(state, item)
    require_before_decision(state)
    proposal = _require_latest_proposal(state, command.proposal_version)
    require_not_yet(state, step, item)
    appraisals.require_open(state, item)
    appraisals.require_not_barred(state, command.by, step, item)
    bounds.require_unmoved(proposal, command.facts)
    require_level(command.level, rules)
    _require_reason(proposal, command)
    return RatingAppraised(
        period=opened.period,
        member_id=opened.member_id,
        level=command.level,
        proposal_version=command.proposal_version,
        by=command.by,
        item=Label(item),
        dues=tuple(appraisals.next_due(state, item, rules, now)),
        text=command.text,
    )


def return_rating(
    state: State, command: ReturnRating, rules: Rules, *, now: datetime
) -> RatingReturned:
    """Return that the unit is to propose anew, and why; nobody decides on what was given back."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.deciding, rules)
    require_before_decision(state)
    _require_latest_proposal(state, command.proposal_version)
    return RatingReturned(
        period=opened.period,
        member_id=opened.member_id,
        proposal_version=command.proposal_version,
        by=command.by,
        proposal_due_at=rules.after(now, rules.notice_of(Step.PROPOSAL)),
        text=command.text,
    )


def decide_rating(
    state: State, command: DecideRating, rules: Rules, *, now: datetime
) -> RatingDecided:
    """Return the decision, on the proposal that the authority saw and no other."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.deciding, rules, Step.DECISION)
    require_present(state, command.away)
    require_before_decision(state)
    proposal = _require_latest_proposal(state, command.proposal_version)
    require_turn(state, Step.DECISION)
    appraisals.require_not_barred(state, command.by, Step.DECISION)
    require_decidable(opened.period, rules, now)
    bounds.require_unmoved(proposal, command.facts)
    require_level(command.level, rules)
    weighed = command.weighed or ()
    bounds.require_within_limits(
        proposal, command.level, command.by, weighed, rulebook=rules.rulebook
    )
    _require_reason(proposal, command)
    return RatingDecided(
        period=opened.period,
        member_id=opened.member_id,
        level=command.level,
        proposal_version=command.proposal_version,
        by=command.by,
        announcement_due_at=(
            appraisals.due_at(state, Step.ANNOUNCEMENT, rules, now)
            if Step.ANNOUNCEMENT in state.steps
            else UNSET
        ),
        weighed=command.weighed,
        text=command.text,
    )


def announce_rating(state: State, command: AnnounceRating, rules: Rules) -> RatingAnnounced:
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.units_above, rules)
    require_step(state, Step.ANNOUNCEMENT)
    require_turn(state, Step.ANNOUNCEMENT)
    require_not_yet(state, Step.ANNOUNCEMENT)
    return RatingAnnounced(period=opened.period, member_id=opened.member_id, by=command.by)


def answer_notice(state: State, command: AnswerNotice) -> NoticeAnswered:
    """Return what the person reviewed says to the last notice: once, and whenever they like."""
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    require_made_known(state)
    if state.notice_answered:
        raise CommandRejected(Rejection.NOTICE_ANSWERED)
    return NoticeAnswered(
        period=opened.period, member_id=opened.member_id, text=command.text, by=command.hand
    )


def _require_latest_proposal(state: State, proposal_version: int) -> RatingProposed:
    """Return the proposal that somebody looked at. Raises CommandRejected for any but the last."""
    if state.proposal is None:
        raise CommandRejected(Rejection.STEP_MISSING, step=Step.PROPOSAL)
    if proposal_version != state.proposal.version:
        raise CommandRejected(Rejection.PROPOSAL_REPLACED)
    return state.proposal.fact


def _require_reason(proposal: RatingProposed, command: AppraiseRating | DecideRating) -> None:
    if command.level != proposal.outcome.level and command.text is UNSET:
        raise CommandRejected(Rejection.REASON_NEEDED)
