"""The table of steps: every step that somebody takes in a year, and all that follows from which.

A step is stored, and named in editions, by its value; a turn likewise. What the rest of the program
asks of a step, it asks of its row: who takes it and in which unit (`takers`), which right that is,
who was late, whom it waits for, whether a rating is reset with it, which facts take it. So nothing
outside compares a step with a bare word, and a row is the one place where a step is changed. Of a
step to which an edition gives an id of its own, a row is the kind.

Where to start reading: `TABLE`, at the end. Who is to deal with a step that is new is said by mypy
(`match` over `Step` or `Turn` ends in `assert_never`) and by `tests/unit/test_every_step.py`,
which asks all floors for each row. It is over 300 lines: the table is read as one.

Facts: none of its own. A row names those of other wings by which its step is taken.
Stands on: the definitions of facts, and nothing of the law.
"""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from events.definitions.escalation import EscalationAcknowledged
from events.definitions.event import Event
from events.definitions.plan import (
    EvidenceHandedIn,
    MilestoneApproved,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanProposed,
    PlanReturned,
)
from events.definitions.reopening import StatementMade
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    MeetingHeld,
    PointAnswered,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    SelfCritiqueSubmitted,
)
from events.identifiers import UnitId


class Step(StrEnum):
    """What somebody takes, by the name under which it is stored; in the order of a year."""

    COMMITMENT = "commitment"
    SELF_CRITIQUE = "self_critique"
    ANSWER = "answer"
    SUGGESTION_ANSWER = "suggestion_answer"
    MEETING = "meeting"
    STATEMENT = "statement"
    PROPOSAL = "proposal"
    APPRAISAL = "appraisal"
    DECISION = "decision"
    ANNOUNCEMENT = "announcement"
    PLAN = "plan"
    PLAN_AGREEMENT = "plan_agreement"
    MILESTONE = "milestone"
    EVIDENCE_REVIEW = "evidence_review"
    ACKNOWLEDGEMENT = "acknowledgement"

    @property
    def row(self) -> "Row":
        """Return what this step is."""
        return TABLE[self]


class Turn(StrEnum):
    """Whose turn a step is."""

    MEMBER = "member"  # of whom it is about; of a collective, of those who lead it
    SECRETARY = "secretary"  # of an office in the unit that proposes
    AUTHORITY = "authority"  # of an office in the unit that decides
    FOLLOWER = "follower"  # of whoever follows the plan
    ADDRESSEE = "addressee"  # of those before whom an escalation lies


class Aggregate(StrEnum):
    """In which kind of stream a step is taken."""

    REVIEW = "review"
    PLAN = "plan"
    ESCALATION = "escalation"


class Where(StrEnum):
    """In which unit an office takes a step, on the path from the own one to the deciding one."""

    NOWHERE = "nowhere"  # somebody takes it in person
    FIRST = "first"  # the own unit of a member, the one above a collective
    PLACES = "places"  # every unit before which a review is held
    TOP = "top"  # the one that decides
    RUNG = "rung"  # the one before which an escalation lies


class At(StrEnum):
    """In which of the units that rate an edition has a step taken."""

    OWN = "own"  # the one that proposes
    NEXT = "next"  # the one above that, but not beyond the one that decides
    AUTHORITY = "authority"  # the one that decides

    def units_of(self, above: tuple[UnitId, ...]) -> tuple[UnitId, ...]:
        """Return the unit meant, of those from the one that proposes to the one that decides."""
        match self:
            case At.OWN:
                return above[:1]
            case At.NEXT:
                return above[:2][-1:]
            case At.AUTHORITY:
                return above[-1:]
            case never:
                assert_never(never)


class PostRole(StrEnum):
    """For what the law needs a post: an edition says which ones have which role."""

    HEAD = "head"  # of a unit
    PROPOSER = "proposer"
    DECIDER = "decider"
    APPRAISER = "appraiser"
    MEETING_SECRETARY = "meeting_secretary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a step is."""

    of: Aggregate
    turn: Turn
    turn_of_collective: Turn | None = None  # where it is another one's than of a member
    where: Where = Where.NOWHERE
    role: PostRole | None = None  # of the post by which an office takes it; any, without one
    after: tuple[Step, ...] = ()  # what must be taken before, as far as there is such a step
    taken_by: tuple[type[Event], ...]  # the facts by which it is taken
    once: bool = True  # else once for each criticism, point, milestone or rung
    several: bool = False  # an edition may have it more than once, each with an id of its own
    in_editions: bool = True  # an edition says by when; else what it follows from does
    optional: bool = False  # an edition may leave it out
    rates: bool = False  # reopening a review begins it anew
    needs_presence: bool = False  # it waits for a person reviewed who is away
    four_eyes: bool = False  # whoever takes it judges, so it is never whom it is about
    waivable: bool = False  # an edition may let a year go on without it, once its time is over
    lapses: bool = False  # once it was missed, the year goes on without it under any edition

    def turn_in(self, *, collective: bool) -> Turn:
        """Return whose turn it is, where a unit is reviewed as a collective or a member is."""
        return (collective and self.turn_of_collective) or self.turn


TABLE: Mapping[Step, Row] = {
    Step.COMMITMENT: Row(
        of=Aggregate.REVIEW, turn=Turn.MEMBER, optional=True, taken_by=(CommitmentMade,)
    ),
    Step.SELF_CRITIQUE: Row(
        of=Aggregate.REVIEW,
        turn=Turn.MEMBER,
        optional=True,
        waivable=True,
        taken_by=(SelfCritiqueSubmitted,),
    ),
    Step.ANSWER: Row(
        of=Aggregate.REVIEW, turn=Turn.MEMBER, once=False, taken_by=(CriticismAnswered,)
    ),
    Step.SUGGESTION_ANSWER: Row(
        of=Aggregate.REVIEW,
        turn=Turn.MEMBER,
        once=False,
        optional=True,
        waivable=True,
        taken_by=(PointAnswered,),
    ),
    Step.MEETING: Row(
        of=Aggregate.REVIEW,
        turn=Turn.SECRETARY,
        turn_of_collective=Turn.MEMBER,
        where=Where.PLACES,
        role=PostRole.MEETING_SECRETARY,
        after=(Step.SELF_CRITIQUE, Step.SUGGESTION_ANSWER),
        optional=True,
        waivable=True,
        needs_presence=True,
        taken_by=(MeetingHeld,),
    ),
    Step.STATEMENT: Row(
        of=Aggregate.REVIEW,
        turn=Turn.MEMBER,
        in_editions=False,
        lapses=True,
        rates=True,
        taken_by=(StatementMade,),
    ),
    Step.PROPOSAL: Row(
        of=Aggregate.REVIEW,
        turn=Turn.SECRETARY,
        where=Where.FIRST,
        role=PostRole.PROPOSER,
        after=(Step.SELF_CRITIQUE, Step.MEETING, Step.SUGGESTION_ANSWER, Step.STATEMENT),
        rates=True,
        needs_presence=True,
        four_eyes=True,
        taken_by=(RatingProposed,),
    ),
    Step.APPRAISAL: Row(
        of=Aggregate.REVIEW,
        turn=Turn.AUTHORITY,
        where=Where.TOP,
        role=PostRole.APPRAISER,
        after=(Step.PROPOSAL,),
        several=True,
        optional=True,
        waivable=True,
        rates=True,
        needs_presence=True,
        four_eyes=True,
        taken_by=(RatingAppraised,),
    ),
    Step.DECISION: Row(
        of=Aggregate.REVIEW,
        turn=Turn.AUTHORITY,
        where=Where.TOP,
        role=PostRole.DECIDER,
        after=(Step.PROPOSAL, Step.APPRAISAL),
        rates=True,
        needs_presence=True,
        four_eyes=True,
        taken_by=(RatingDecided,),
    ),
    Step.ANNOUNCEMENT: Row(
        of=Aggregate.REVIEW,
        turn=Turn.SECRETARY,
        where=Where.FIRST,
        after=(Step.DECISION,),
        optional=True,
        rates=True,
        four_eyes=True,
        taken_by=(RatingAnnounced,),
    ),
    Step.PLAN: Row(of=Aggregate.PLAN, turn=Turn.MEMBER, optional=True, taken_by=(PlanProposed,)),
    Step.PLAN_AGREEMENT: Row(
        of=Aggregate.PLAN,
        turn=Turn.SECRETARY,
        where=Where.FIRST,
        after=(Step.PLAN,),
        optional=True,
        four_eyes=True,
        taken_by=(PlanAgreed, PlanReturned),
    ),
    Step.MILESTONE: Row(
        of=Aggregate.PLAN,
        turn=Turn.MEMBER,
        after=(Step.PLAN_AGREEMENT,),
        once=False,
        in_editions=False,
        taken_by=(EvidenceHandedIn,),
    ),
    Step.EVIDENCE_REVIEW: Row(
        of=Aggregate.PLAN,
        turn=Turn.FOLLOWER,
        after=(Step.MILESTONE,),
        once=False,
        optional=True,
        four_eyes=True,
        taken_by=(MilestoneApproved, MoreAsked, MilestoneReturned),
    ),
    Step.ACKNOWLEDGEMENT: Row(
        of=Aggregate.ESCALATION,
        turn=Turn.ADDRESSEE,
        where=Where.RUNG,
        once=False,
        in_editions=False,
        taken_by=(EscalationAcknowledged,),
    ),
}

IN_EDITIONS = tuple(step for step in Step if step.row.in_editions)
OPTIONAL = frozenset(step for step in Step if step.row.optional)
WAIVABLE = tuple(step for step in Step if step.row.waivable)
SEVERAL = tuple(step for step in Step if step.row.several)
LAPSING: frozenset[str] = frozenset(step for step in Step if step.row.lapses)


def steps_of(aggregate: Aggregate) -> tuple[Step, ...]:
    """Return the steps that are taken in one kind of stream, in their order."""
    return tuple(step for step in Step if step.row.of is aggregate)


def begins(step: Step, among: Collection[Step]) -> bool:
    """Tell whether the turn of a step is from the opening on, where these steps are taken."""
    return set(step.row.after).isdisjoint(among)


@functools.lru_cache
def steps_named(names: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the steps of some names, in their order; a name that no step has is passed over."""
    return tuple(step for step in Step if step in names)


def takers(
    step: Step,
    turn: Turn,
    *,
    above: tuple[UnitId, ...] = (),
    places: tuple[UnitId, ...] = (),
    rung: tuple[UnitId, ...] = (),
) -> tuple[UnitId, ...]:
    """Return the units whose offices take a step, that of the next first; none if in person.

    Args:
        step: what is to be taken.
        turn: whose turn it is; a person's, where a collective takes it that else an office does.
        above: the units from the one that proposes up to the one that decides.
        places: those before which a review is still to be held.
        rung: that before which an escalation lies.
    """
    if turn is Turn.MEMBER:
        return ()
    match step.row.where:
        case Where.NOWHERE:
            return ()
        case Where.FIRST:
            return above[:1]
        case Where.PLACES:
            return tuple(dict.fromkeys((*places, *above[:1])))
        case Where.TOP:
            return above[-1:]
        case Where.RUNG:
            return rung
        case never:
            assert_never(never)
