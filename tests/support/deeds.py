"""What anybody might want to do in a review: who is asked for, and the fact that it would be.

Nothing here knows the law: everybody who holds a post wants everything, and the law says no.
Days, paths and outcomes are blanks, which it fills in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec import UNSET, UnsetType

from events.definitions.event import Event
from events.definitions.records import Facts, Hand, Label
from events.definitions.reopening import ReviewEnded, ReviewResumed, StatementMade
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    PointAnswered,
    PointSuggested,
    RatingAppraised,
    RatingDecided,
    RatingReturned,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.domain.review import review
from events.domain.review.ending import UNRATED
from events.domain.review.waiving import late_dues
from events.domain.steps import Step
from events.identifiers import MemberId
from tests.support import lawful_facts
from tests.support.lawful_facts import BLANK
from tests.support.party_rules import WORDS, YEAR

By: TypeAlias = Hand | UnsetType
Wanted: TypeAlias = Callable[[review.State, MemberId, By, Facts], Iterator[Event]]


def _commit(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    yield CommitmentMade(period=YEAR, member_id=of, text=WORDS, by=by)


def _write(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    yield SelfCritiqueSubmitted(period=YEAR, member_id=of, text=WORDS, proposal_due_at=BLANK, by=by)


def _answer(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    for each in state.unanswered_criticisms():
        item = each.fact.criticism_id
        yield CriticismAnswered(period=YEAR, member_id=of, criticism_id=item, text=WORDS, by=by)


def _answer_point(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    for each in state.points_open():
        item = each.fact.point_id
        yield PointAnswered(period=YEAR, member_id=of, point_id=item, text=WORDS, by=by)


def _state(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    yield StatementMade(period=YEAR, member_id=of, text=WORDS, proposal_due_at=BLANK, by=by)


def _meet(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    for place in state.venues_left() if by else ():
        assert by
        yield lawful_facts.met(of, by, place)


def _propose(_: review.State, of: MemberId, by: By, counted: Facts) -> Iterator[Event]:
    if by:
        yield lawful_facts.proposed(of, by, counted)


def _appraise(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    for asked in state.appraisals_open() if by and state.proposal else ():
        assert by
        assert state.proposal
        yield RatingAppraised(
            period=YEAR,
            member_id=of,
            level=state.proposal.fact.outcome.level,
            proposal_version=state.proposal.version,
            item=asked.item,
            by=by,
        )


def _decide(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    if by and state.proposal:
        yield RatingDecided(
            period=YEAR,
            member_id=of,
            level=state.proposal.fact.outcome.level,
            proposal_version=state.proposal.version,
            by=by,
            announcement_due_at=BLANK,
        )


def _announce(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    if by:
        yield lawful_facts.announced(of, by)


def _suggest(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    if by:
        point_id = Label(f"point{state.version}".ljust(26, "a"))
        yield PointSuggested(
            period=YEAR,
            member_id=of,
            point_id=point_id,
            by=by,
            text=WORDS,
            answer_due_at=BLANK,
        )


def _return(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    if by and state.proposal:
        yield RatingReturned(
            period=YEAR,
            member_id=of,
            proposal_version=state.proposal.version,
            by=by,
            proposal_due_at=BLANK,
            text=WORDS,
        )


def _waive(state: review.State, of: MemberId, by: By, _: Facts) -> Iterator[Event]:
    excused = state.deadlines.excused_dues(review.tasks(state))
    for due in (*late_dues(state), *excused) if by else ():
        yield StepWaived(
            period=YEAR,
            member_id=of,
            step=due.step,
            item=due.item,
            dues=(),
            by=by,
            text=WORDS,
        )


def _end(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    if by:
        yield ReviewEnded(period=YEAR, member_id=of, reason=UNRATED, by=by, text=WORDS)


def _resume(_: review.State, of: MemberId, by: By, __: Facts) -> Iterator[Event]:
    if by:
        yield ReviewResumed(period=YEAR, member_id=of, dues=(), by=by, text=WORDS)


STEPS: Mapping[Step, Wanted] = {
    Step.COMMITMENT: _commit,
    Step.SELF_CRITIQUE: _write,
    Step.ANSWER: _answer,
    Step.SUGGESTION_ANSWER: _answer_point,
    Step.MEETING: _meet,
    Step.STATEMENT: _state,
    Step.PROPOSAL: _propose,
    Step.APPRAISAL: _appraise,
    Step.DECISION: _decide,
    Step.ANNOUNCEMENT: _announce,
}
IN_PERSON = (
    Step.COMMITMENT,
    Step.SELF_CRITIQUE,
    Step.ANSWER,
    Step.SUGGESTION_ANSWER,
    Step.STATEMENT,
)
ON: Sequence[Wanted] = (_waive, _end)  # a way on, where no step is taken
BACK: Sequence[Wanted] = (_suggest, _return, _waive, _end, _resume)  # what else people do


def wanted(
    what: Wanted, state: review.State, hands: Sequence[Hand], counted: Facts
) -> Iterator[Event]:
    """Iterate over a deed by whoever is reviewed, and then by everybody who holds a post."""
    if state.opened is None:
        return
    of = state.opened.fact.member_id
    by_whom: tuple[By, ...] = (UNSET, *hands)
    for by in by_whom:
        yield from what(state, of, by, counted)
