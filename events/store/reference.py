"""Rulebooks, calendars, catalogues and forms: those that we ship, and those that were published.

Shipped editions are YAML for people to read; published ones lie among the documents, under the
digest that reviews are bound to. The one place where stored documents become law.

It is over 300 lines: a text is read, and what is wrong in it is placed, by the same rules.
"""

import copy
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from events.definitions.records import Source
from events.domain.documents.catalogue import Catalogue
from events.domain.documents.conversion import convert
from events.domain.documents.form import Form
from events.domain.documents.problems import DocumentInvalid, Problem
from events.domain.documents.working_days import Calendar
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.sound import READERS, require_valid
from events.domain.year.rules import Pinned, Rules
from events.store import documents
from events.store.database import Database

T = TypeVar("T")

SHIPPED = Path(__file__).parents[1] / "reference"
DEPTH_MAX = 32  # lists and pairs within one another; ours take six
PARTS_MAX = 20_000  # of a text: keys, values and lists; ours have two thousand at the most
DIGITS_MAX = 15  # of a whole number; so many lie within what every JSON library agrees on
READ_MAX = 256  # documents kept in memory; each is read again when they were too many

REFUSED = ("null", "float", "merge")  # kinds of values that are recognised, to be refused

_LINE = re.compile("line ([0-9]+)")  # a place in what is no YAML

_read: dict[str, Any] = {}  # by digest: whatever the database, a digest names one document


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML as JSON would be: a date is text, a key stands once, `on` and 010 are words.

    Nothing refers elsewhere: a few lines of references could stand for more than fits in memory.
    Nothing lies deeper than DEPTH_MAX: whatever walks through a document does so by recursion.
    Nothing says by a tag of what kind it is: what is read so fails in ways of its own.
    """

    depth = 0
    parts = 0

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [each for each in resolvers if each[0].rpartition(":")[2] in REFUSED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.parts += 1
        for problem in self._problems_here():
            raise DocumentInvalid([problem])
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _problems_here(self) -> Iterator[Problem]:
        """Iterate over why what comes next is not read."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        path = _line_at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            yield Problem(path, "yaml_reference")
        elif event.tag is not None:
            yield Problem(path, "yaml_value", kind=event.tag.rpartition(":")[2])
        if self.depth == DEPTH_MAX and isinstance(event, yaml.CollectionStartEvent):
            yield Problem(path, "yaml_depth", most=DEPTH_MAX)
        if self.parts > PARTS_MAX:
            yield Problem(path, "yaml_parts", most=PARTS_MAX)


class _ShippedLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what we ship to the same values, ten times as fast: in C, and it guards nothing."""

    yaml_implicit_resolvers = _PlainLoader.yaml_implicit_resolvers


def plain_values(text: str) -> Any:
    r"""Return a YAML document as plain values.

    >>> plain_values("from: 2024-01-01\nlevels: [good, fair]")
    {'from': '2024-01-01', 'levels': ['good', 'fair']}

    Raises:
        DocumentInvalid: no YAML, or something in it that a document cannot hold.
    """
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that reads less
    except yaml.MarkedYAMLError as error:
        path = _line_at(error.problem_mark) if error.problem_mark else "document"
        said = error.problem or str(error)
        raise DocumentInvalid([Problem(path, "no_yaml", said=said)]) from None
    except yaml.YAMLError as error:
        raise DocumentInvalid([Problem("document", "no_yaml", said=str(error))]) from None


def shipped_names(kind: str) -> list[str]:
    """Return under which names we ship documents of a kind, sorted."""
    return sorted(path.stem for path in (SHIPPED / f"{kind}s").glob("*.yaml"))


def shipped_document(kind: str, name: str) -> Any:
    """Return a document that we ship, such as the "rulebook" "neutral"; it is the caller's own.

    What is shipped does not change, so it is read once.
    """
    return copy.deepcopy(_read_shipped(kind, name))


@functools.cache
def _read_shipped(kind: str, name: str) -> Any:
    text = (SHIPPED / f"{kind}s" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_ShippedLoader)  # noqa: S506 - our own text, by a SafeLoader


@functools.cache
def shipped_rulebooks() -> tuple[Rulebook, ...]:
    """Return the rulebooks that we ship, by name. A test judges them, as who publishes does."""
    names = shipped_names("rulebook")
    return tuple(convert(_read_shipped("rulebook", each), Rulebook) for each in names)


@functools.cache
def shipped_digests(kind: str) -> frozenset[str]:
    """Return by which digests documents of a kind are published that we ship."""
    return frozenset(documents.digest_of(_read_shipped(kind, each)) for each in shipped_names(kind))


def shipped_cases(name: str) -> Any:
    """Return the document of the cases of a rulebook that we ship."""
    return plain_values((SHIPPED / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))


def is_shipped(document: Any) -> bool:
    """Tell whether a document is one that we ship, word for word."""
    folders = (f"{kind}s" for kind in READERS)
    files = (path for folder in folders for path in (SHIPPED / folder).glob("*.yaml"))
    return any(plain_values(path.read_text(encoding="utf-8")) == document for path in files)


def line_of(text: str, path: str) -> int | None:
    r"""Return in which line of a YAML text something stands; None where it is nowhere.

    A part of the path is a key, a place in a list, or the id of something in it. Where the path
    leads no further, the last line that it reached is returned.

    >>> line_of("kind: rulebook\nrules:\n  - id: a\n    when: x >\n", "rules.a.when")
    4
    """
    return lines_of(text, [path])[0]


def lines_of(text: str, paths: Iterable[str]) -> list[int | None]:
    """Return as `line_of` does for several paths; the text is read once, where it must be."""
    asked, below = list(paths), dict[int, dict[str, yaml.Node]]()
    try:
        named = all(map(_LINE.fullmatch, asked))
        root = None if named else yaml.compose(text, Loader=_PlainLoader)
    except (yaml.YAMLError, DocumentInvalid):
        root = None  # whoever said that this cannot be read said where, in place of a path
    return [_line(root, path, below) for path in asked]


def _line_at(mark: yaml.Mark) -> str:
    """Return as the path of a problem where in a text something stands that no path leads to."""
    return f"line {mark.line + 1}"


def _line(node: yaml.Node | None, path: str, below: dict[int, dict[str, yaml.Node]]) -> int | None:
    """Return in which line a path ends; what stands `below` a node is found once for all paths."""
    if said := _LINE.fullmatch(path):
        return int(said[1])
    line = None
    for part in re.findall(r"[^.\[\]]+", path):
        parts = below.get(id(node))
        if parts is None:
            parts = below[id(node)] = _parts_below(node)
        node = parts.get(part)
        if node is None:
            return line
        line = node.start_mark.line + 1
    return line


def _parts_below(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Return what stands below: by key, or in a list by id and by place."""
    if isinstance(node, yaml.MappingNode):
        # Of a key that stands twice the first is meant, as in a list of an id.
        return {key.value: value for key, value in reversed(node.value) if _is_word(key)}
    if isinstance(node, yaml.SequenceNode):
        by_id = {_id_of(each): each for each in reversed(node.value)}
        by_place = {str(place): each for place, each in enumerate(node.value)}
        return {name: each for name, each in by_id.items() if name is not None} | by_place
    return {}


def _id_of(node: yaml.Node) -> str | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    found = next((value for key, value in pairs if key.value == "id"), None)
    return found.value if found is not None and _is_word(found) else None


def _is_word(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def publish(database: Database, document: Any) -> str:
    """Store a rulebook or calendar and return its digest; the same document has the same one.

    Raises:
        DocumentInvalid: with everything that is wrong in it; nothing was stored.
        NotCanonical, DocumentTooLarge: as `documents.put` says.
    """
    require_valid(document)
    return documents.put(database, document)


def rulebook_of(database: Database, digest: str) -> Rulebook:
    """Return the published rulebook with a digest.

    Raises:
        UnknownDocument, DocumentDamaged
        DocumentInvalid: the document is no rulebook.
    """
    return _read_published(database, digest, Rulebook)


def calendar_of(database: Database, digest: str) -> Calendar:
    """Return the published calendar with a digest; it raises as `rulebook_of` does."""
    return _read_published(database, digest, Calendar)


def form_of(database: Database, digest: str) -> Form:
    """Return the published form with a digest; it raises as `rulebook_of` does."""
    return _read_published(database, digest, Form)


def catalogue_of(database: Database, digest: str) -> Catalogue:
    """Return the published catalogue with a digest; it raises as `rulebook_of` does."""
    return _read_published(database, digest, Catalogue)


def rules_of(database: Database, pinned: Pinned) -> Rules:
    """Return the rules that something was pinned to; it raises as `rulebook_of` does."""
    source = Source(rulebook=pinned.rulebook, calendar=pinned.calendar)
    return Rules(
        rulebook_of(database, source.rulebook), calendar_of(database, source.calendar), source
    )


def _read_published(database: Database, digest: str, kind: type[T]) -> T:
    """Return a document as it was published. It was judged then, and no later check undoes that."""
    known = _read.get(digest)
    if isinstance(known, kind):
        return known
    found: T = convert(documents.get(database, digest), kind)
    if len(_read) >= READ_MAX:
        _read.clear()
    _read[digest] = found
    return found


def _mapping(loader: _PlainLoader, node: yaml.MappingNode) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in pairs:
            path = _line_at(key_node.start_mark)
            raise DocumentInvalid([Problem(path, "yaml_key", key=str(key))])
        pairs[key] = loader.construct_object(value_node, deep=True)
    return pairs


def _refuse(_loader: _PlainLoader, node: yaml.Node) -> Any:
    kind = node.tag.rpartition(":")[2]
    raise DocumentInvalid([Problem(_line_at(node.start_mark), "yaml_value", kind=kind)])


def _whole_number(loader: _PlainLoader, node: yaml.ScalarNode) -> int:
    if len(node.value.lstrip("-")) > DIGITS_MAX:
        raise DocumentInvalid([Problem(_line_at(node.start_mark), "yaml_digits", most=DIGITS_MAX)])
    return int(loader.construct_scalar(node))


_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"]
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)
_PlainLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_PlainLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _kind in REFUSED:
    _PlainLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _refuse)
