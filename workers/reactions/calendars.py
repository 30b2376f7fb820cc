"""Calendars: a newer edition reaches deadlines that run, and what begins under an older one.

The government tells in autumn which days around Tết are swapped, after deadlines were set there.
Each open review, plan and escalation is told that it goes by the newer edition, and which of its
deadlines end later.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from events.definitions.cycle import DocumentKind, DocumentPublished, IssuerFreed
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Sequenced
from events.definitions.escalation import EscalationRaised
from events.definitions.plan import PlanOpened
from events.definitions.records import Digest, Source
from events.definitions.reopening import ReviewReopened
from events.definitions.review import ReviewOpened
from events.domain.year.supplements import supplement
from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.identifiers import Stream, derived_event_id
from events.store import reference
from events.store.batch import Appended
from services.commands.executor import attempt, following_event
from services.context import Context
from services.observability import kind_of
from services.queries import publications
from services.read_models import due_timers, states
from services.read_models.states import ESCALATIONS, YEAR, Kind

NAME = "calendars"
STREAMS_MAX = 100  # told of in one append
PAGES_MAX = 20  # told at once: then whoever stops the process is heard, and it goes on

Begun = ReviewOpened | PlanOpened | EscalationRaised  # with the calendar that it pins

KINDS = {kind.name: kind for kind in YEAR}

log = structlog.get_logger()


class MoreToTell(StoreUnavailable):
    """Some streams were told of a calendar, and more are left: it goes on where it was."""

    def __init__(self, reached: str) -> None:
        told = f"open streams up to {reached} go by the newer calendar; it goes on"
        TusoiError.__init__(self, told)


class Calendars:
    """Tells streams of newer calendars; a second time each of them goes by the newest already."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context
        self._newest: dict[Digest, Digest] = {}  # by edition; forgotten when something is published
        self._reached: dict[tuple[int, str], str] = {}  # by publication and kind of stream

    def handle(self, sequenced: Sequenced) -> None:
        """Tell whoever still goes by an older edition than there is.

        Raises:
            NotYet, MoreToTell: try again.
        """
        event = sequenced.event
        if isinstance(event, DocumentPublished | IssuerFreed):
            self._newest.clear()
        if isinstance(event, DocumentPublished) and event.kind is DocumentKind.CALENDAR:
            if self._has_others(event):  # else nobody goes by an older one
                self._tell_all(sequenced)
        elif isinstance(event, ReviewReopened) or (
            isinstance(event, Begun) and self._newest_of(event.calendar) != event.calendar
        ):
            attempt(lambda: self._tell([Stream(sequenced.entry.stream)], sequenced))

    def _has_others(self, published: DocumentPublished) -> bool:
        """Tell whether other editions of a calendar were published."""
        told, _ = publications.of_issuer(self._context, published.issuer)
        named = (published.kind, published.name)
        return any((e.kind, e.name) == named and e.digest != published.digest for e in told)

    def _tell_all(self, cause: Sequenced) -> None:
        """Tell all streams in which something waits: those that begin later tell of themselves."""
        for kind in YEAR:
            states.require_come(self._context.store.database, kind.projection, cause.position)
            self._tell_kind(kind, cause)
        self._reached.clear()

    def _tell_kind(self, kind: Kind, cause: Sequenced) -> None:
        """Tell all of a kind, page by page, from where it broke off in this process."""
        database, place, told = self._context.store.database, (cause.position, kind.name), 0
        after = self._reached.get(place, "")
        while keys := due_timers.open_streams(database, kind, after, STREAMS_MAX):
            self._tell_page([kind.stream(each) for each in keys], cause)
            after = self._reached[place] = keys[-1]
            told += 1
            if told == PAGES_MAX:
                raise MoreToTell(after)

    def _tell_page(self, streams: Sequence[Stream], cause: Sequenced) -> None:
        """Tell several streams in one append; each on its own when one of them fails."""
        try:
            self._tell(streams, cause)
        except ConcurrentAppend:
            for each in streams:
                attempt(lambda s=each: self._tell([s], cause))  # type: ignore[misc]
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one stream that is broken holds up no other
            log.info("calendars_told_one_by_one", error=type(error).__name__)
            for each in streams:
                self._tell_alone(each, cause)

    def _tell_alone(self, stream: Stream, cause: Sequenced) -> None:
        try:
            attempt(lambda: self._tell([stream], cause))
        except (StoreUnavailable, ConcurrentAppend):
            raise
        except Exception:
            log.exception("calendar_not_told", kind=kind_of(stream))

    def _tell(self, streams: Sequence[Stream], cause: Sequenced) -> None:
        appended, now = {}, self._context.clock.now()
        for stream in streams:
            history = self._context.store.read_stream(stream)
            kind = KINDS[stream.partition("-")[0]]
            if told := self._supplement(stream, kind, kind.fold(history.events), now):
                event_id = derived_event_id(NAME, cause.entry.id, stream)
                new = following_event(told, cause, reaction=NAME, event_id=event_id, now=now)
                appended[stream] = Appended(history.version, (new,))
        if appended:
            self._context.store.append(appended)

    def _supplement(
        self, stream: Stream, kind: Kind, state: Any, now: datetime
    ) -> CalendarSupplemented | None:
        """Return that a stream goes by a newer calendar; None where it does, or nothing waits."""
        waits = kind.waits(state)
        if waits is None:
            return None
        begun = state.raised if kind is ESCALATIONS else state.opened
        goes_by = state.deadlines.source(begun.fact)
        newest = self._newest_of(goes_by.calendar)
        if newest == goes_by.calendar:
            return None
        database = self._context.store.database
        old = reference.rules_of(database, goes_by)
        new = reference.rules_of(database, Source(rulebook=goes_by.rulebook, calendar=newest))
        return supplement(waits, stream, old, new, now=now)

    def _newest_of(self, digest: Digest) -> Digest:
        if digest not in self._newest:
            self._newest[digest] = publications.newest_calendar(self._context, digest)
        return self._newest[digest]
