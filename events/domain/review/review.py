"""How one review goes on, of a member or of a unit: its state after each fact, and what waits then.

The `*_steps` beside it decide which fact may come next; `evolve` refuses nothing and is defined on
every subsequence of a stream.

It is over 300 lines: one fold, in which each fact of a review is looked up.
"""

import functools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec

from events.definitions.deadline import DeadlineMoved
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Code, Event
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Due
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
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
    StepWaived,
)
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.review.state import (
    EMPTY,
    OWN,
    RATING_STEPS,
    STEPS,
    Rated,
    Rating,
    State,
)
from events.domain.steps import Step, begins
from events.domain.year.deadlines import DeadlineFact, Deadlines, Task
from events.domain.year.supplements import Waits

__all__ = ["EMPTY", "RATING_STEPS", "STEPS", "State"]  # what others name with a review in mind

ANNOUNCED = "announced"  # the stage after the last step
ENDED = "ended"  # the stage of a review that nobody goes on with
ANSWER_POINT = Step.SUGGESTION_ANSWER.value

# All facts of a review, by what they are about; `evolve` knows each of them.
Begun: TypeAlias = ReviewOpened | ReviewMoved | ReviewReopened | RatingReturned | StepWaived
Broken: TypeAlias = ReviewEnded | ReviewResumed | ReviewVoided
Course: TypeAlias = Begun | Broken
Word: TypeAlias = CommitmentMade | SelfCritiqueSubmitted | CriticismGiven | PointSuggested
Answer: TypeAlias = CriticismAnswered | PointAnswered | NoticeAnswered | StatementMade
Reply: TypeAlias = Answer | MeetingHeld
Fact: TypeAlias = Course | Rating | Word | Reply | DeadlineFact


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the review's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a review after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets. The first of a kind counts, but for ratings."""
    if isinstance(event, DeadlineFact):
        return _of_deadline(state, event, version, at)
    if isinstance(event, Course):
        return _of_course(state, event, version, at)
    if isinstance(event, Rating):
        return _of_rating(state, event, version, at)
    if isinstance(event, Word):
        return _of_word(state, event, version, at)
    if isinstance(event, Reply):
        return _of_reply(state, event, version, at)
    return {}  # of another kind of stream


def _of_deadline(
    state: State, event: DeadlineFact, version: int, at: datetime
) -> dict[str, object]:
    changed: dict[str, object] = {"deadlines": state.deadlines.after(event)}
    if isinstance(event, DeadlineMoved):
        changed["delays"] = (*state.delays, Taken(version, at, event))
    return changed


def _of_course(state: State, event: Course, version: int, at: datetime) -> dict[str, object]:
    match event:
        case ReviewOpened():
            return _of_opening(state, Taken(version, at, event))
        case ReviewMoved():
            return {"moves": (*state.moves, Taken(version, at, event))}
        case ReviewReopened():
            return _changes_by_reopening(state, Taken(version, at, event)) if state.decision else {}
        case RatingReturned():
            returned = state.proposal and event.proposal_version == state.proposal.version
            taken = Taken(version, at, event)
            return _changes_by_return(state, taken) if returned and not state.decision else {}
        case StepWaived():
            waivers = (*state.waivers, Taken(version, at, event))
            return {"waivers": waivers, "deadlines": state.deadlines.with_dues(*event.dues)}
        case ReviewEnded() | ReviewResumed() | ReviewVoided():
            return _of_break(state, event, version, at)
        case never:
            assert_never(never)


def _of_opening(state: State, taken: Taken[ReviewOpened]) -> dict[str, object]:
    """Return what an opening sets; in the year of a unit above, a review that was left to it."""
    if state.opened and not state.left_above:
        return {}
    anew = _nothing_told() if state.left_above else {}
    before = state.deadlines.over() if state.left_above else state.deadlines
    return anew | {"opened": taken, "deadlines": before.with_dues(*taken.fact.dues)}


def _nothing_told() -> dict[str, object]:
    return folding.begin_anew(EMPTY, kept=("successions",))


def _of_break(state: State, event: Broken, version: int, at: datetime) -> dict[str, object]:
    """Return what a fact sets by which a review breaks off, or goes on after that."""
    match event:
        case ReviewEnded():
            left = state.deadlines.without(OWN)
            ran = (due for due in state.deadlines.running if due not in left.running)
            endings = (*state.endings, Taken(version, at, event))
            return {"endings": endings, "ran": (*state.ran, *ran), "deadlines": left}
        case ReviewResumed():
            if not state.ending:
                return {}
            timed = (
                due for due in event.dues if due.step != Step.ANSWER.value
            )  # as no answer ever is
            resumed = state.deadlines.with_dues(*timed)
            resumptions = (*state.resumptions, Taken(version, at, event))
            return {"resumptions": resumptions, "ran": (), "deadlines": resumed}
        case ReviewVoided():
            return _nothing_told() | {"deadlines": state.deadlines.over()}
        case never:
            assert_never(never)


def _changes_by_reopening(state: State, taken: Taken[ReviewReopened]) -> dict[str, object]:
    """Return what reopening sets: the rating begins anew, and what was decided is kept."""
    running = state.deadlines.without(RATING_STEPS)
    anew = Rated(taken, proposal=None, decision=None, announcement=None)
    fact = taken.fact
    begins = {Step.STATEMENT: fact.statement_due_at, Step.PROPOSAL: fact.proposal_due_at}
    dues = (Due(step=Code(step), due_at=at) for step, at in begins.items() if at)
    return {
        **msgspec.structs.asdict(anew),
        "superseded": (*state.superseded, state.rating_in_force),
        "deadlines": running.with_dues(*dues),
    }


def _changes_by_return(state: State, taken: Taken[RatingReturned]) -> dict[str, object]:
    """Return what giving a proposal back sets: who proposed and appraised it stays known."""
    running = state.deadlines.without(RATING_STEPS)
    return {
        "proposal": None,
        "returns": (*state.returns, taken),
        "deadlines": running.with_start(Step.PROPOSAL, taken.fact.proposal_due_at),
    }


def _of_rating(state: State, event: Rating, version: int, at: datetime) -> dict[str, object]:
    """Return what a rating sets; what was appraised of an earlier proposal says nothing of this."""
    match event:
        case RatingProposed():
            return {
                "proposal": Taken(version, at, event),
                "proposers": tuple(dict.fromkeys((*state.proposers, *event.by.eyes))),
                "deadlines": _deadlines_of(state, event),
            }
        case RatingAppraised():
            appraised = (*state.appraised, Taken(version, at, event))
            return {"appraised": appraised, "deadlines": state.deadlines.with_dues(*event.dues)}
        case RatingDecided():
            deadlines = state.deadlines
            if event.announcement_due_at:
                deadlines = deadlines.with_start(Step.ANNOUNCEMENT, event.announcement_due_at)
            return {"decision": Taken(version, at, event), "deadlines": deadlines}
        case RatingAnnounced():
            return {"announcement": Taken(version, at, event)}
        case never:
            assert_never(never)


def _deadlines_of(state: State, event: RatingProposed) -> Deadlines:
    """Return the deadlines once a proposal was made: those of its first appraisal and decision."""
    deadlines = state.deadlines.without({Step.APPRAISAL})
    deadlines = deadlines.with_start(Step.DECISION, event.decision_due_at)
    if not event.appraisal_due_at:
        return deadlines
    item = next((each.item for each in state.appraisals_asked), "")
    return deadlines.with_start(Step.APPRAISAL, event.appraisal_due_at, item)


def _of_word(state: State, event: Word, version: int, at: datetime) -> dict[str, object]:
    match event:
        case CommitmentMade():
            return {"commitment": state.commitment or Taken(version, at, event)}
        case SelfCritiqueSubmitted():
            return _changes_by_self_critique(state, Taken(version, at, event))
        case CriticismGiven():
            return {"criticisms": (*state.criticisms, Taken(version, at, event))}
        case PointSuggested():
            due = Due(step=Code(ANSWER_POINT), item=event.point_id, due_at=event.answer_due_at)
            points = (*state.points, Taken(version, at, event))
            return {"points": points, "deadlines": state.deadlines.with_dues(due)}
        case never:
            assert_never(never)


def _changes_by_self_critique(
    state: State, taken: Taken[SelfCritiqueSubmitted]
) -> dict[str, object]:
    """Return what a self-critique sets; its turn has come, whatever comes next, unless it had."""
    if state.self_critique:
        return {}
    if state.is_waived(Step.SELF_CRITIQUE):
        return {"self_critique": taken}
    deadlines = state.deadlines.with_start(Step.PROPOSAL, taken.fact.proposal_due_at)
    if taken.fact.meeting_due_at:
        deadlines = state.deadlines.with_start(Step.MEETING, taken.fact.meeting_due_at)
    return {"self_critique": taken, "deadlines": deadlines}


def _of_reply(state: State, event: Reply, version: int, at: datetime) -> dict[str, object]:
    match event:
        case CriticismAnswered():
            known = state.done(Step.ANSWER, event.criticism_id)
            return {} if known else {"answers": (*state.answers, Taken(version, at, event))}
        case PointAnswered():
            if state.done(Step.SUGGESTION_ANSWER, event.point_id):
                return {}
            return {"point_answers": (*state.point_answers, Taken(version, at, event))}
        case MeetingHeld():
            deadlines = state.deadlines
            if set(state.venues_left()) <= {event.place} and not state.is_waived(Step.MEETING):
                deadlines = deadlines.with_start(Step.PROPOSAL, event.proposal_due_at)
            meetings = (*state.meetings, Taken(version, at, event))
            return {"meetings": meetings, "deadlines": deadlines}
        case NoticeAnswered():
            if state.notice is None or state.notice_answered:
                return {}
            return {"notice_answers": (*state.notice_answers, Taken(version, at, event))}
        case StatementMade():
            return _changes_by_statement(state, Taken(version, at, event))
        case never:
            assert_never(never)


def _changes_by_statement(state: State, taken: Taken[StatementMade]) -> dict[str, object]:
    """Return what a statement sets: the turn of a proposal has come, unless it had."""
    if state.done(Step.STATEMENT) or not state.is_heard:
        return {}
    deadlines = state.deadlines
    if not state.is_waived(Step.STATEMENT):
        deadlines = deadlines.with_start(Step.PROPOSAL, taken.fact.proposal_due_at)
    return {"statements": (*state.statements, taken), "deadlines": deadlines}


def stage(state: State) -> str:
    """Return the step after the furthest one taken or waived; `announced` after all, or `ended`.

    A commitment that was never made holds up nobody.
    """
    if state.ending:
        return ENDED
    following: str = ANNOUNCED
    for step in reversed(state.steps):
        if not state.is_left(step):
            break
        following = step
    return following


def tasks(state: State) -> tuple[Task, ...]:
    """Return which steps wait to be taken now, and by whom."""
    if state.opened is None or state.ending:
        return ()
    steps, following = state.steps, stage(state)
    own = [] if state.proposers else [each for each in steps if not each.row.after]
    own = [each for each in own if each.row.rates or not state.reopening]
    waiting = [step for step in own if not state.done(step)]
    waiting += [step for step in steps if step.row.after and _has_come(step, following, steps)]
    due = [(step, item_of(state, step)) for step in waiting]
    return (
        *(_task(state, step, state.deadlines.due_at(step, item), item) for step, item in due),
        *(() if state.proposers else _answers(state)),
    )


def _has_come(step: Step, following: str, steps: tuple[Step, ...]) -> bool:
    """Tell whether the turn of a step has come at a stage: also where nothing is before it."""
    early = following in steps and not (Step(following).row.after or Step(following).row.rates)
    return step == following or (early and begins(step, steps))


def item_of(state: State, step: Step) -> str:
    """Return which of several appraisals the turn is of; empty for other steps."""
    left = state.appraisals_left() if step is Step.APPRAISAL else ()
    return left[0].item if left else ""


def _answers(state: State) -> Iterator[Task]:
    """Iterate over the words of others that wait for an answer."""
    for point in state.points_open():
        yield _task(state, Step.SUGGESTION_ANSWER, state.answer_due_at(point), point.fact.point_id)
    for each in state.unanswered_criticisms():
        yield _task(state, Step.ANSWER, state.answer_due_at(each), each.fact.criticism_id)


def _task(state: State, step: Step, due_at: datetime | None, item: str) -> Task:
    return Task(step, state.turn_of(step), due_at, item=item)


def waits(state: State) -> Waits | None:
    """Return the deadlines that wait, for a newer calendar to move; None where nothing does."""
    if state.opened is None or not tasks(state):
        return None
    moved = tuple(
        Due(step=each.fact.step, item=each.fact.item, due_at=each.fact.due_at)
        for each in state.delays
    )
    dues = tuple(state.deadlines.open_dues(state.done))
    return Waits(dues, chosen=moved, period=state.opened.fact.period)


def level(state: State) -> str | None:
    """Return the level that holds, if one was decided."""
    decision = state.rating_in_force.decision
    return decision.fact.level if decision else None


def is_level_awaited(state: State) -> bool:
    """Tell whether a review is to come to a level and did not yet: others may wait for that."""
    rated = state.opened is not None and not state.opened.fact.unrated
    return rated and state.ending is None and level(state) is None
