"""The review of one member in one year, from commitment to the announced rating.

Words and marks are sealed under the reviewed person's key of the year, whoever wrote them; in the
clear stands only what a rating is computed from (README, decision 16).
"""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Moment, Origin, Scope, Sealed, event
from events.definitions.records import Digest, Due, Facts, Hand, Label, Outcome, Period
from events.definitions.roster import Standing
from events.identifiers import MemberId, UnitId

PSEUDONYM = "pseudonym:"  # begins the principal of a fact whose author is not to be named


@event("review.opened", schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(Event):
    """A member's year began, in the place where they belonged on that day."""

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]  # from the member's own unit up to the one that decides
    standing: Standing
    rulebook: Digest
    calendar: Digest
    dues: tuple[Due, ...]  # of commitment and self-critique; others run when their turn comes


@event(
    "review.commitment_made",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMade(Event):
    """A member wrote down what they undertake for the year. The first one counts."""

    period: Period
    member_id: MemberId
    text: Sealed[str]


@event(
    "review.self_critique_submitted",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCritiqueSubmitted(Event):
    """A member handed in their own critique. The first one counts; later ones are refused."""

    period: Period
    member_id: MemberId
    text: Sealed[str]
    proposal_due_at: Moment
    marks: Sealed[str] | UnsetType = UNSET  # own points by criterion and own level, as JSON


@event(
    "review.criticism_given",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CriticismGiven(Event):
    """A peer wrote what they hold to be wrong or right. No rating is computed from it."""

    period: Period
    member_id: MemberId
    criticism_id: Label
    author: Label  # a pseudonym: HMAC of the author's id under the reviewed person's key
    text: Sealed[str]
    answer_due_at: Moment  # no proposal before an answer, or this time


@event(
    "review.criticism_answered",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CriticismAnswered(Event):
    """The person reviewed answered a criticism."""

    period: Period
    member_id: MemberId
    criticism_id: Label
    text: Sealed[str]


@event(
    "review.rating_proposed",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingProposed(Event):
    """The unit laid down points and figures; what the rulebook makes of them is the proposal."""

    period: Period
    member_id: MemberId
    facts: Facts
    outcome: Outcome
    by: Hand
    decision_due_at: Moment
    text: Sealed[str] | UnsetType = UNSET  # the unit's comment


@event(
    "review.rating_decided",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingDecided(Event):
    """The competent authority decided. A level that leaves the proposal has a reason."""

    period: Period
    member_id: MemberId
    level: Code
    proposal_version: int  # of the proposal in this stream that the authority saw
    by: Hand
    announcement_due_at: Moment
    text: Sealed[str] | UnsetType = UNSET  # the reason


@event(
    "review.rating_announced",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingAnnounced(Event):
    """The person reviewed was given notice of the rating and of what was said."""

    period: Period
    member_id: MemberId
    by: Hand


REVIEW: tuple[type[Event], ...] = (
    ReviewOpened,
    CommitmentMade,
    SelfCritiqueSubmitted,
    CriticismGiven,
    CriticismAnswered,
    RatingProposed,
    RatingDecided,
    RatingAnnounced,
)
