"""A document's plain values as what they are meant to be, or why they are not of that shape."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from events.domain.editions import Bilingual
from events.domain.problems import DocumentInvalid, Problem, sentences

NOTHING = "null"  # what msgspec calls a part that may be left out

TOLD = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$\.?([^`]*)`)?", re.DOTALL)  # what, and where
SHAPES: Mapping[str, re.Pattern[str]] = {  # msgspec's words by our codes, the first that fits
    code: re.compile(words, re.DOTALL)
    for code, words in {
        "missing_field": "Object missing required field `(?P<field>.*)`",
        "unknown_field": "Object contains unknown field `(?P<field>.*)`",
        "wrong_type": "Expected `(?P<expected>[^`]*)`, got `(?P<found>[^`]*)`",
        "wrong_pattern": "Expected `str` matching regex '(?P<pattern>.*)'",
        "too_long": "Expected `str` of length <= (?P<most>[0-9]+)",
        "too_short": "Expected `str` of length >= (?P<least>[0-9]+)",
        "too_large": "Expected `int` <= (?P<most>-?[0-9]+)",
        "too_small": "Expected `int` >= (?P<least>-?[0-9]+)",
        "no_choice": "Invalid (?:enum )?value '(?P<value>.*)'",
        "no_date": "Invalid RFC3339 encoded date",
    }.items()
}


def convert(document: Any, kind: type[Any]) -> Any:
    """Return a document's plain values as `kind`.

    Raises:
        DocumentInvalid: the first thing that has not the right shape.
    """
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise DocumentInvalid([misshapen(str(error))]) from None


def misshapen(told: str) -> Problem:
    """Return what msgspec tells of a shape as a problem; what we have no code for is quoted.

    >>> misshapen("Expected `int | null`, got `str` - at `$.first_year`").says.en
    'must be a whole number, not text'
    """
    place = TOLD.fullmatch(told)
    assert place, "the expression matches whatever is told"
    said, path = place[1], place[2] or "document"
    for code, shape in SHAPES.items():
        if found := shape.fullmatch(said):
            return Problem(path, code, **_in_words(found.groupdict()))
    return Problem(path, "misshapen", said=said)


def _in_words(found: Mapping[str, str]) -> dict[str, str | Bilingual]:
    known = sentences()
    words: dict[str, str | Bilingual] = dict(found)
    for name in {"expected", "found"}.intersection(found):
        words[name] = _types(found[name])
    if "pattern" in found:
        words["pattern"] = known.patterns.get(found["pattern"], found["pattern"])
    return words


def _types(named: str) -> Bilingual:
    """Return the words for types, such as "int | null"; nothing is named only where it is alone."""
    names = [each for each in named.split(" | ") if each != NOTHING] or [NOTHING]
    told = [sentences().types.get(each, Bilingual(vi=each, en=each)) for each in names]
    return Bilingual(
        vi=" hoặc ".join(each.vi for each in told), en=" or ".join(each.en for each in told)
    )
