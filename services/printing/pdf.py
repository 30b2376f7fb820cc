"""Print forms as PDF: the same data give the same bytes, on every machine.

Only the fonts inside typst are used (Libertinus Serif has all Vietnamese letters), the document's
date comes with the data, and what people wrote goes in as data, never as a part of the template.
A process of its own sets each form: what makes typst fail, or eat memory, fails there.
"""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple

import msgspec
import structlog

from events.domain.documents.document import Language
from events.errors import TusoiError
from services.printing.settable import settable

TEMPLATES = Path(__file__).parent / "templates"
TYPESETTING = Path(__file__).parent / "typesetting.py"
DATA_BYTES_MAX = 1024 * 1024  # a year of somebody's words takes some 100 KiB at most
AT_ONCE_MAX = 2  # forms that one process of ours has set
# One thread, and no room set aside for more: how much a form takes does not hang on the machine.
SPARING = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
# Of our environment only what Python may need to start at all: the rest holds secrets.
STARTING = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")

log = structlog.get_logger()
PLACES = BoundedSemaphore(AT_ONCE_MAX)


class Bounds(NamedTuple):
    """What setting one form may take."""

    memory_bytes: int = 1024**3  # of addresses; a form takes some 300 MiB, few of them in use
    seconds: float = 20  # by the clock, and by the processor; a form takes a tenth of one
    wait_seconds: float = 5  # for a place, while others print


class NotPrinted(TusoiError):
    """A form that typst cannot set."""

    code = "not_printed"

    def __init__(self, why: str) -> None:
        super().__init__(f"this form cannot be printed ({why}): tell the operator")


class SheetTooLong(TusoiError):
    """More was written than a form is set of."""

    code = "sheet_too_long"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"what is to be printed takes {size} bytes, the limit is {DATA_BYTES_MAX}: read it on "
            "its page, or take what is yours along from /my/data"
        )
        self.size = size
        self.limit = DATA_BYTES_MAX


class PrintersBusy(TusoiError):
    """As many forms are being set as may be at once."""

    code = "printers_busy"
    retryable = True

    def __init__(self) -> None:
        super().__init__(f"{AT_ONCE_MAX} forms are being printed already: try again in a moment")


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


def print_sheet(sheet: Sheet, *, dated: datetime, bounds: Bounds = Bounds()) -> bytes:  # noqa: B008 - it does not change
    """Return a form as PDF.

    Args:
        sheet: what is printed.
        dated: the document's date, from the facts that it shows and not from a clock.
        bounds: what it may take.

    Raises:
        SheetTooLong: nobody sets that much.
        NotPrinted: typst cannot set it within its bounds.
        PrintersBusy: others print, and go on printing.
    """
    size = len(msgspec.json.encode(sheet))
    if size > DATA_BYTES_MAX:
        raise SheetTooLong(size)
    data = msgspec.json.encode(settable(msgspec.to_builtins(sheet)))
    return typeset(TEMPLATE_OF[type(sheet)], data, dated=dated, bounds=bounds)


def typeset(template: str, data: bytes, *, dated: datetime, bounds: Bounds) -> bytes:
    """Return what a process of its own makes of a template and its data, as JSON.

    Raises:
        NotPrinted, PrintersBusy: as `print_sheet`.
    """
    limits = (bounds.memory_bytes, int(bounds.seconds) + 1)
    told = (TEMPLATES / template, int(dated.timestamp()), *limits)
    if not PLACES.acquire(timeout=bounds.wait_seconds):
        raise PrintersBusy
    try:
        ran = subprocess.run(  # noqa: S603 - a program of ours, and no shell
            [sys.executable, "-P", TYPESETTING, *map(str, told)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may tell what people wrote
            timeout=bounds.seconds,
            check=True,
            env={name: os.environ[name] for name in STARTING if name in os.environ} | SPARING,
        )
    except subprocess.SubprocessError as error:
        why = type(error).__name__
        log.warning("form_not_printed", template=template, size=len(data), why=why)
        raise NotPrinted(why) from error
    finally:
        PLACES.release()
    return ran.stdout
