"""Facts that change a review under way: rated again, moved elsewhere, ended, resumed, voided."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Decision, Event, Moment, Origin, Scope, Sealed, event
from events.definitions.records import Due, Hand, Period
from events.identifiers import MemberId, UnitId


@event(
    "review.reopened",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReopened(Event):
    """A decided review is rated again, by its own edition. The rating stands until the next one."""

    period: Period
    member_id: MemberId
    ground: Code  # which of its edition
    by: Hand
    proposal_due_at: Moment | UnsetType = UNSET  # unless the person reviewed is heard first
    statement_due_at: Moment | UnsetType = UNSET  # if so: until when
    decision: Sealed[Decision] | UnsetType = UNSET  # of the discipline, where that is the ground
    text: Sealed[str] | UnsetType = UNSET  # the reason


@event(
    "review.statement_made",
    schema_version=1,
    about="review",
    origin=Origin.OURS,
    scope=Scope.PERIOD,
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMade(Event):
    """Whoever is rated again, or leads a unit that is, said something to the ground of it."""

    period: Period
    member_id: MemberId
    text: Sealed[str]
    proposal_due_at: Moment
    by: Hand | UnsetType = UNSET  # who wrote for a collective


@event("review.moved", schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMoved(Event):
    """What is still to be done goes on with the person, elsewhere or by posts; or a unit above."""

    period: Period
    member_id: MemberId
    path: tuple[UnitId, ...]  # from the own unit, now, up to the one whose year it is
    rated_by: tuple[UnitId, ...]  # of these, from the one that proposes to the one that decides
    places: tuple[UnitId, ...]  # before which the review is held now
    by: Hand | UnsetType = UNSET  # who took its cycle over; none: it follows the person


@event("review.ended", schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEnded(Event):
    """Nobody goes on with a review that was not decided, and no level comes of it.

    There is no longer who is reviewed, the year of a unit above takes them in, or those who decide
    end it, for want of a step of theirs.
    """

    period: Period
    member_id: MemberId  # the unit's id, of a collective
    reason: (
        Code  # "dissolved", of a unit; of a member "left", "rated_above", or "unrated", by a hand
    )
    by: Hand | UnsetType = UNSET  # who ended it unrated
    text: Sealed[str] | UnsetType = UNSET  # and why


@event("review.resumed", schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewResumed(Event):
    """A review that had ended goes on: what ended it was told wrongly, or is undone."""

    period: Period
    member_id: MemberId
    dues: tuple[Due, ...]  # until when what is left of it is to be done
    by: Hand | UnsetType = UNSET  # who undoes what they had ended
    text: Sealed[str] | UnsetType = UNSET  # and why


@event("review.voided", schema_version=1, about="review", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVoided(Event):
    """The cycle was voided: nothing told before counts any more, and it may be opened again."""

    period: Period
    member_id: MemberId
    by: Hand
