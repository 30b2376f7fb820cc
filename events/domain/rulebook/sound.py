"""Whether a document of any kind is sound: how each kind is read, with everything that is wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from events.domain.documents import catalogue, form, working_days
from events.domain.documents.problems import DocumentInvalid, Problem
from events.domain.rulebook import validity

READERS: Mapping[str, Callable[[Any], Any]] = {
    "rulebook": validity.read,
    "calendar": working_days.read,
    "catalogue": catalogue.read,
    "form": form.read,
}


def require_valid(document: Any) -> None:
    """Raise DocumentInvalid with everything that is wrong in a document."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in READERS:
        raise DocumentInvalid([Problem("kind", "document_kind", known=", ".join(READERS))])
    READERS[kind](document)
