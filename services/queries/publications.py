"""What was published: which documents, by whom, in which order."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from events.definitions.cycle import CycleOpened, DocumentKind, DocumentPublished, IssuerFreed
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.records import Digest
from events.domain.aggregate.folding import Taken
from events.domain.documents.working_days import Calendar, local_day
from events.identifiers import Stream
from events.store import reference
from services.context import Context

STREAMS = "rulebook-"  # with the issuer behind it, of all that was published


def of_issuer(context: Context, issuer: str) -> tuple[list[DocumentPublished], int]:
    """Return everything that was published under an issuer's name, and its stream's version."""
    history = context.store.read_stream(stream_of(issuer))
    return [each.fact for each in in_force(history.events)], history.version


def stream_of(issuer: str) -> Stream:
    """Return the stream of everything that an issuer published."""
    return Stream(f"{STREAMS}{issuer}")


def published_rulebooks(context: Context) -> list[DocumentPublished]:
    """Return every rulebook that was published, by issuer and in the order of publication."""
    return [each.fact for each in every(context)]


def every(
    context: Context, kind: DocumentKind = DocumentKind.RULEBOOK
) -> list[Taken[DocumentPublished]]:
    """Return as `published_rulebooks`, of one kind of document, and when each was published."""
    sql = "SELECT DISTINCT stream FROM events WHERE stream > ? AND stream < ? ORDER BY stream"
    streams = context.store.database.rows(sql, (STREAMS, f"{STREAMS[:-1]}."))  # "." follows "-"
    return [
        each
        for (stream,) in streams
        for each in in_force(context.store.read_stream(Stream(stream)).events)
        if each.fact.kind is kind
    ]


def newest_calendar(context: Context, digest: Digest) -> Digest:
    """Return the edition that holds in a calendar's place by now; the calendar itself with none."""
    calendar = reference.calendar_of(context.store.database, digest)
    return newest_edition(context, calendar, digest)


def newest_edition(context: Context, calendar: Calendar, digest: Digest) -> Digest:
    """Return as `newest_calendar`, also of a calendar that was not published so far."""
    read = partial(reference.calendar_of, context.store.database)
    today = local_day(context.clock.now())
    told, _ = of_issuer(context, calendar.issuer)
    editions = [each.digest for each in told if each.kind is DocumentKind.CALENDAR]
    later = editions[editions.index(digest) + 1 :] if digest in editions else editions
    for each in later:
        if read(each).supplements(calendar, today):
            calendar, digest = read(each), each
    return digest


def used_rulebooks(context: Context) -> frozenset[str]:
    """Return the digests of all documents that a cycle was ever opened under, or went on by."""
    opened = (each.event for each in _facts_of(context, CycleOpened))
    supplemented = (each.event for each in _facts_of(context, CalendarSupplemented))
    begun = {digest for each in opened for digest in (each.rulebook, each.calendar)}
    return frozenset(begun | {each.calendar for each in supplemented})


def _facts_of(context: Context, event_type: type[Event]) -> Iterator[Any]:
    pages = context.store.facts_of(event_type.definition.type)
    return (each for page in pages for each in page)


def in_force(history: Iterable[Recorded]) -> list[Taken[DocumentPublished]]:
    """Return what was published under a name since it was freed for the last time."""
    found: list[Taken[DocumentPublished]] = []
    for recorded in history:
        match recorded.event:
            case DocumentPublished() as fact:
                found.append(Taken(recorded.entry.streamversion, recorded.entry.time, fact))
            case IssuerFreed():
                found.clear()
    return found
