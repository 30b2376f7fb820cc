"""What every published document says of itself, and how what is wrong in one is told.

A document is data that somebody answers for: it names its issuer, from when it holds, what it
rests on, and whether that was checked against the official text.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from events.errors import TusoiError

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")  # the first one first
Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Edition = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_.-]{0,39}$")]
Line = Annotated[str, msgspec.Meta(max_length=1000)]


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong in a document."""

    path: str  # where: "rules.excellent_points.when"
    says: str  # what is wrong, and what to write instead


class DocumentInvalid(TusoiError):
    """A document that cannot be published: all its problems, so that one correction is enough."""

    code = "document_invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.path}: {each.says}" for each in self.problems))


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document: a misspelt field is an error, not something overlooked."""


class Bilingual(Part, frozen=True, kw_only=True):
    """The same words for people, in both languages."""

    vi: Line
    en: Line

    def of(self, language: Language) -> str:
        """Return the words in one language.

        >>> Bilingual(vi="đạt", en="fair").of("en")
        'fair'
        """
        return self.en if language == "en" else self.vi


class Document(Part, frozen=True, kw_only=True, tag_field="kind"):
    """The head of a document: who issued what, and what it rests on."""

    id: Name
    edition: Edition
    issuer: Name
    title: Bilingual
    valid_from: date
    citation: Line
    verified: bool  # somebody compared it with the official text
    note: Line = ""  # what is not sure, or was chosen


def convert(document: Any, kind: type[Any]) -> Any:
    """Return a document's plain values as `kind`.

    Raises:
        DocumentInvalid: the first thing that has not the right shape.
    """
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        says, _, path = str(error).partition(" - at ")
        raise DocumentInvalid([Problem(path.strip("`").removeprefix("$."), says)]) from None


def repeated(names: Iterable[str], path: str) -> list[Problem]:
    """Return a problem for every name that stands twice.

    >>> repeated(["a", "b", "a"], "levels")
    [Problem(path='levels.a', says='stands twice; every id once')]
    """
    seen: set[str] = set()
    twice = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return [Problem(f"{path}.{name}", "stands twice; every id once") for name in twice]
