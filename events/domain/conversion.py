"""A document's plain values as what they are meant to be, or why they are not of that shape."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from events.domain.editions import Bilingual
from events.domain.problems import DocumentInvalid, Problem, sentences

NOTHING = "null"  # what msgspec calls a part that may be left out

TOLD = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$\.?([^`]*)`)?", re.DOTALL)  # what, and where
STEP = re.compile(r"\[[^]]*\]|[^.\[]+")  # of a path: "[0]", "[...]" of whatever name, or a name
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
        "no_choice": "Invalid enum value '(?P<value>.*)'",
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
        raise DocumentInvalid([misshapen(str(error), kind)]) from None


def misshapen(told: str, kind: type[Any]) -> Problem:
    """Return what msgspec tells of a shape as a problem; what we have no code for is quoted."""
    place = TOLD.fullmatch(told)
    assert place, "the expression matches whatever is told"
    said, path = place[1], place[2] or "document"
    for code, shape in SHAPES.items():
        if found := shape.fullmatch(said):
            values = {name: _in_words(name, value) for name, value in found.groupdict().items()}
            if code == "no_choice":
                values["known"] = ", ".join(_choices(kind, path))
            return Problem(path, code, **values)
    return Problem(path, "misshapen", said=said)


def _choices(kind: type[Any], path: str) -> Iterator[str]:
    """Iterate over what may be chosen at a place."""
    types = list(_flat(inspect.type_info(kind)))
    for step in STEP.findall(path):
        types = [inner for each in types for inner in _below(each, step)]
    for each in types:
        match each:
            case inspect.EnumType(cls=choices):
                yield from (choice.value for choice in choices)
            case inspect.LiteralType(values=values):
                yield from map(str, values)


def _below(found: inspect.Type, step: str) -> Iterator[inspect.Type]:
    """Iterate over the types of what stands under a step of a path."""
    match found:
        case inspect.StructType(fields=fields):
            for each in fields:
                if each.encode_name == step:
                    yield from _flat(each.type)
        case inspect.VarTupleType(item_type=inner) | inspect.DictType(value_type=inner):
            yield from _flat(inner)


def _flat(found: inspect.Type) -> tuple[inspect.Type, ...]:
    return found.types if isinstance(found, inspect.UnionType) else (found,)


def _in_words(name: str, value: str) -> str | Bilingual:
    match name:
        case "expected" | "found":
            return _types(value)
        case "pattern":
            return sentences().patterns.get(value, value)
        case _:
            return value


def _types(named: str) -> Bilingual:
    """Return the words for types, such as "int | null"; nothing is named only where it is alone.

    >>> _types("int | null").en
    'a whole number'
    """
    names = [each for each in named.split(" | ") if each != NOTHING] or [NOTHING]
    told = [sentences().types.get(each, Bilingual(vi=each, en=each)) for each in names]
    return Bilingual(
        vi=" hoặc ".join(each.vi for each in told), en=" or ".join(each.en for each in told)
    )
