"""The documents that a bundle's entries name by their digests, and their check.

A bundle holds each of them and no other: rulebook and calendar of the review and its plan, forms
that commitment and self-critique were written on, and the catalogue that a sheet went through.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UnsetType

from events.definitions.cycle import DocumentPublished
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.records import Digest
from events.errors import TusoiError

NAMING = (Digest, Digest | UnsetType)  # the types of fields that name a document

_encoder = msgspec.json.Encoder(order="sorted")


class DocumentsWrong(TusoiError):
    """A bundle does not hold the very documents that its entries name."""

    code = "documents_wrong"


def digests_in(history: Iterable[Recorded]) -> tuple[Digest, ...]:
    """Return the digests of all documents that a history names, in its order, each once."""
    return tuple(
        dict.fromkeys(each for recorded in history for each in _digests_named(recorded.event))
    )


def digests_pinned(history: Iterable[Recorded]) -> tuple[Digest, ...]:
    """Return as `digests_in` does, but of what was published only what is used by other facts."""
    return digests_in(each for each in history if not isinstance(each.event, DocumentPublished))


def require_documents(documents: Mapping[str, Any], history: Iterable[Recorded]) -> None:
    """Raise DocumentsWrong unless exactly those are there that a history pins, unchanged."""
    pinned = digests_pinned(history)
    for digest in pinned:
        if digest not in documents:
            raise DocumentsWrong(
                f"document {digest} is missing, which an entry names: fetch it anew"
            )
    for lies_under, document in documents.items():
        if lies_under not in pinned:
            raise DocumentsWrong(f"document {lies_under[:64]!r} stands in it, which no entry names")
        if digest_of(document) != lies_under:
            raise DocumentsWrong(f"document {lies_under} was changed")


def digest_of(document: Any) -> str:
    """Return under which digest a document lies: SHA-256, in hex, of its canonical JSON."""
    return hashlib.sha256(_encoder.encode(document)).hexdigest()


def _digests_named(event: Event) -> Iterator[Digest]:
    for name in _fields_naming(type(event)):  # type: ignore[arg-type]
        if digest := getattr(event, name):
            yield digest


@functools.cache
def _fields_naming(kind: type[Event]) -> tuple[str, ...]:
    assert dataclasses.is_dataclass(kind), "every event is one"
    return tuple(field.name for field in dataclasses.fields(kind) if field.type in NAMING)
