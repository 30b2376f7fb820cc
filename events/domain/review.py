"""One member's review in one year, as its facts tell; `reviewing` decides which may come next.

`evolve` refuses nothing and is defined on every subsequence of a stream.
"""

import functools
from collections.abc import Iterable
from datetime import datetime

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Code, Event
from events.definitions.records import Due
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    RatingAnnounced,
    RatingDecided,
    RatingProposed,
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.domain import folding
from events.domain.deadlines import Deadlines, Task
from events.domain.taken import Taken

COMMITMENT = "commitment"
SELF_CRITIQUE = "self_critique"
ANSWER = "answer"
PROPOSAL = "proposal"
DECISION = "decision"
ANNOUNCEMENT = "announcement"
ANNOUNCED = "announced"

STEPS = (COMMITMENT, SELF_CRITIQUE, PROPOSAL, DECISION, ANNOUNCEMENT)  # in their order
WHO = {
    COMMITMENT: "member",
    SELF_CRITIQUE: "member",
    ANSWER: "member",
    PROPOSAL: "secretary",
    DECISION: "authority",
    ANNOUNCEMENT: "secretary",
}


class State(folding.Folded, frozen=True):
    """Everything told in one review, as far as `version` of its stream."""

    opened: Taken[ReviewOpened] | None = None
    commitment: Taken[CommitmentMade] | None = None
    self_critique: Taken[SelfCritiqueSubmitted] | None = None
    criticisms: tuple[Taken[CriticismGiven], ...] = ()
    answers: tuple[Taken[CriticismAnswered], ...] = ()
    proposal: Taken[RatingProposed] | None = None
    decision: Taken[RatingDecided] | None = None
    announcement: Taken[RatingAnnounced] | None = None
    deadlines: Deadlines = Deadlines()

    def done(self, step: str, item: str = "") -> bool:
        """Return whether a step has been taken."""
        if step == ANSWER:
            return any(answer.fact.criticism_id == item for answer in self.answers)
        return getattr(self, step, None) is not None

    def unanswered(self) -> tuple[Taken[CriticismGiven], ...]:
        return tuple(c for c in self.criticisms if not self.done(ANSWER, c.fact.criticism_id))


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
            return {
                "opened": Taken(version, at, event),
                "deadlines": state.deadlines.setting(*event.dues),
            }
        case CommitmentMade() if state.commitment is None:
            return {"commitment": Taken(version, at, event)}
        case SelfCritiqueSubmitted() if state.self_critique is None:
            deadlines = _running(state, PROPOSAL, event.proposal_due_at)
            return {"self_critique": Taken(version, at, event), "deadlines": deadlines}
        case CriticismGiven():
            return {"criticisms": (*state.criticisms, Taken(version, at, event))}
        case CriticismAnswered() if not state.done(ANSWER, event.criticism_id):
            return {"answers": (*state.answers, Taken(version, at, event))}
        case RatingProposed():
            deadlines = _running(state, DECISION, event.decision_due_at)
            return {"proposal": Taken(version, at, event), "deadlines": deadlines}
        case RatingDecided():
            deadlines = _running(state, ANNOUNCEMENT, event.announcement_due_at)
            return {"decision": Taken(version, at, event), "deadlines": deadlines}
        case RatingAnnounced():
            return {"announcement": Taken(version, at, event)}
        case _:
            return {"deadlines": state.deadlines.after(event)}


def _running(state: State, step: str, due_at: datetime) -> Deadlines:
    """Return the deadlines with that of the step whose turn has come."""
    return state.deadlines.setting(Due(step=Code(step), due_at=due_at))


def stage(state: State) -> str:
    """Return the step after the furthest one taken; `announced` when all were.

    A commitment that was never made holds up nobody.
    """
    taken = [n for n, step in enumerate(STEPS, 1) if state.done(step)]
    return (*STEPS, ANNOUNCED)[max(taken, default=0)]


def tasks(state: State) -> tuple[Task, ...]:
    """Return which steps wait to be taken now, and by whom."""
    if state.opened is None:
        return ()
    waiting = [step for step in (COMMITMENT, SELF_CRITIQUE) if not state.done(step)]
    if state.proposal:
        waiting = []
    following = stage(state)
    if following in (PROPOSAL, DECISION, ANNOUNCEMENT):
        waiting.append(following)
    steps = [Task(step, WHO[step], state.deadlines.due_at(step)) for step in waiting]
    answers = () if state.proposal else state.unanswered()
    return (
        *steps,
        *(
            Task(ANSWER, WHO[ANSWER], c.fact.answer_due_at, item=c.fact.criticism_id)
            for c in answers
        ),
    )


def level(state: State) -> str | None:
    """Return the level decided, if one was."""
    return state.decision.fact.level if state.decision else None
