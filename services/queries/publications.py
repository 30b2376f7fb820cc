"""What was published: which documents, by whom, in which order."""

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.domain.aggregate.folding import Taken
from events.identifiers import Stream
from services.context import Context

STREAMS = "rulebook-"  # with the issuer behind it, of all that was published


def of_issuer(context: Context, issuer: str) -> tuple[list[DocumentPublished], int]:
    """Return everything that was published under an issuer's name, and its stream's version."""
    history = context.store.read_stream(stream_of(issuer))
    facts = [each.event for each in history.events]
    return [each for each in facts if isinstance(each, DocumentPublished)], history.version


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
        Taken(recorded.entry.streamversion, recorded.entry.time, recorded.event)
        for (stream,) in streams
        for recorded in context.store.read_stream(Stream(stream)).events
        if isinstance(recorded.event, DocumentPublished) and recorded.event.kind is kind
    ]
