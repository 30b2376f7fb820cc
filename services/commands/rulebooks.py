"""Publish a rulebook or a calendar: its document is stored, and its digest told in the log."""

import re
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.records import Digest, Hand, Label, Source
from events.domain.aggregate.folding import Taken
from events.domain.documents import issuers
from events.domain.documents.problems import DocumentInvalid
from events.domain.year.rules import Rules
from events.identifiers import Stream, derived_event_id
from events.store import reference
from events.store.batch import Appended, NewEvent
from events.store.documents import UnknownDocument
from services.commands.context import Context
from services.commands.executor import attempt

SOURCE = "/rulebooks"
STREAMS = "rulebook-"  # with the issuer behind it, of all that was published
DIGEST_PATTERN = re.compile("[0-9a-f]{64}")
NAME_PATTERN = re.compile("[a-z][a-z0-9_]{0,39}")


def publish(context: Context, document: Any, *, principal: str) -> Digest:
    """Return the digest of a document that may be opened under from now on.

    The same document again is told once.

    Raises:
        DocumentInvalid: with everything that is wrong in it; nothing was stored or told.
        CommandRejected: the issuer's name is a unit's, or the edition has other content.
    """
    digest = Digest(reference.publish(context.store.database, document))
    stream = stream_of(document["issuer"])

    def once() -> None:
        before, version = published_under(context, document["issuer"])
        if told := issuers.publish(before, publication(document, digest)):
            new = NewEvent(
                event=told,
                id=derived_event_id("rulebooks", digest, "published"),
                source=SOURCE,
                time=context.clock.now(),
                principal=principal,
            )
            context.store.append({stream: Appended(version, (new,))})

    attempt(once)
    return digest


def publication(document: Any, digest: Digest, by: Hand | UnsetType = UNSET) -> DocumentPublished:
    """Return the fact that a valid document is published."""
    return DocumentPublished(
        issuer=Label(document["issuer"]),
        kind=DocumentKind(document["kind"]),
        name=Label(document["id"]),
        edition=Label(document["edition"]),
        digest=digest,
        by=by,
    )


def published_under(context: Context, issuer: str) -> tuple[list[DocumentPublished], int]:
    """Return everything that was published under an issuer's name, and its stream's version."""
    history = context.store.read_stream(stream_of(issuer))
    facts = [each.event for each in history.events]
    return [each for each in facts if isinstance(each, DocumentPublished)], history.version


def stream_of(issuer: str) -> Stream:
    """Return the stream of everything that an issuer published."""
    return Stream(f"{STREAMS}{issuer}")


def published(context: Context) -> list[DocumentPublished]:
    """Return every rulebook that was published, by issuer and in the order of publication."""
    return [each.fact for each in publications(context)]


def publications(
    context: Context, kind: DocumentKind = DocumentKind.RULEBOOK
) -> list[Taken[DocumentPublished]]:
    """Return what `published` does, of one kind of document, and when each was published."""
    sql = "SELECT DISTINCT stream FROM events WHERE stream > ? AND stream < ? ORDER BY stream"
    streams = context.store.database.rows(sql, (STREAMS, f"{STREAMS[:-1]}."))  # "." follows "-"
    return [
        Taken(recorded.entry.streamversion, recorded.entry.time, recorded.event)
        for (stream,) in streams
        for recorded in context.store.read_stream(Stream(stream)).events
        if isinstance(recorded.event, DocumentPublished) and recorded.event.kind is kind
    ]


def rules_named(context: Context, rulebook: str, calendar: str, *, principal: str) -> Rules:
    """Return the rules that two documents hold, by the names of ours or by published digests.

    What we ship is published at its first use.

    Raises:
        UnknownDocument: there is none of that name or digest, or it is of another kind.
    """
    source = Source(
        rulebook=_digest(context, "rulebook", rulebook, principal),
        calendar=_digest(context, "calendar", calendar, principal),
    )
    try:
        return reference.rules_of(context.store.database, source)
    except DocumentInvalid:
        raise UnknownDocument(f"{rulebook} with {calendar}") from None


def _digest(context: Context, kind: str, named: str, principal: str) -> Digest:
    if DIGEST_PATTERN.fullmatch(named):
        return Digest(named)
    if not NAME_PATTERN.fullmatch(named):  # it becomes the name of a file
        raise UnknownDocument(named)
    try:
        document = reference.shipped_document(kind, named)
    except FileNotFoundError:
        raise UnknownDocument(named) from None
    return publish(context, document, principal=principal)
