"""Print forms as PDF: the same data give the same bytes, on every machine.

Only the fonts inside typst are used (Libertinus Serif has all Vietnamese letters), the document's
date comes with the data, and what people wrote goes in as data, never as a part of the template.
"""

from datetime import datetime
from pathlib import Path

import msgspec
import typst

from events.domain.documents.document import Language
from events.errors import TusoiError

TEMPLATES = Path(__file__).parent / "templates"
DATA_BYTES_MAX = 1024 * 1024  # a year of somebody's words takes some 100 KiB at most


class NotPrinted(TusoiError):
    """A form that typst cannot set."""

    code = "not_printed"

    def __init__(self, why: str) -> None:
        super().__init__(f"this form cannot be printed ({why}): tell the operator")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed: the words of one form, as they are shown."""

    language: Language
    title: str
    printed_from: str  # the stream and version that it is true at


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """One rule or limit, and what came of it."""

    good: bool
    says: str
    citation: str
    seen: str


class Notice(Sheet, frozen=True, kw_only=True):
    """A notice of a rating."""

    unit: str
    name: str
    lines: tuple[tuple[str, str], ...]  # label and value, in their order
    level: str
    why: str  # the heading of the grounds
    grounds: tuple[Ground, ...]
    needed: tuple[str, ...]
    needed_for: str
    footing: tuple[str, ...]
    signs: tuple[str, str]  # who signs, left and right


class Section(msgspec.Struct, frozen=True, kw_only=True):
    heading: str
    text: str
    degree: str = ""  # in which somebody marked themselves
    part: str = ""  # a heading of its own above it


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that somebody went through: a row an item, a column a degree."""

    title: str
    degrees: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]  # the item, and in which column its mark stands; -1 in none
    total: str


class SelfReview(Sheet, frozen=True, kw_only=True):
    """What somebody wrote in their year."""

    unit: str
    name: str
    lines: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    table: Table | None = None
    signs: tuple[str, str]


class PosterGroup(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    items: tuple[tuple[str, str], ...]  # code and label


class Poster(Sheet, frozen=True, kw_only=True):
    """A catalogue to hang on a wall."""

    note: str
    paper: str  # "a3" or "a2"
    groups: tuple[PosterGroup, ...]


TEMPLATE_OF: dict[type[Sheet], str] = {
    Notice: "notice.typ",
    SelfReview: "self_review.typ",
    Poster: "poster.typ",
}


def print_sheet(sheet: Sheet, *, dated: datetime) -> bytes:
    """Return a form as PDF.

    Args:
        sheet: what is printed.
        dated: the document's date, from the facts that it shows and not from a clock.

    Raises:
        NotPrinted: it is too long, or typst cannot set it.
    """
    data = msgspec.json.encode(sheet)
    if len(data) > DATA_BYTES_MAX:
        raise NotPrinted(f"it takes more than {DATA_BYTES_MAX // 1024} KiB")
    try:
        made = typst.compile(
            str(TEMPLATES / TEMPLATE_OF[type(sheet)]),
            root=str(TEMPLATES),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"data": data.decode()},
            timestamp=int(dated.timestamp()),
        )
    except (typst.TypstError, RuntimeError) as error:
        raise NotPrinted(type(error).__name__) from error
    assert isinstance(made, bytes), "one document gives one file"
    return made
