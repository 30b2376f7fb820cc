"""The review of one member, or of one unit, in one year: from commitment to the announced rating.

Words and marks are sealed under the reviewed person's key of the year, whoever wrote them; in the
clear stands only what a rating is computed from (decision 0038).
"""

from dataclasses import dataclass
from functools import partial

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Event, Moment, Origin, Scope, Sealed, event
from events.definitions.notice import NoticeAnswered
from events.definitions.records import (
    Appraisal,
    Digest,
    Due,
    Facts,
    Hand,
    Label,
    Outcome,
    Period,
    Weighed,
)
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.roster import Standing
from events.identifiers import MemberId, UnitId

PSEUDONYM = "pseudonym:"  # begins the principal of a fact whose author is not to be named, nor when

_of_review = partial(  # by what the facts of a review are defined, but for their names
    event, schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD
)


@_of_review("review.opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(Event):
    """The year of a member, or of a unit as a collective, began: in the place of that day."""

    period: Period
    member_id: MemberId  # in this and every later fact of a collective's review: the unit's id
    path: tuple[UnitId, ...]  # from the own unit up to the one whose year it is
    rated_by: tuple[UnitId, ...]  # of these, from the one that proposes to the one that decides
    standing: Standing | UnsetType = UNSET  # of a member
    rulebook: Digest
    calendar: Digest
    dues: tuple[Due, ...]  # of the steps that are due by a day; others run when their turn comes
    steps: tuple[Code, ...]  # that this review takes, in their order
    appraisals: tuple[Appraisal, ...] = ()  # in their order, where it has that step
    places: tuple[UnitId, ...]  # before which it is held, where the rulebook wants that
    group: Code | UnsetType = UNSET  # of subjects, where the rulebook has groups
    unrated: Code | UnsetType = UNSET  # why this review ends without a rating
    collective: bool = False
    leaders: tuple[Hand, ...] = ()  # of a collective: who held which office in it, by office and id
    below: tuple[UnitId, ...] = ()  # of a collective: the units directly below it


@_of_review("review.commitment_made")
@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMade(Event):
    """A member, or who leads a unit, wrote down what they undertake. The first one counts."""

    period: Period
    member_id: MemberId
    text: Sealed[str]
    form: Digest | UnsetType = UNSET  # on which it was written, where there was one
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@_of_review("review.self_critique_submitted")
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCritiqueSubmitted(Event):
    """A member, or who leads a unit, handed in their own critique. Later ones are refused."""

    period: Period
    member_id: MemberId
    text: Sealed[str]
    proposal_due_at: Moment
    marks: Sealed[str] | UnsetType = UNSET  # own points, level, degrees and sheet, as JSON
    meeting_due_at: Moment | UnsetType = UNSET  # where a meeting comes before the proposal
    form: Digest | UnsetType = UNSET  # on which it was written, where there was one
    catalogue: Digest | UnsetType = UNSET  # through which the form's sheet went, where it has one
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@_of_review("review.criticism_given")
@dataclass(frozen=True, slots=True, kw_only=True)
class CriticismGiven(Event):
    """A peer wrote what they hold to be wrong or right. No rating is computed from it.

    The times of its entry are the beginning of the day: the moment would tell who it was.
    """

    period: Period
    member_id: MemberId
    criticism_id: Label
    author: Label  # a pseudonym: HMAC of author and criticism under the reviewed person's key
    text: Sealed[str]
    answer_due_at: Moment  # no proposal before an answer, or this time


@_of_review("review.criticism_answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class CriticismAnswered(Event):
    """The person reviewed, or who leads a unit, answered a criticism."""

    period: Period
    member_id: MemberId
    criticism_id: Label
    text: Sealed[str]
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@_of_review("review.point_suggested")
@dataclass(frozen=True, slots=True, kw_only=True)
class PointSuggested(Event):
    """A superior laid down a point in writing that the person is to answer in their review."""

    period: Period
    member_id: MemberId
    point_id: Label
    by: Hand
    text: Sealed[str]
    answer_due_at: Moment  # it stays to be answered after that, too


@_of_review("review.point_answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class PointAnswered(Event):
    """The person reviewed, or who leads a unit, answered a point."""

    period: Period
    member_id: MemberId
    point_id: Label
    text: Sealed[str]
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@_of_review("review.meeting_held")
@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(Event):
    """A unit reviewed somebody in its meeting, the person being there."""

    period: Period
    member_id: MemberId
    place: UnitId
    by: Hand
    proposal_due_at: Moment  # runs once the last place has held it
    text: Sealed[str] | UnsetType = UNSET  # the meeting's comment


@_of_review("review.step_waived")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaived(Event):
    """A step that was not taken in time holds up nobody any more; it may still be taken.

    Waived by whom the edition lets, or by the edition itself as soon as its time was over.
    """

    period: Period
    member_id: MemberId
    step: Code
    dues: tuple[Due, ...]  # until when what waited for it is to be taken
    item: Label  # which point or appraisal; empty for a step that is taken once
    by: Hand | UnsetType = UNSET
    text: Sealed[str] | UnsetType = UNSET  # the reason of whom it waived


@_of_review("review.rating_proposed")
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
    appraisal_due_at: Moment | UnsetType = UNSET  # of the first, where the proposal is appraised


@_of_review("review.rating_appraised")
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingAppraised(Event):
    """Those who advise the authority looked at a proposal and say which level they hold right."""

    period: Period
    member_id: MemberId
    level: Code
    proposal_version: int  # of the proposal that they looked at
    by: Hand
    item: Label  # which appraisal; empty where the rulebook gives it no id of its own
    dues: tuple[Due, ...] = ()  # until when the appraisal that waited for it is to be given
    text: Sealed[str] | UnsetType = UNSET  # the reason


@_of_review("review.rating_returned")
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingReturned(Event):
    """The authority gave a proposal back: the unit proposes anew, and the rest follows on that."""

    period: Period
    member_id: MemberId
    proposal_version: int  # of the proposal that they gave back
    by: Hand
    proposal_due_at: Moment
    text: Sealed[str]  # why


@_of_review("review.rating_decided")
@dataclass(frozen=True, slots=True, kw_only=True)
class RatingDecided(Event):
    """The competent authority decided. A level that leaves the proposal has a reason."""

    period: Period
    member_id: MemberId
    level: Code
    proposal_version: int  # of the proposal in this stream that the authority saw
    by: Hand
    announcement_due_at: Moment | UnsetType = UNSET  # in an edition with that step
    weighed: tuple[Weighed, ...] | UnsetType = UNSET  # limits that it goes beyond by discretion
    text: Sealed[str] | UnsetType = UNSET  # the reason


@_of_review("review.rating_announced")
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
    PointSuggested,
    PointAnswered,
    MeetingHeld,
    StepWaived,
    RatingProposed,
    RatingAppraised,
    RatingReturned,
    RatingDecided,
    RatingAnnounced,
    NoticeAnswered,
    ReviewReopened,
    StatementMade,
    ReviewMoved,
    ReviewEnded,
    ReviewResumed,
    ReviewVoided,
)
