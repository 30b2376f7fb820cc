"""What every published document says of itself.

A document is data that somebody answers for: it names its issuer, from when it holds, what it
rests on, and whether that was checked against the official text.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

from events.definitions.years import FIRST_YEAR, LAST_YEAR

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")  # the first one first
Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Edition = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_.-]{0,39}$")]
Line = Annotated[str, msgspec.Meta(max_length=1000)]
Year = Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR)]


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


Note = Line | Bilingual  # a plain line stands for both languages


class Document(Part, frozen=True, kw_only=True, tag_field="kind"):
    """The head of a document: who issued what, and what it rests on."""

    id: Name
    edition: Edition
    issuer: Name
    title: Bilingual
    valid_from: date
    citation: Line
    verified: bool  # somebody compared it with the official text
    note: Note = ""  # what is not sure, or was chosen


class Named(Part, frozen=True, kw_only=True):
    """Something with an id for programs and a label for people."""

    id: Name  # of a criterion or figure: under which conditions see it
    label: Bilingual
