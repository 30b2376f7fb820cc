"""Whether every step that is taken once was told once, and again only where the law lets it.

The law refuses a second decision; a fold takes the last one, so the first would never be judged.
"""

from collections.abc import Iterable, Mapping

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import (
    DecisionWithdrawn,
    EvidenceHandedIn,
    MilestoneApproved,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanOpened,
    PlanProposed,
    PlanVoided,
)
from events.definitions.reopening import (
    ReviewEnded,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.domain.verification.rating_checks import Check

PROPOSED = (
    "proposal"  # over once it was decided on, or agreed to; until then a later one replaces it
)
VERDICT = "verdict"  # of whatever kind on a milestone

# What may be taken once more after a fact.
AGAIN_AFTER: Mapping[type[Event], tuple[str, ...]] = {
    ReviewReopened: (
        StatementMade.definition.type,
        PROPOSED,
        RatingAppraised.definition.type,
        RatingDecided.definition.type,
        RatingAnnounced.definition.type,
    ),
    ReviewEnded: (ReviewResumed.definition.type,),
    ReviewResumed: (ReviewEnded.definition.type,),
    RatingProposed: (RatingAppraised.definition.type, RatingReturned.definition.type),
    **dict.fromkeys(
        (RatingDecided, RatingAnnounced),  # the one is the notice where there is not the other
        (NoticeAnswered.definition.type, ReviewReopened.definition.type),
    ),
}


def check_once(history: Iterable[Recorded | Sequenced]) -> Check:
    """Return whether review and plan of one year tell each step once, in their own order."""
    taken, again, count = dict[str, set[tuple[str, str]]](), list[str](), 0
    for each in history:
        event, stream = each.event, each.entry.stream
        if isinstance(event, ReviewVoided | PlanVoided):
            taken.pop(stream, None)
            continue
        of_stream = taken.setdefault(stream, set())
        if isinstance(event, ReviewOpened) and (ReviewEnded.definition.type, "") in of_stream:
            of_stream.clear()  # it was left to the year of a unit above
        keys = _keys(event)
        if not of_stream.isdisjoint(keys[:1]):
            again.append(f"{each.entry.type} at {each.entry.streamversion}")
        count += bool(keys)
        begun = AGAIN_AFTER.get(type(event), ())
        of_stream.difference_update([key for key in of_stream if key[0] in begun])
        if isinstance(event, EvidenceHandedIn | DecisionWithdrawn):
            of_stream.discard((VERDICT, event.milestone_id))
        if not isinstance(event, RatingProposed | PlanProposed):
            of_stream.update(keys)
    return Check("once", not again, "; ".join(again) or f"{count} steps, each once")


def _keys(event: Event) -> tuple[tuple[str, str], ...]:
    """Return what must not have been taken before a fact, and what else is over with it."""
    own = event.definition.type
    match event:
        case RatingProposed() | PlanProposed():
            return ((PROPOSED, ""),)
        case RatingDecided() | PlanAgreed():
            return (own, ""), (PROPOSED, "")
        case CriticismGiven(criticism_id=item) | CriticismAnswered(criticism_id=item):
            return ((own, item),)
        case PointSuggested(point_id=item) | PointAnswered(point_id=item):
            return ((own, item),)
        case MeetingHeld(place=item) | RatingAppraised(item=item):
            return ((own, item),)
        case MilestoneApproved() | MoreAsked() | MilestoneReturned():
            return ((VERDICT, event.milestone_id),)
        case (
            ReviewOpened()
            | CommitmentMade()
            | SelfCritiqueSubmitted()
            | RatingReturned()
            | RatingAnnounced()
            | NoticeAnswered()
            | ReviewReopened()
            | StatementMade()
            | ReviewEnded()
            | ReviewResumed()
            | PlanOpened()
        ):
            return ((own, ""),)
        case _:
            return ()
