"""The loop that tells which deadlines ran out, each dated by its rule and told once.

It tells likewise when the day has come of what HR told ahead. Any number of processes may run it.
Due timers are a query over projected rows; what is told is decided anew from the stream itself, so
a late row, a rival, or a clock that jumps tells nothing twice and loses nothing. Whether somebody
is excused is judged as of the deadline too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import structlog

from events.definitions.deadline import DeadlineMissed, Excuse, TimerSettled
from events.definitions.records import Due
from events.domain.escalation.lateness import is_excusable
from events.domain.review import review, waiving
from events.domain.year import deadlines
from events.errors import StoreUnavailable
from events.identifiers import Stream, derived_event_id, review_stream
from events.store import reference
from events.store.batch import NewEvent
from services.commands.executor import SteadyReads, attempt
from services.commands.taking_effect import PRINCIPAL, SOURCE, taking_effect
from services.context import Context
from services.observability import kind_of
from services.queries import year_counts
from services.queries.year_counts import Read
from services.read_models import due_timers
from services.read_models.states import KINDS, ROSTER, Kind

TIMERS_MAX = 2_000  # streams looked at in one tick, so that a few broken ones hold up nobody
STREAMS_MAX = 100  # dealt with in one append

Expired: TypeAlias = DeadlineMissed | TimerSettled

_KINDS: dict[str, Kind] = {kind.name: kind for kind in KINDS}

log = structlog.get_logger()


def missed_event_id(stream: str, due: Due) -> str:
    """Return the id of what is told when a deadline of a stream runs out."""
    cause = f"{stream}\n{due.step}\n{due.item}\n{due.due_at.isoformat()}"
    return derived_event_id("timekeeper", cause, "out")


class Timekeeper:
    """Tells what ran out."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._failing: set[Stream] = set()  # complained of already

    def tick(self) -> int:
        """Tell which deadlines have run out and what holds now, and return how many facts it made.

        Raises:
            StoreUnavailable: try again later.
        """
        now = self._context.clock.now()
        streams = due_timers.timers_due(self._context.store.database, now, TIMERS_MAX)
        pages = range(0, len(streams), STREAMS_MAX)
        return sum(self._page(streams[start : start + STREAMS_MAX]) for start in pages)

    def _page(self, streams: Sequence[Stream]) -> int:
        """Tell of several streams in one append; of each on its own when one of them fails."""
        try:
            return self._tell(streams)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a lost race, or one stream that is broken
            log.info("timers_told_one_by_one", error=type(error).__name__)
            return sum(self._tell_alone(stream) for stream in streams)

    def _tell_alone(self, stream: Stream) -> int:
        try:
            told = attempt(lambda: self._tell([stream]))
        except StoreUnavailable:
            raise
        except Exception:
            if stream not in self._failing:  # it fails again at every tick; once is enough to say
                self._failing.add(stream)
                log.exception("timer_not_told", kind=kind_of(stream))
            return 0
        self._failing.discard(stream)
        return told

    def _tell(self, streams: Iterable[Stream]) -> int:
        reads = SteadyReads(self._context.store)
        new = {stream: self._time_came(reads, stream) for stream in streams}
        reads.append(new)
        return sum(map(len, new.values()))

    def _time_came(self, reads: SteadyReads, stream: Stream) -> tuple[NewEvent, ...]:
        """Return what is to be told in a stream, by what holds of it now."""
        kind = _KINDS[stream.partition("-")[0]]
        state, now = kind.fold(reads.events(stream)), self._context.clock.now()
        if kind in ROSTER:
            return tuple(taking_effect(stream, state, now))
        waiting = state.deadlines.open_dues(state.done)
        excuse = excuses(self._context, state, reads.events)
        over = deadlines.run_out(waiting, stream, now=now, excuse=excuse)
        told = [_new_event(stream, each) for each in over]
        if isinstance(state, review.State):
            told += _waivers(self._context, state, over, now)
        return tuple(told)


def _waivers(
    context: Context, state: review.State, over: Sequence[Expired], now: datetime
) -> Iterator[NewEvent]:
    """Iterate over what the edition waives of what ran out just now."""
    if state.opened is None or not over:
        return
    opened = state.opened.fact
    rules = reference.rules_of(context.store.database, state.deadlines.source(opened))
    late = waiving.after_deadlines(state, *over)
    stream = review_stream(opened.period, opened.member_id)
    for due, fact in waiving.waived_by_edition(late, rules, now=now):
        yield NewEvent(
            event=fact,
            id=derived_event_id("timekeeper", missed_event_id(stream, due), "waived"),
            source=SOURCE,
            time=now,
            principal=PRINCIPAL,
        )


def excuses(context: Context, state: Any, read: Read) -> Callable[[Due], Excuse | None]:
    """Return what tells why a step not taken in time is nobody's fault.

    Whoever is away is excused, and with them those who wait for them to rate them: by what held at
    the deadline, however late a worker looks, and by the rulebook's reasons. A unit is excused
    once it is dissolved.
    """

    def excuse(due: Due) -> Excuse | None:
        if not is_excusable(state, due.step):
            return None
        pinned = state.opened.fact
        return year_counts.excuse_of(context, read, pinned, at=due.due_at)

    return excuse


def _new_event(stream: Stream, fact: DeadlineMissed | TimerSettled) -> NewEvent:
    due = Due(step=fact.step, item=fact.item, due_at=fact.due_at)
    return NewEvent(
        event=fact,
        id=missed_event_id(stream, due),
        source=SOURCE,
        time=fact.due_at,
        principal=PRINCIPAL,
    )
