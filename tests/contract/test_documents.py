"""Documents lie under the digest of their canonical JSON, on both databases."""

import hashlib

import pytest

from events.definitions.entry import NotCanonical
from events.store import documents
from events.store.documents import DocumentDamaged, DocumentTooLarge, UnknownDocument
from events.store.store import Store

DOCUMENT = {"title": "Quy định", "rules": [{"id": "r1", "points": 30}]}


def test_a_document_is_found_by_its_content(store: Store) -> None:
    digest = documents.put(store.database, DOCUMENT)

    canonical = '{"rules":[{"id":"r1","points":30}],"title":"Quy định"}'.encode()
    assert digest == hashlib.sha256(canonical).hexdigest()
    assert documents.get(store.database, digest) == DOCUMENT
    assert documents.put(store.database, dict(reversed(DOCUMENT.items()))) == digest


@pytest.mark.parametrize(
    "document", [{"points": 0.5}, {"note": None}, {"khóa": 1}, {"n": 2**53}, {"t": "e\u0301"}]
)
def test_what_libraries_would_read_differently_is_refused(
    store: Store, document: dict[str, object]
) -> None:
    with pytest.raises(NotCanonical):
        documents.put(store.database, document)


def test_a_document_has_a_limit(store: Store) -> None:
    with pytest.raises(DocumentTooLarge):
        documents.put(store.database, {"text": "x" * documents.DOCUMENT_BYTES_MAX})


def test_an_unknown_or_a_changed_document_is_told_as_such(store: Store) -> None:
    digest = documents.put(store.database, DOCUMENT)
    store.database.transact(lambda t: t.run("UPDATE documents SET body = ?", (b"{}",)))

    with pytest.raises(DocumentDamaged):
        documents.get(store.database, digest)
    with pytest.raises(UnknownDocument):
        documents.get(store.database, "0" * 64)
