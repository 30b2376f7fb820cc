"""Whether others judged a year: what an auditor replays from review and plan, in the log's order.

The law refuses it when it is done; here it is found in what was told.
"""

from collections.abc import Iterable, Mapping

from events.definitions.deadline import DeadlineMoved
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.plan import (
    DecisionWithdrawn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanMoved,
    PlanReturned,
    PlanVoided,
)
from events.definitions.records import Hand
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
)
from events.definitions.review import (
    MeetingHeld,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    StepWaived,
)
from events.domain.plan import plan
from events.domain.review import review
from events.domain.verification.rating_checks import Check
from events.identifiers import MemberId

# Somebody acts by these, and judges nobody. The law asks for four eyes in some of them too.
NOT_JUDGING: Mapping[type[Event], str] = {
    PointSuggested: "a point is no verdict: it is answered before one",
    MeetingHeld: "a collective reviews itself; of a member, the proposal after it is judged",
    ReviewReopened: "it lets a rating be given anew, which is judged",
    DeadlineMoved: "time is given to everybody alike, and no rating with it",
}


def check_four_eyes(history: Iterable[Recorded | Sequenced]) -> Check:
    """Return whether nobody rated, agreed, follows or judged what they answered for by then.

    Who wrote for a unit in its plan answers for it in its review too, and the other way round: so
    both streams of one year are looked at together, by position.
    """
    reviewed, planned, others, own = review.EMPTY, plan.EMPTY, 0, list[str]()
    for each in history:
        for member_id in judges_of(each.event):
            others += 1
            if reviewed.is_of(member_id) or planned.is_of(member_id):
                own.append(f"{member_id} in {each.entry.type} at {each.entry.streamversion}")
        if each.entry.stream.startswith("review-"):
            reviewed = review.evolve(reviewed, each)
        else:
            planned = plan.evolve(planned, each)
    return Check("four_eyes", not own, "; ".join(own) or f"{others} times it was somebody else")


def judges_of(event: Event) -> tuple[MemberId, ...]:
    """Return who a fact names that must not be whose year it is."""
    match event:
        case RatingProposed() | RatingAppraised() | RatingDecided() | RatingAnnounced():
            return event.by.eyes
        case PlanAgreed() | FollowerNamed():
            return (*event.by.eyes, event.follower_id)
        case RatingReturned() | PlanReturned() | PlanVoided() | ReviewVoided():
            return event.by.eyes
        case ReviewMoved(by=Hand() as took_over) | PlanMoved(by=Hand() as took_over):
            return took_over.eyes
        case (
            StepWaived(by=Hand() as acted)
            | ReviewEnded(by=Hand() as acted)
            | ReviewResumed(by=Hand() as acted)
        ):
            return acted.eyes
        case MilestoneApproved() | MoreAsked() | MilestoneReturned():
            return (event.by,)
        case MilestoneExtended() | DecisionWithdrawn():
            return (event.by,)
        case _:
            return ()
