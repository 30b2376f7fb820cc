"""Escalation: a missed deadline goes up the ladder, and comes down when the deed is done.

The process manager in the law says what follows from a fact; here it is appended. What follows is
decided from the escalation's own stream, so the same fact handled twice appends once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from events.definitions.deadline import DeadlineMissed
from events.definitions.entry import Sequenced
from events.definitions.escalation import Resolution
from events.definitions.event import Event
from events.definitions.plan import PlanMoved
from events.definitions.records import Due
from events.definitions.reopening import ReviewMoved
from events.domain.escalation import escalation, ladder
from events.domain.escalation.lateness import Late, late_with
from events.domain.organisation import member, succession
from events.domain.organisation.succession import Read
from events.domain.plan import plan
from events.domain.review import review
from events.domain.rulebook.step_terms import Without
from events.domain.steps import Step
from events.domain.year.rules import Pinned, Rules
from events.identifiers import (
    Stream,
    UnitId,
    derived_event_id,
    escalation_stream,
    member_stream,
)
from events.store import reference
from events.store.batch import Appended
from services.commands.executor import attempt, following_event
from services.context import Context
from services.queries import year_counts
from services.read_models import roster

NAME = "escalation"

Folded = review.State | plan.State
Follows = Callable[[escalation.State, datetime], Event | None]


class Escalation:
    """Does what the process manager says. `missed_event_id` names the miss of a deadline."""

    name = NAME

    def __init__(self, context: Context, missed_event_id: Callable[[str, Due], str]) -> None:
        self._context = context
        self._missed_event_id = missed_event_id

    def handle(self, sequenced: Sequenced) -> None:
        """Append what follows from one fact; a second time nothing does."""
        stream = sequenced.entry.stream
        kind = stream.partition("-")[0]
        if kind == "escalation" and isinstance(sequenced.event, DeadlineMissed):
            self._pass_on(Stream(stream), sequenced)
        elif kind in ("review", "plan"):
            self._follow(Stream(stream), kind, sequenced)

    def _follow(self, stream: Stream, kind: str, sequenced: Sequenced) -> None:
        """Raise what was missed just now; resolve what is in order since; let the rest go along."""
        state = self._fold(stream, kind, sequenced.position)
        if isinstance(sequenced.event, DeadlineMissed):
            self._raise(stream, state, sequenced.event, sequenced)
        for due in state.deadlines.missed:
            resolution = _resolution(state, due)
            if resolution:
                self._resolve(stream, due, resolution, sequenced)
            elif isinstance(sequenced.event, ReviewMoved | PlanMoved):
                self._move(stream, state, due, sequenced)

    def _raise(
        self, stream: Stream, state: Folded, missed: DeadlineMissed, cause: Sequenced
    ) -> None:
        if state.opened is None:
            return
        rules = self._rules(state.deadlines.source(state.opened.fact))
        acting = self._with_successors(state, cause.position)
        due = Due(step=missed.step, item=missed.item, due_at=missed.due_at)
        miss_id = self._missed_event_id(stream, due)
        late = late_with(acting, Step(missed.step), missed.item)
        alone = self._units_without_others(late, acting.path, rules, cause.position)

        def follows(known: escalation.State, now: datetime) -> Event | None:
            if known.raised or rules.rulebook.without(missed.step, missed.item) is Without.WAIVED:
                return None  # raised already, or nobody has to look after it
            return ladder.raise_for(
                missed,
                cause=miss_id,
                late=late,
                path=acting.units_above,
                rules=rules,
                now=now,
                alone=alone,
            )

        self._append(miss_id, "raised", follows, cause)

    def _pass_on(self, stream: Stream, cause: Sequenced) -> None:
        missed = cause.event
        assert isinstance(missed, DeadlineMissed)

        def follows(known: escalation.State, now: datetime) -> Event | None:
            if known.raised is None or missed.due_at != _due_at(known):
                return None  # it went on from this rung already, or was laid anew
            raised, position = known.raised.fact, cause.position
            about = Stream(raised.subject)
            state = self._fold(about, about.partition("-")[0], position)
            late = late_with(self._with_successors(state, position), Step(raised.step), raised.item)
            read = self._reader(position)
            known = succession.after_units(known, known.path, read)
            rules = self._rules(known.deadlines.source(raised))
            path = known.acting_units(known.path)
            alone = self._units_without_others(late, path, rules, position)
            return ladder.pass_on(known, rules, now=now, alone=alone)

        self._append(stream.removeprefix("escalation-"), f"rung {missed.item}", follows, cause)

    def _move(self, stream: Stream, state: Folded, due: Due, cause: Sequenced) -> None:
        acting = self._with_successors(state, cause.position)
        late = late_with(acting, Step(due.step), due.item)
        path = acting.units_above

        def follows(known: escalation.State, now: datetime) -> Event | None:
            if known.raised is None:
                return None
            rules = self._rules(known.deadlines.source(known.raised.fact))
            alone = self._units_without_others(late, acting.path, rules, cause.position)
            return ladder.move(known, late=late, path=path, rules=rules, now=now, alone=alone)

        miss_id = self._missed_event_id(stream, due)
        self._append(miss_id, f"moved by {cause.entry.id}", follows, cause)

    def _resolve(self, stream: Stream, due: Due, resolution: Resolution, cause: Sequenced) -> None:
        miss_id = self._missed_event_id(stream, due)
        self._append(
            miss_id, "resolved", lambda known, _: escalation.resolve(known, resolution), cause
        )

    def _append(self, miss_id: str, step: str, follows: Follows, cause: Sequenced) -> None:
        """Append what follows, decided on the escalation as it is; anew after a lost race."""
        stream = escalation_stream(miss_id)
        store = self._context.store

        def once() -> None:
            history = store.read_stream(stream)
            now = self._context.clock.now()
            event = follows(escalation.fold(history.events), now)
            if event is not None:
                event_id = derived_event_id(NAME, miss_id, step)
                new = following_event(event, cause, reaction=NAME, event_id=event_id, now=now)
                store.append({stream: Appended(history.version, (new,))})

        attempt(once)

    def _fold(self, stream: Stream, kind: str, position: int) -> Folded:
        """Return what held right after a fact: a late reaction does what a prompt one does."""
        history = self._reader(position)(stream)
        return review.fold(history) if kind == "review" else plan.fold(history)

    def _with_successors(self, state: Folded, position: int) -> Folded:
        """Return a review or plan with who acted for dissolved units of its path by a position."""
        return succession.after_units(state, state.path, self._reader(position))

    def _units_without_others(
        self, late: Late, path: Sequence[UnitId], rules: Rules, position: int
    ) -> frozenset[UnitId]:
        """Return the units of a path in which nobody but who was late holds an office.

        Who else does is read only where one of them holds one.
        """
        read, offices = self._reader(position), rules.rulebook.offices
        told = [member.fold(read(member_stream(each))) for each in late.members]
        held = {unit_id for each in told for unit_id in year_counts.units_led(each, offices)}
        database = self._context.store.database
        return frozenset(
            each
            for each in held.intersection(path)
            if late.members.issuperset(roster.holders(database, each, offices, path[-1]))
        )

    def _reader(self, position: int) -> Read:
        """Return what reads a stream as it was at a position."""
        return lambda stream: self._context.store.read_stream(stream, as_of=position).events

    def _rules(self, pinned: Pinned) -> Rules:
        return reference.rules_of(self._context.store.database, pinned)


def _due_at(known: escalation.State) -> datetime | None:
    """Return until when an escalation is to be taken up where it lies."""
    return known.deadlines.due_at(Step.ACKNOWLEDGEMENT, str(known.laid[-1].rung))


def _resolution(state: Folded, due: Due) -> Resolution | None:
    """Return how a miss ended, if it did: by the deed, more time, or without either."""
    if state.done(due.step, due.item):
        return Resolution.DONE
    if isinstance(state, review.State) and state.is_waived(due.step, due.item):
        return Resolution.WAIVED
    return Resolution.EXCUSED if due not in state.deadlines.running else None
