"""Rulebooks and calendars: those that we ship, and those that were published.

Shipped editions are YAML for people to read; published ones lie among the documents, under the
digest that reviews are bound to. The one place where stored documents become law.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml

from events.definitions.records import Digest, Source
from events.domain import rulebook_validity, working_days
from events.domain.editions import DocumentInvalid, Problem
from events.domain.rulebook import Rulebook
from events.domain.rules import Rules
from events.domain.working_days import Calendar
from events.store import documents
from events.store.database import Database

T = TypeVar("T")

SHIPPED = Path(__file__).parents[1] / "reference"
READ_MAX = 256  # documents kept in memory; each is read again when they were too many

READERS: dict[str, Callable[[Any], Any]] = {
    "rulebook": rulebook_validity.read,
    "calendar": working_days.read,
}

REFUSED = ("null", "float", "binary", "set", "omap", "pairs", "merge", "timestamp")
RECOGNISED = ("null", "float", "merge")  # of those, what is not written as a tag

_read: dict[str, Any] = {}  # by digest: whatever the database, a digest names one document


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML as JSON would be: a date is text, a key stands once, `on` and 010 are words.

    Nothing refers elsewhere: a few lines of references could stand for more than fits in memory.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [each for each in resolvers if each[0].rpartition(":")[2] in RECOGNISED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "refers elsewhere; write it out", mark)
        return super().compose_node(parent, index)


def plain(text: str) -> Any:
    r"""Return a YAML document as plain values.

    >>> plain("from: 2024-01-01\nlevels: [good, fair]")
    {'from': '2024-01-01', 'levels': ['good', 'fair']}

    Raises:
        DocumentInvalid: no YAML, or something in it that a document cannot hold.
    """
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that reads less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        path = f"line {mark.line + 1}" if mark else "document"
        raise DocumentInvalid([Problem(path, error.problem or str(error))]) from None
    except yaml.YAMLError as error:
        raise DocumentInvalid([Problem("document", str(error))]) from None


def shipped_rulebook(name: str) -> Any:
    """Return the document of a rulebook that we ship, such as "neutral"."""
    return plain((SHIPPED / "rulebooks" / f"{name}.yaml").read_text(encoding="utf-8"))


def shipped_calendar(name: str) -> Any:
    """Return the document of a calendar that we ship, such as "viet_nam"."""
    return plain((SHIPPED / "calendars" / f"{name}.yaml").read_text(encoding="utf-8"))


def publish(database: Database, document: Any) -> str:
    """Store a rulebook or calendar and return its digest; the same document has the same one.

    Raises:
        DocumentInvalid: with everything that is wrong in it; nothing was stored.
        NotCanonical, DocumentTooLarge: as `documents.put` says.
    """
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in READERS:
        raise DocumentInvalid([Problem("kind", f"must be one of {', '.join(READERS)}")])
    READERS[kind](document)
    return documents.put(database, document)


def rulebook_of(database: Database, digest: str) -> Rulebook:
    """Return the published rulebook with a digest.

    Raises:
        UnknownDocument, DocumentDamaged
        DocumentInvalid: the document is no rulebook.
    """
    return _published(database, digest, rulebook_validity.read, Rulebook)


def calendar_of(database: Database, digest: str) -> Calendar:
    """Return the published calendar with a digest; it raises as `rulebook_of` does."""
    return _published(database, digest, working_days.read, Calendar)


class Pinned(Protocol):
    """Whatever names the documents that it goes by, by their digests."""

    @property
    def rulebook(self) -> Digest: ...

    @property
    def calendar(self) -> Digest: ...


def rules_of(database: Database, pinned: Pinned) -> Rules:
    """Return the rules that something was pinned to; it raises as `rulebook_of` does."""
    source = Source(rulebook=pinned.rulebook, calendar=pinned.calendar)
    return Rules(
        rulebook_of(database, source.rulebook), calendar_of(database, source.calendar), source
    )


def _published(database: Database, digest: str, read: Callable[[Any], T], kind: type[T]) -> T:
    known = _read.get(digest)
    if isinstance(known, kind):
        return known
    found = read(documents.get(database, digest))
    if len(_read) >= READ_MAX:
        _read.clear()
    _read[digest] = found
    return found


def _mapping(loader: _PlainLoader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in pairs:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key} stands twice, or is no text", key_node.start_mark
            )
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


def _refused(_loader: _PlainLoader, node: yaml.Node) -> Any:
    kind = node.tag.rpartition(":")[2]
    raise yaml.constructor.ConstructorError(
        None, None, f"holds a {kind}; write text, whole numbers, true or false", node.start_mark
    )


_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"]
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)
_PlainLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _kind in REFUSED:
    _PlainLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _refused)
