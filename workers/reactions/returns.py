"""Return: who was excused and is back gets another day for what ran out meanwhile.

Nobody is forgotten: what was settled is due again, for them and for those who waited for them.
"""

from collections.abc import Iterator
from datetime import datetime

from events.definitions.deadline import TimerResumed, TimerSettled
from events.definitions.entry import Sequenced
from events.definitions.records import Period
from events.definitions.roster import (
    FactCorrected,
    FactTookEffect,
    MemberBack,
    MemberEnrolled,
    MemberExemptionEnded,
)
from events.domain.organisation import timelines
from events.domain.organisation.corrections import fact_of
from events.domain.plan import plan
from events.domain.review import review
from events.domain.year import deadlines
from events.identifiers import MemberId, Stream, derived_event_id, plan_stream, review_stream
from events.store import reference
from events.store.batch import NewEvent
from services.commands.executor import SteadyReads, attempt, following_event
from services.context import Context
from services.queries import year_counts
from services.read_models import cycle_lists, states
from services.read_models.states import REVIEWS

NAME = "returns"


class Returns:
    """Sets new days after a return, or where one was settled only after somebody was back."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Let the settled steps of whoever is back run again; a second time none is settled."""
        for stream in self._streams_to_resume(sequenced):
            attempt(lambda s=stream: self._resume(s, sequenced))  # type: ignore[misc]

    def _streams_to_resume(self, sequenced: Sequenced) -> Iterator[Stream]:
        """Iterate over the reviews and plans in which something may run again."""
        match sequenced.event:
            case TimerSettled():
                yield Stream(sequenced.entry.stream)
            case (
                MemberBack()
                | MemberExemptionEnded()
                | MemberEnrolled()
                | FactCorrected()
                | FactTookEffect()
            ):
                kind, _, subject = sequenced.entry.stream.partition("-")
                if kind == "member":
                    member_id = MemberId(subject)
                    database = self._context.store.database
                    states.require_come(database, REVIEWS.projection, sequenced.position)
                    for period in cycle_lists.periods(database, member_id):
                        yield review_stream(Period(period), member_id)
                        yield plan_stream(Period(period), member_id)

    def _resume(self, stream: Stream, cause: Sequenced) -> None:
        reads = SteadyReads(self._context.store)
        year = review if stream.startswith("review-") else plan
        state = year.fold(reads.events(stream))
        excused = state.deadlines.excused_dues(year.tasks(state))
        if state.opened is None or not excused:
            return
        pinned = state.opened.fact
        back_at = _back_at(cause, self._context.clock.now())
        if year_counts.excuse_of(self._context, reads.events, pinned, at=back_at):
            return
        database = self._context.store.database
        rules = reference.rules_of(database, state.deadlines.source(pinned))
        resumed = deadlines.resume(excused, stream, rules, back_at=back_at)
        new = tuple(_new_event(each, stream, cause, back_at) for each in resumed)
        reads.append({stream: new})


def _back_at(cause: Sequenced, now: datetime) -> datetime:
    """Return as of when somebody may be back by a fact: a sender's clock may be ahead a little.

    What is told ahead waits for its day: then `FactTookEffect` tells that it came.
    """
    _, since = fact_of(cause.event, cause.entry.time)
    return now if timelines.is_ahead(since, cause.entry.recordedat) else max(now, since)


def _new_event(event: TimerResumed, stream: Stream, cause: Sequenced, now: datetime) -> NewEvent:
    event_id = derived_event_id(NAME, cause.entry.id, f"{stream} {event.step} {event.item}")
    return following_event(event, cause, reaction=NAME, event_id=event_id, now=now)
