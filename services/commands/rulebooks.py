"""Publish a document of any kind: it is stored, and its digest told in the log.

What a committee publishes is judged first: see `editions`.
"""

import re
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.records import Digest, Hand, Label, Source
from events.domain.documents import issuers, working_days
from events.domain.documents.problems import DocumentInvalid
from events.domain.documents.working_days import Calendar
from events.domain.organisation.succession import Read
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year.rules import Rules
from events.identifiers import derived_event_id
from events.store import documents, reference
from events.store.batch import Appended
from events.store.documents import UnknownDocument
from services.commands.executor import attempt, new_event
from services.context import Context
from services.queries import forms, publications

SOURCE = "/rulebooks"
DIGEST_PATTERN = re.compile("[0-9a-f]{64}")
NOT_PINNED = Source(rulebook=Digest(""), calendar=Digest(""))  # of what is told nowhere
NAME_PATTERN = re.compile("[a-z][a-z0-9_]{0,39}")


def publish(context: Context, document: Any, *, principal: str) -> Digest:
    """Return the digest of a document that may be opened under from now on.

    The same document again is told once.

    Raises:
        DocumentInvalid: with everything that is wrong in it; nothing was stored or told.
        CommandRejected: the issuer's name is a unit's, or the edition has other content.
    """
    digest = Digest(reference.publish(context.store.database, document))
    stream = publications.stream_of(document["issuer"])

    def once() -> None:
        before, version = publications.of_issuer(context, document["issuer"])
        if told := issuers.publish(before, publication(document, digest)):
            told_id = derived_event_id("rulebooks", digest, f"published after {version}")
            new = new_event(context, told, source=SOURCE, principal=principal, event_id=told_id)
            context.store.append({stream: Appended(version, (new,))})

    attempt(once)
    return digest


def keep(context: Context, digest: Digest) -> Digest:
    """Return the digest of a form or catalogue, stored for whoever reads what is written on it."""
    reference.publish(context.store.database, forms.document_of(context, digest))
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


def require_published(rules: Rules, read: Read) -> None:
    """Raise UnknownDocument unless both documents of some rules are published, by what is read."""
    pinned = ((rules.rulebook, rules.source.rulebook), (rules.calendar, rules.source.calendar))
    for document, digest in pinned:
        told = publications.in_force(read(publications.stream_of(document.issuer)))
        if digest not in {each.fact.digest for each in told}:
            raise UnknownDocument(digest)


def rules_by_name(context: Context, rulebook: str, calendar: str, *, principal: str) -> Rules:
    """Return the rules that two documents hold, by the names of ours or by published digests.

    What we ship is published at its first use; a calendar, unless a newer edition was before.

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


def rules_unpublished(context: Context, rulebook: str, calendar: str) -> Rules:
    """Return the rules that a year would be opened under by two names; it publishes nothing.

    Raises:
        UnknownDocument: there is none of that name or digest.
    """
    found, days = rulebook_by_name(context, rulebook), calendar_by_name(context, calendar)
    return Rules(found, days, NOT_PINNED)


def rulebook_by_name(context: Context, named: str) -> Rulebook:
    """Return the rulebook that a year would be opened under by a name; it publishes nothing.

    Raises:
        UnknownDocument: there is none of that name or digest.
    """
    if DIGEST_PATTERN.fullmatch(named):
        if named not in {each.digest for each in publications.published_rulebooks(context)}:
            raise UnknownDocument(named)
        return reference.rulebook_of(context.store.database, named)
    if named not in reference.shipped_names("rulebook"):
        raise UnknownDocument(named)
    return validity.read(reference.shipped_document("rulebook", named))


def calendar_by_name(context: Context, named: str) -> Calendar:
    """Return the calendar that a year would be opened under by a name; it publishes nothing.

    Raises:
        UnknownDocument: there is none of that name or digest.
    """
    if DIGEST_PATTERN.fullmatch(named):
        if named not in {e.fact.digest for e in publications.every(context, DocumentKind.CALENDAR)}:
            raise UnknownDocument(named)
        return reference.calendar_of(context.store.database, Digest(named))
    if not NAME_PATTERN.fullmatch(named):
        raise UnknownDocument(named)
    try:
        document = reference.shipped_document("calendar", named)
    except FileNotFoundError:
        raise UnknownDocument(named) from None
    shipped, calendar = Digest(documents.digest_of(document)), working_days.read(document)
    newest = publications.newest_edition(context, calendar, shipped)
    return calendar if newest == shipped else reference.calendar_of(context.store.database, newest)


def _digest(context: Context, kind: str, named: str, principal: str) -> Digest:
    if DIGEST_PATTERN.fullmatch(named):
        if named not in {e.fact.digest for e in publications.every(context, DocumentKind(kind))}:
            raise UnknownDocument(named)
        return Digest(named)
    if not NAME_PATTERN.fullmatch(named):  # it becomes the name of a file
        raise UnknownDocument(named)
    try:
        document = reference.shipped_document(kind, named)
    except FileNotFoundError:
        raise UnknownDocument(named) from None
    if kind == DocumentKind.CALENDAR:
        shipped = Digest(documents.digest_of(document))
        newest = publications.newest_edition(context, working_days.read(document), shipped)
        if newest != shipped:
            return newest
    return publish(context, document, principal=principal)
