"""Documents by their content: rulebooks, catalogues, calendars, forms. No personal text."""

import hashlib
from typing import Any

import msgspec

from events.definitions.entry import NotCanonical, require_nfc, within_subset
from events.errors import TusoiError
from events.store import tables
from events.store.database import Database

DOCUMENT_BYTES_MAX = 4 * 1024 * 1024

_encoder = msgspec.json.Encoder(order="sorted")


class DocumentTooLarge(TusoiError):
    code = "document_too_large"

    def __init__(self, size: int) -> None:
        super().__init__(f"the document takes {size} bytes, the limit is {DOCUMENT_BYTES_MAX}")
        self.size = size


class UnknownDocument(TusoiError):
    code = "unknown_document"

    def __init__(self, digest: str) -> None:
        super().__init__(f"no document has the digest {digest}; publish it first")
        self.digest = digest


class DocumentDamaged(TusoiError):
    """Stored bytes do not have the digest under which they lie."""

    code = "document_damaged"

    def __init__(self, digest: str) -> None:
        super().__init__(f"document {digest} was changed; restore it from a backup or a bundle")
        self.digest = digest


def put(database: Database, document: Any) -> str:
    """Store a document and return its digest. It raises as `digest_of` does."""
    body = _canonical(document)
    digest = hashlib.sha256(body).hexdigest()
    database.transact(lambda t: t.insert(tables.documents, [(digest, body)], on_conflict="keep"))
    return digest


def digest_of(document: Any) -> str:
    """Return a document's digest: SHA-256, in hex, of its canonical JSON.

    Raises:
        NotCanonical: it holds floats, nulls, large integers, other keys than ASCII or no NFC.
        DocumentTooLarge: more than 4 MiB.
    """
    return hashlib.sha256(_canonical(document)).hexdigest()


def _canonical(document: Any) -> bytes:
    body = _encoder.encode(document)
    if len(body) > DOCUMENT_BYTES_MAX:
        raise DocumentTooLarge(len(body))
    require_nfc(body)
    if not within_subset(msgspec.json.decode(body)):
        raise NotCanonical("documents have no floats, no nulls, and keys in ASCII only")
    return body


def get(database: Database, digest: str) -> Any:
    """Return the document with a digest, checked against it.

    Raises:
        UnknownDocument, DocumentDamaged
    """
    rows = database.rows("SELECT body FROM documents WHERE digest = ?", (digest,))
    if not rows:
        raise UnknownDocument(digest)
    body = bytes(rows[0][0])
    if hashlib.sha256(body).hexdigest() != digest:
        raise DocumentDamaged(digest)
    return msgspec.json.decode(body)
