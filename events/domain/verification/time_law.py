"""Each fact by which time is told, decided anew: what ran out, runs again, or came to hold."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.records import Due, Source
from events.definitions.roster import FactTookEffect
from events.domain.documents.working_days import local_day
from events.domain.escalation import escalation
from events.domain.escalation.lateness import is_excusable
from events.domain.organisation import timelines
from events.domain.plan import plan
from events.domain.review import review
from events.domain.verification.told import NotSo, Told
from events.domain.year import deadlines
from events.domain.year.supplements import Waits, supplement
from events.identifiers import Stream

Year = review.State | plan.State
WAITS: Mapping[str, Callable[[Any], Waits | None]] = {
    "review": review.waits,
    "plan": plan.waits,
    "escalation": escalation.waits,
}


def decide_again(told: Told, each: Recorded | Sequenced) -> Event:
    """Return what the law tells where a fact about time was told; raises NotSo where nothing."""
    found = AGAIN[type(each.event)](told, each)
    if each.event not in found:
        raise NotSo("by what was told nothing ran out, runs again or came to hold then")
    return each.event


def _run_out(told: Told, each: Recorded | Sequenced) -> Iterable[Event]:
    stream, at = Stream(each.entry.stream), each.entry.time
    state = told.state(stream)
    waiting = [due for due in state.deadlines.open_dues(state.done) if due.due_at == at]
    for excuse in (max, min):  # where a reason cannot be read, it may have excused or not
        yield from deadlines.run_out(
            waiting,
            stream,
            now=each.entry.recordedat,
            excuse=lambda due, of=excuse: _excuse(told, state, due, of),  # type: ignore[misc]
        )


def _excuse(told: Told, state: Any, due: Due, of: Callable[..., Excuse | None]) -> Excuse | None:
    if not is_excusable(state, due.step):
        return None
    return of(told.excuses(state.opened.fact, due.due_at), key=bool)


def _resume(told: Told, each: Recorded | Sequenced) -> Iterable[Event]:
    stream, at = Stream(each.entry.stream), each.entry.time
    state: Year = told.state(stream)
    if state.opened is None or told.excuse(state.opened.fact, at):
        return ()
    tasks = review.tasks(state) if isinstance(state, review.State) else plan.tasks(state)
    rules = told.rules(state.deadlines.source(state.opened.fact))
    excused = state.deadlines.excused_dues(tasks)
    return deadlines.resume(excused, stream, rules, back_at=at)


def _supplement(told: Told, each: Recorded | Sequenced) -> Iterable[Event]:
    event = each.event
    assert isinstance(event, CalendarSupplemented)
    stream, at = each.entry.stream, each.entry.time
    state: Any = told.state(Stream(stream))
    kind = stream.partition("-")[0]
    waits = WAITS[kind](state)
    begun = state.raised if kind == "escalation" else state.opened
    if waits is None or begun is None:
        return ()
    goes_by = state.deadlines.source(begun.fact)
    if not told.published.is_later(event.calendar, goes_by.calendar):
        return ()
    old = told.rules(goes_by)
    new = told.rules(Source(rulebook=goes_by.rulebook, calendar=event.calendar))
    if not new.calendar.supplements(old.calendar, local_day(at)):
        return ()
    return (supplement(waits, stream, old, new, now=at),)


def _take_effect(told: Told, each: Recorded | Sequenced) -> Iterable[Event]:
    event, entry = each.event, each.entry
    assert isinstance(event, FactTookEffect)
    state: timelines.State = told.state(Stream(entry.stream))
    waits = [v for each in state.ahead if each.since == entry.time for v in each.versions]
    holds = {mark.version for marks in state.timelines.values() for mark in marks}
    # A bundle holds of whoever acted what tells of their posts, and not all that waited with it.
    came = {*waits} <= {*event.versions} if not told.whole else waits == [*event.versions]
    is_so = waits and came and holds.isdisjoint(event.versions)
    return (event,) if is_so and entry.time <= entry.recordedat else ()


AGAIN: Mapping[type[Event], Callable[[Told, Recorded | Sequenced], Iterable[Event]]] = {
    DeadlineMissed: _run_out,
    TimerSettled: _run_out,
    TimerResumed: _resume,
    CalendarSupplemented: _supplement,
    FactTookEffect: _take_effect,
}
