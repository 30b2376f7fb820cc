"""What a later fact rests on is missed; what comes before its turn, or once more, is refused."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pytest

from events.definitions.cycle import CycleClosed, CycleOpened, CycleVoided, DocumentPublished
from events.definitions.deadline import DeadlineMissed, DeadlineMoved
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import (
    EvidenceHandedIn,
    FollowerNamed,
    MilestoneApproved,
    MilestoneExtended,
    MilestoneReturned,
    MoreAsked,
    PlanAgreed,
    PlanOpened,
    PlanProposed,
    PlanReturned,
    PlanUnfollowed,
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
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.definitions.roster import (
    MemberDisciplined,
    MemberEnrolled,
    PostGiven,
    UnitFormed,
)
from events.domain.verification.law import LAWS
from events.domain.verification.told import Told
from events.errors import TusoiError
from tests.support.history import record
from tests.support.lawful import findings, log_of
from tests.support.lawful_facts import rules_of
from tests.support.lawful_years import YEARS, history_of

# Of which kinds some fact may be left out, and nothing that was told after it is wrong.
NOT_MISSED: Mapping[type[Event], str] = {
    CommitmentMade: "who never made one is reviewed all the same, and late",
    CriticismAnswered: "a proposal may come once the days for an answer are over",
    DeadlineMoved: "the step may be taken before it, or after it, and then was late",
    DeadlineMissed: "who was late may take the step all the same",
    NoticeAnswered: "nobody waits for it",
    RatingReturned: "a later proposal replaces the one that was not given back, too",
    MemberDisciplined: "what a proposal counts, `roster_checks` and `fact_check` count again",
    MoreAsked: "evidence may be added to what was handed in",
    MilestoneReturned: "likewise",
    MilestoneApproved: "the last one of a plan; before a withdrawal it is missed",
    MilestoneExtended: "a milestone may be shown when it was due",
    PlanReturned: "a proposal may be replaced before it is dealt with",
    PlanAgreed: "the last one of a plan",
    FollowerNamed: "who followed before may do so again",
    PlanUnfollowed: "whoever is below judges nothing, told or not",
    PlanVoided: "the last one of a plan",
    ReviewVoided: "the last one of a review; before it is opened anew it is missed",
    ReviewEnded: "the last one of a review",
    ReviewResumed: "the last one of a review",
    ReviewReopened: "the last one of a review",
    StatementMade: "the year goes on without it once it was waived",
    RatingAnnounced: "the last one of a review",
    MeetingHeld: "the last one of a review",
    ReviewOpened: "of a unit that is not rated, and wrote nothing",
    CycleClosed: "the last one of a year",
    CycleVoided: "of a year below, which nobody opened again",
    DocumentPublished: "a form that nobody wrote on",
    MemberEnrolled: "of whom no review is: their posts are told by themselves",
    PostGiven: "by which nobody acted",
    UnitFormed: "which neither opens a year nor is reviewed",
}
# Which may be the first that is told once their year or plan is open.
FIRST: Mapping[type[Event], str] = {
    CommitmentMade: "whenever its member likes",
    SelfCritiqueSubmitted: "likewise",
    CriticismGiven: "from the opening on",
    PointSuggested: "likewise",
    PlanProposed: "likewise",
    DocumentPublished: "whenever its issuer likes",
}
# Which the law itself lets be told again.
AGAIN: Mapping[type[Event], str] = {
    RatingProposed: "a later one replaces it",
    PlanProposed: "likewise",
    EvidenceHandedIn: "later evidence adds to earlier",
    CriticismGiven: "another one; that each is told once `repeats` finds",
    PointSuggested: "likewise",
    CycleOpened: "for another year that was taken over; by that of the same one nothing changes",
}
RATING = (  # its steps, each of which waits for the one before
    SelfCritiqueSubmitted,
    MeetingHeld,
    RatingProposed,
    RatingAppraised,
    RatingDecided,
    RatingAnnounced,
)


def up_to(history: Sequence[Recorded]) -> Told:
    """Return the whole log, as far as some facts tell it."""
    log = log_of(rules_of)
    for each in history:
        log.tell(each)
    return log


def is_missed(history: Sequence[Recorded], place: int) -> bool:
    """Tell whether anything told later is found wrong without the fact at a place."""
    log = up_to(history[:place])
    for each in history[place + 1 :]:
        if findings(log, each):
            return True
        log.tell(each)
    return False


def is_refused(history: Sequence[Recorded], each: Recorded) -> bool:
    """Tell whether the law refuses something like a fact after some others."""
    last = history[-1].entry if history else each.entry
    then = record(each.event, version=last.streamversion + 1, time=last.time)
    try:
        LAWS[type(each.event)](up_to(history), then)
    except TusoiError:
        return True
    return False


def lawful_facts() -> Iterator[tuple[list[Recorded], int]]:
    """Iterate over all facts of all years that the law decides, each by its place in its log."""
    for wanted, _ in YEARS.values():
        history = history_of(wanted)
        places = (n for n, each in enumerate(history) if type(each.event) in LAWS)
        yield from ((history, place) for place in places)


def as_far_as_its_opening(history: Sequence[Recorded], place: int) -> Sequence[Recorded]:
    """Return a log up to where the stream of a fact was opened last; nothing, if by itself."""
    fact = history[place]
    opened = [
        n
        for n, each in enumerate(history[:place])
        if each.entry.stream == fact.entry.stream
        and isinstance(each.event, ReviewOpened | PlanOpened)
    ]
    return history[: opened[-1] + 1] if opened else ()


@pytest.mark.exhaustive
def test_what_is_left_out_is_missed_by_what_rests_on_it() -> None:
    not_missed = set[type[Event]]()

    for wanted, _ in YEARS.values():
        history = history_of(wanted)
        for place, each in enumerate(history):
            if not is_missed(history, place):
                not_missed.add(type(each.event))

    assert not_missed == NOT_MISSED.keys()


@pytest.mark.exhaustive
def test_what_is_told_before_its_turn_is_refused() -> None:
    first = set[type[Event]]()

    for history, place in lawful_facts():
        if not is_refused(as_far_as_its_opening(history, place), history[place]):
            first.add(type(history[place].event))

    assert first == FIRST.keys()


@pytest.mark.exhaustive
def test_what_is_told_once_is_refused_when_it_is_told_again() -> None:
    again = set[type[Event]]()

    for history, place in lawful_facts():
        if not is_refused(history[: place + 1], history[place]):
            again.add(type(history[place].event))

    assert again == AGAIN.keys()


def test_each_step_of_a_rating_is_refused_while_the_one_before_it_is_not_taken() -> None:
    history = history_of(YEARS["of a member"][0])
    steps = [next(each for each in history if isinstance(each.event, kind)) for kind in RATING]

    for before, after in pairwise(steps):
        assert is_refused(history[: history.index(before)], after)
