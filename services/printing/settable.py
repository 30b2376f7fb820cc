"""Texts as a form's letters can set them, so that none takes typst a gigabyte or a minute.

Who wrote a text is not who prints it: what a form cannot show is left out or boxed, and the rest
is printed.
"""

import re
from typing import Any

from events.definitions.characters import UNSEEN, few_marks

PARAGRAPHS_MAX = 1000  # of one text; what comes after stands in the last of them
BOX = "□"  # for a letter of a writing that the forms' fonts do not have
MAY_BREAK = "\u200b"  # a space without width, in what would leave the paper

_MARKS = "\u0300-\u036f\u1dc0-\u1dff\u20d0-\u20ff"  # they stay with their letter
# A file name, or a code: no word of a language has as many letters.
_LONG_WORD = re.compile(rf"(?:[^\s{_MARKS}][{_MARKS}]*){{24}}(?=[^\s{_MARKS}])")
_UNSEEN = re.compile(f"[{UNSEEN}]")
# Latin, Greek, Cyrillic and their marks; punctuation, numbers and signs up to the arrows.
_UNDRAWN = re.compile(r"[^\u0020-\u052f\u1d00-\u2bff\ua720-\ua7ff\ufb00-\ufb06\ufffd]")


def settable(value: Any) -> Any:
    """Return a form's data with all their texts as they can be set."""
    match value:
        case str():
            return "\n".join(_paragraphs(value))
        case dict():
            return {key: settable(each) for key, each in value.items()}
        case list() | tuple():
            return [settable(each) for each in value]
        case _:
            return value


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text; an empty one stands for all that follow one another."""
    lines = [_line(each) for each in text.splitlines()]
    found = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    first, rest = found[: PARAGRAPHS_MAX - 1], found[PARAGRAPHS_MAX - 1 :]
    return [*first, " ".join(rest)] if rest else first


def _line(text: str) -> str:
    seen = _UNSEEN.sub("", text.replace("\t", " "))
    drawn = _UNDRAWN.sub(BOX, few_marks(seen)).strip()
    return _LONG_WORD.sub(rf"\g<0>{MAY_BREAK}", drawn)
