"""Commitment, self-critique, criticism and answer; a deadline that is moved.

Besides, what every decision about a review asks first: `under_way`, `require_turn` and the like.

Each decision returns the fact to append, or raises `CommandRejected`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.deadline import DeadlineMoved
from events.definitions.event import Code, Sealed, Subject
from events.definitions.records import Digest, Due, Hand, Label
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.state import State
from events.domain.rulebook import rating
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId, review_stream

CRITICISMS_EACH_MAX = 5  # by one author, of one person in one year: nobody uses up what all have
CRITICISMS_MAX = 400  # by all together; a bundle bears them with their answers


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCommitment:
    by: MemberId
    text: Sealed[str]
    form: Digest | UnsetType = UNSET
    hand: Hand | UnsetType = UNSET  # who writes for a collective


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSelfCritique:
    by: MemberId
    text: Sealed[str]
    marks: Sealed[str] | UnsetType = UNSET
    points: Mapping[str, int] = field(default_factory=dict)  # in the marks; the fact tells neither
    level: str = ""
    form: Digest | UnsetType = UNSET
    catalogue: Digest | UnsetType = UNSET
    hand: Hand | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveCriticism:
    by: MemberId  # known here, and nowhere in the fact
    criticism_id: Label
    author: Label  # the pseudonym, another one for each criticism
    earlier: frozenset[Label] = frozenset()  # the criticisms of this review by the same author
    text: Sealed[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCriticism:
    by: MemberId
    criticism_id: Label
    text: Sealed[str]
    hand: Hand | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDeadline:
    by: Hand
    step: Code
    due_at: datetime
    text: Sealed[str]
    item: str = ""  # which point or appraisal
    offices: Collection[UnitId] = ()  # units for which the mover acts, by whichever post


def make_commitment(state: State, command: MakeCommitment) -> CommitmentMade:
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    require_step(state, Step.COMMITMENT)
    require_not_yet(state, Step.COMMITMENT)
    require_before_decision(state)
    return CommitmentMade(
        period=opened.period,
        member_id=opened.member_id,
        text=command.text,
        form=command.form,
        by=command.hand,
    )


def submit_self_critique(
    state: State, command: SubmitSelfCritique, rules: Rules, *, now: datetime
) -> SelfCritiqueSubmitted:
    """Return the submission; after its deadline too, for who rates them waits for it."""
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    require_step(state, Step.SELF_CRITIQUE)
    require_not_yet(state, Step.SELF_CRITIQUE)
    require_before_decision(state)  # once it was waived, the year goes on without it
    rating.require_own_points(rules.rulebook, opened.group or "", command.points)
    if command.level:
        require_level(command.level, rules)
    return SelfCritiqueSubmitted(
        period=opened.period,
        member_id=opened.member_id,
        text=command.text,
        proposal_due_at=rules.due_at(Step.PROPOSAL, period=opened.period, cause=now),
        marks=command.marks,
        meeting_due_at=(
            rules.due_at(Step.MEETING, period=opened.period, cause=now)
            if Step.MEETING in state.steps
            else UNSET
        ),
        form=command.form,
        catalogue=command.catalogue,
        by=command.hand,
    )


def give_criticism(
    state: State, command: GiveCriticism, rules: Rules, *, now: datetime
) -> CriticismGiven:
    opened = opened_review(state)
    if state.is_of(command.by):
        raise CommandRejected(Rejection.CRITICISES_ONESELF)
    if len(command.earlier) >= CRITICISMS_EACH_MAX:  # told first: it tells of nobody else
        raise CommandRejected(Rejection.TOO_MANY_CRITICISMS, most=CRITICISMS_EACH_MAX)
    require_criticism_in_time(state)
    if criticism_closes_at(state, rules) < now:
        raise CommandRejected(Rejection.CRITICISM_TOO_LATE)
    if any(
        each.fact.criticism_id in command.earlier and state.answer_due_at(each) <= now
        for each in state.unanswered_criticisms()
    ):
        raise CommandRejected(Rejection.ANSWER_AWAITED)
    return CriticismGiven(
        period=opened.period,
        member_id=opened.member_id,
        criticism_id=command.criticism_id,
        author=command.author,
        text=command.text,
        answer_due_at=rules.due_at(Step.ANSWER, period=opened.period, cause=now),
    )


def criticism_closes_at(state: State, rules: Rules) -> datetime:
    """Return until when others criticise: the day on which a proposal is due, as it was opened.

    Each criticism gives whoever is reviewed days to answer, in which nobody proposes; so without an
    end one peer could hold it up. Whatever they did since moves no such day, or it would tell.
    """
    if state.opened is None:
        raise CommandRejected(Rejection.REVIEW_NOT_OPEN)
    period, begun = state.opened.fact.period, state.opened.at
    if rules.rulebook.has(Step.SELF_CRITIQUE):
        begun = rules.due_at(Step.SELF_CRITIQUE, period=period, cause=begun)
    return rules.due_at(Step.PROPOSAL, period=period, cause=begun)


def require_criticism_in_time(state: State, *, erased: bool = False) -> None:
    """Raise CommandRejected where no criticism is taken any more: a peer is not told why.

    Be it ended, proposed, rated again, erased, or full: how much others wrote is told nobody.
    """
    opened_review(state)
    full = len(state.criticisms) >= CRITICISMS_MAX
    if erased or full or state.ending or state.proposers or state.superseded:
        raise CommandRejected(Rejection.CRITICISM_TOO_LATE)


def answer_criticism(state: State, command: AnswerCriticism) -> CriticismAnswered:
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    known = {each.fact.criticism_id for each in state.criticisms}
    if command.criticism_id not in known:
        raise CommandRejected(Rejection.UNKNOWN_CRITICISM)
    require_not_yet(state, Step.ANSWER, command.criticism_id)
    require_before_decision(state)
    return CriticismAnswered(
        period=opened.period,
        member_id=opened.member_id,
        criticism_id=command.criticism_id,
        text=command.text,
        by=command.hand,
    )


def move_deadline(
    state: State, command: MoveDeadline, rules: Rules, *, now: datetime
) -> DeadlineMoved:
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    require_competent(command.by, state.units_above, rules)
    known, item = state.deadlines.due_at(command.step, command.item), command.item
    if known is None:
        raise CommandRejected(Rejection.NO_DEADLINE, step=command.step)
    require_not_yet(state, step := Step(command.step), item)
    if not {command.by.unit_id, *command.offices}.isdisjoint(state.takers(step, item)):
        raise CommandRejected(Rejection.OWN_DEADLINE)
    notice = rules.rulebook.notice_working_days
    earliest = rules.after(now, notice)
    if command.due_at <= known or command.due_at < earliest:
        raise CommandRejected(Rejection.NOT_LATER, known=known, earliest=earliest, notice=notice)
    moved = state.times_moved(step, item)
    rules.require_extension(command.due_at, known=known, moved=moved, now=now)
    return DeadlineMoved(
        subject=Subject(review_stream(opened.period, opened.member_id)),
        step=command.step,
        item=Label(item),
        due_at=command.due_at,
        by=command.by,
        text=command.text,
    )


def movable(state: State, offices: Collection[UnitId]) -> tuple[Due, ...]:
    """Return the deadlines that run and that are not to be kept by somebody with these offices."""
    running = () if state.ending else state.deadlines.running
    return tuple(
        due
        for due in running
        if not state.done(due.step, due.item)
        and set(offices).isdisjoint(state.takers(Step(due.step), due.item))
    )


def opened_review(state: State) -> ReviewOpened:
    if state.opened is None:
        raise CommandRejected(Rejection.REVIEW_NOT_OPEN)
    return state.opened.fact


def under_way(state: State) -> ReviewOpened:
    """Return the opening of a review. Raises CommandRejected unless it goes on."""
    opened = opened_review(state)
    if state.ending:
        raise CommandRejected(Rejection.REVIEW_ENDED)
    return opened


def require_step(state: State, step: Step) -> None:
    """Raise CommandRejected where a review has no such step."""
    if step not in state.steps:
        raise CommandRejected(Rejection.NO_SUCH_STEP, step=step)


def require_taken(state: State, step: Step) -> None:
    """Raise CommandRejected unless a step was taken, for every item; if the review has it."""
    if state.is_left(step):
        missing = Rejection.STEP_MISSING if step.row.once else Rejection.POINTS_OPEN
        raise CommandRejected(missing, step=step)


def require_made_known(state: State) -> None:
    """Raise CommandRejected until a rating was announced, or decided where there is no notice."""
    require_step(state, state.makes_known)
    require_taken(state, state.makes_known)


def require_turn(state: State, step: Step) -> None:
    """Raise CommandRejected unless everything was taken that a step waits for."""
    for before in step.row.after:
        require_taken(state, before)


def require_not_yet(state: State, step: Step, item: str = "") -> None:
    if state.done(step, item):
        raise CommandRejected(Rejection.STEP_DONE, step=step)


def require_level(level: str, rules: Rules) -> None:
    if level not in {each.id for each in rules.rulebook.levels}:
        raise CommandRejected(Rejection.UNKNOWN_LEVEL)


def require_before_decision(state: State) -> None:
    if state.decision:
        raise CommandRejected(Rejection.DECIDED)
