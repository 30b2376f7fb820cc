"""Publish a rulebook or a calendar: its document is stored, and its digest told in the log."""

from typing import Any

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.records import Digest, Label
from events.identifiers import Stream, derived_event_id
from events.store import reference
from events.store.append import Appended, NewEvent
from services.commands.context import Context
from services.commands.executor import attempt

SOURCE = "/rulebooks"


def publish(context: Context, document: Any, *, principal: str) -> Digest:
    """Return the digest of a document that may be opened under from now on.

    The same document again is told once.

    Raises:
        DocumentInvalid: with everything that is wrong in it; nothing was stored or told.
    """
    digest = Digest(reference.publish(context.store.database, document))
    stream = Stream(f"rulebook-{document['issuer']}")
    published = DocumentPublished(
        issuer=Label(document["issuer"]),
        kind=DocumentKind(document["kind"]),
        name=Label(document["id"]),
        edition=Label(document["edition"]),
        digest=digest,
    )

    def once() -> None:
        history = context.store.read_stream(stream)
        if published not in [recorded.event for recorded in history.events]:
            new = NewEvent(
                event=published,
                id=derived_event_id("rulebooks", digest, "published"),
                source=SOURCE,
                time=context.clock.now(),
                principal=principal,
            )
            context.store.append({stream: Appended(history.version, (new,))})

    attempt(once)
    return digest
