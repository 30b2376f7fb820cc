"""One review in one year, of a member or of a unit as a collective, as its facts tell.

The `*_steps` beside it decide which fact may come next; `evolve` refuses nothing and is defined on
every subsequence of a stream. It has over 300 lines since one state and one fold tell the whole:
cut in two, neither half would be read without the other.
"""

import functools
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Hand
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewReopened
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
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.organisation.succession import Succeeded
from events.domain.rulebook.rulebook import STEPS as WHO
from events.domain.year import leadership
from events.domain.year.deadlines import Deadlines, Task
from events.identifiers import MemberId, UnitId

COMMITMENT = "commitment"
SUGGESTION_ANSWER = "suggestion_answer"
SELF_CRITIQUE = "self_critique"
ANSWER = "answer"
MEETING = "meeting"
PROPOSAL = "proposal"
APPRAISAL = "appraisal"
DECISION = "decision"
ANNOUNCEMENT = "announcement"
ANNOUNCED = "announced"
ENDED = "ended"
NOTICE_ANSWER = "notice_answer"  # no step: nobody waits for it

# Of one review, in their order; which of them it takes, its opening says.
STEPS = (COMMITMENT, SELF_CRITIQUE, MEETING, PROPOSAL, APPRAISAL, DECISION, ANNOUNCEMENT)
RATING_STEPS = (PROPOSAL, APPRAISAL, DECISION, ANNOUNCEMENT)


class Rated(msgspec.Struct, frozen=True):
    """How a rating came about; what is not there has not come yet."""

    reopening: Taken[ReviewReopened] | None  # by which it began; none: it is the first
    proposal: Taken[RatingProposed] | None
    appraisal: Taken[RatingAppraised] | None
    decision: Taken[RatingDecided] | None
    announcement: Taken[RatingAnnounced] | None


class RatedAgain(Succeeded, frozen=True):
    """What is rated, once or again: the rating under way, and those that were decided before it."""

    reopening: Taken[ReviewReopened] | None = None  # the last one
    superseded: tuple[Rated, ...] = ()  # ratings before it
    proposal: Taken[RatingProposed] | None = None
    appraisal: Taken[RatingAppraised] | None = None
    decision: Taken[RatingDecided] | None = None
    announcement: Taken[RatingAnnounced] | None = None

    @property
    def rated_again(self) -> Taken[ReviewReopened] | None:
        """Return the reopening by which a rating is being given once more; None once it was."""
        return None if self.decision else self.reopening

    @property
    def standing(self) -> Rated:
        """Return the rating that holds, the last one decided; before any, the one under way.

        While somebody is rated again, what was decided before stands.
        """
        if self.superseded and not self.decision:
            return self.superseded[-1]
        return Rated(
            self.reopening, self.proposal, self.appraisal, self.decision, self.announcement
        )


class State(RatedAgain, frozen=True):
    """Everything told in one review, as far as `version` of its stream."""

    opened: Taken[ReviewOpened] | None = None
    commitment: Taken[CommitmentMade] | None = None
    self_critique: Taken[SelfCritiqueSubmitted] | None = None
    criticisms: tuple[Taken[CriticismGiven], ...] = ()
    answers: tuple[Taken[CriticismAnswered], ...] = ()
    points: tuple[Taken[PointSuggested], ...] = ()
    point_answers: tuple[Taken[PointAnswered], ...] = ()
    meetings: tuple[Taken[MeetingHeld], ...] = ()
    move: Taken[ReviewMoved] | None = None  # the last one
    ending: Taken[ReviewEnded] | None = None  # before a decision
    notice_answers: tuple[Taken[NoticeAnswered], ...] = ()  # one a notice at most
    deadlines: Deadlines = Deadlines()

    @property
    def path(self) -> tuple[UnitId, ...]:
        """Return the units from the person's own up to the one that decides, as it is now."""
        return self.path_before(self.version + 1)

    def path_before(self, version: int) -> tuple[UnitId, ...]:
        """Return the path as it was when a fact was told: who acted by then for each unit."""
        begun = self.move or self.opened
        told = begun.fact if begun else None
        return self.acting(told.path, of=told.member_id, before=version) if told else ()

    @property
    def places(self) -> tuple[UnitId, ...]:
        """Return the units before which this review is to be held."""
        return begun.fact.places if (begun := self.move or self.opened) else ()

    @property
    def collective(self) -> bool:
        """Tell whether a unit is reviewed, not a member."""
        return self.opened is not None and self.opened.fact.collective

    @property
    def above(self) -> tuple[UnitId, ...]:
        """Return the units that propose and decide: of a collective, its own is none of them."""
        return self.path[1:] if self.collective else self.path

    @property
    def leaders(self) -> frozenset[MemberId]:
        """Return who answers for the collective: led it at the opening, or wrote in its name."""
        return frozenset(each.member_id for each in self.hands())

    def hands(self, *, before: int | None = None) -> tuple[Hand, ...]:
        """Return by which offices they did: up to now, or before a fact of this review."""
        once = [each for each in (self.commitment, self.self_critique) if each]
        written = (*once, *self.answers, *self.point_answers, *self.meetings, *self.notice_answers)
        end = before or self.version + 1
        told = (each.fact.by for each in written if each.version < end)
        return leadership.hands(self.opened, told)

    def is_of(self, member_id: MemberId, *, before: int | None = None) -> bool:
        """Tell whether somebody is reviewed here, or leads what is: now, or before a version."""
        return leadership.is_own(self.opened, self.hands(before=before), member_id)

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the steps that this review takes, in their order."""
        return self.opened.fact.steps if self.opened else ()

    def done(self, step: str, item: str = "") -> bool:
        """Return whether a step has been taken."""
        match step:
            case "answer":
                return any(answer.fact.criticism_id == item for answer in self.answers)
            case "suggestion_answer":
                return any(answer.fact.point_id == item for answer in self.point_answers)
            case "notice_answer":
                answers, notice = self.notice_answers, self.announcement
                return notice is not None and any(a.version > notice.version for a in answers)
            case "meeting":
                return bool(self.meetings) and not self.places_left()
            case _:
                return getattr(self, step, None) is not None

    def done_at(self, step: str) -> datetime | None:
        """Return when a step that is taken once was taken; a meeting, when the last was held."""
        if not self.done(step):
            return None
        if step == MEETING:
            return max(meeting.at for meeting in self.meetings)
        at: datetime = getattr(self, step).at
        return at

    def unanswered(self) -> tuple[Taken[CriticismGiven], ...]:
        return tuple(c for c in self.criticisms if not self.done(ANSWER, c.fact.criticism_id))

    def points_open(self) -> tuple[Taken[PointSuggested], ...]:
        return tuple(p for p in self.points if not self.done(SUGGESTION_ANSWER, p.fact.point_id))

    def places_left(self) -> tuple[UnitId, ...]:
        """Return the units before which this review has not been held yet."""
        held = {meeting.fact.place for meeting in self.meetings}
        return tuple(place for place in self.places if place not in held)


EMPTY = State()


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the review's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a review after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets. The first of a kind counts, but for ratings."""
    match event:
        case ReviewOpened() if state.opened is None:
            deadlines = state.deadlines.setting(*event.dues)
            return {"opened": Taken(version, at, event), "deadlines": deadlines}
        case CommitmentMade() if state.commitment is None:
            return {"commitment": Taken(version, at, event)}
        case SelfCritiqueSubmitted() if state.self_critique is None:
            return _submitted(state, Taken(version, at, event))
        case CriticismGiven():
            return {"criticisms": (*state.criticisms, Taken(version, at, event))}
        case CriticismAnswered() if not state.done(ANSWER, event.criticism_id):
            return {"answers": (*state.answers, Taken(version, at, event))}
        case RatingProposed():
            return _proposed(state, Taken(version, at, event))
        case RatingDecided():
            deadlines = state.deadlines.starting(ANNOUNCEMENT, event.announcement_due_at)
            return {"decision": Taken(version, at, event), "deadlines": deadlines}
        case RatingAnnounced():
            return {"announcement": Taken(version, at, event)}
        case ReviewReopened() if state.decision:
            return _reopened(state, Taken(version, at, event))
        case _:
            return _besides(state, event, version, at)


def _besides(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts a fact sets of what not every review has."""
    match event:
        case PointSuggested():
            return {"points": (*state.points, Taken(version, at, event))}
        case PointAnswered() if not state.done(SUGGESTION_ANSWER, event.point_id):
            return {"point_answers": (*state.point_answers, Taken(version, at, event))}
        case MeetingHeld():
            deadlines = state.deadlines
            if set(state.places_left()) <= {event.place}:
                deadlines = deadlines.starting(PROPOSAL, event.proposal_due_at)
            meetings = (*state.meetings, Taken(version, at, event))
            return {"meetings": meetings, "deadlines": deadlines}
        case RatingAppraised():
            return {"appraisal": Taken(version, at, event)}
        case NoticeAnswered() if state.announcement and not state.done(NOTICE_ANSWER):
            return {"notice_answers": (*state.notice_answers, Taken(version, at, event))}
        case ReviewMoved():
            return {"move": Taken(version, at, event)}
        case ReviewEnded():
            running = state.deadlines.without(state.steps)
            return {"ending": Taken(version, at, event), "deadlines": running}
        case _:
            return {"deadlines": state.deadlines.after(event)}


def _submitted(state: State, taken: Taken[SelfCritiqueSubmitted]) -> dict[str, object]:
    """Return what a self-critique sets; its turn has come, whatever comes next."""
    deadlines = state.deadlines.starting(PROPOSAL, taken.fact.proposal_due_at)
    if taken.fact.meeting_due_at:
        deadlines = state.deadlines.starting(MEETING, taken.fact.meeting_due_at)
    return {"self_critique": taken, "deadlines": deadlines}


def _proposed(state: State, taken: Taken[RatingProposed]) -> dict[str, object]:
    """Return what a proposal sets; what was appraised of an earlier one is no word on this one."""
    deadlines = state.deadlines.starting(DECISION, taken.fact.decision_due_at)
    if taken.fact.appraisal_due_at:
        deadlines = deadlines.starting(APPRAISAL, taken.fact.appraisal_due_at)
    return {"proposal": taken, "appraisal": None, "deadlines": deadlines}


def _reopened(state: State, taken: Taken[ReviewReopened]) -> dict[str, object]:
    """Return what reopening sets: the rating begins anew, and what was decided is kept."""
    assert state.decision, "only a decided review is reopened"
    return {
        **dict.fromkeys(RATING_STEPS, None),
        "reopening": taken,
        "superseded": (*state.superseded, state.standing),
        "deadlines": state.deadlines.without(RATING_STEPS).starting(
            PROPOSAL, taken.fact.proposal_due_at
        ),
    }


def stage(state: State) -> str:
    """Return the step after the furthest one taken; `announced` when all were, or `ended`.

    A commitment that was never made holds up nobody.
    """
    if state.ending:
        return ENDED
    taken = [n for n, step in enumerate(state.steps, 1) if state.done(step)]
    return (*state.steps, ANNOUNCED)[max(taken, default=0)]


def who(state: State, step: str) -> str:
    """Return whose turn a step is; the meeting of a collective is its own."""
    return "member" if state.collective and step == MEETING else WHO[step]


def tasks(state: State) -> tuple[Task, ...]:
    """Return which steps wait to be taken now, and by whom."""
    if state.opened is None or state.ending:
        return ()
    begins = () if state.proposal or state.reopening else (COMMITMENT, SELF_CRITIQUE)
    waiting = [step for step in state.steps if step in begins and not state.done(step)]
    following = stage(state)
    if following in (MEETING, *RATING_STEPS):
        waiting.append(following)
    return (
        *(Task(step, who(state, step), state.deadlines.due_at(step)) for step in waiting),
        *(() if state.proposal else _answers(state)),
    )


def _answers(state: State) -> Iterator[Task]:
    """Iterate over the words of others that wait for an answer."""
    for point in state.points_open():
        due_at, item = point.fact.answer_due_at, point.fact.point_id
        yield Task(SUGGESTION_ANSWER, WHO[SUGGESTION_ANSWER], due_at, item=item)
    for each in state.unanswered():
        yield Task(ANSWER, WHO[ANSWER], each.fact.answer_due_at, item=each.fact.criticism_id)


def level(state: State) -> str | None:
    """Return the level that holds, if one was decided."""
    decision = state.standing.decision
    return decision.fact.level if decision else None
