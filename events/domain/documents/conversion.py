"""A document's plain values as what they are meant to be, or why they are not of that shape."""

import builtins
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import inspect

from events.definitions.years import FIRST_YEAR, LAST_YEAR, YEARS
from events.domain.documents.document import Bilingual
from events.domain.documents.problems import DocumentInvalid, Problem, first_problems, sentences

NOTHING = "null"  # what msgspec calls a part that may be left out

INSIDE = " - at `"  # what msgspec puts before the place in a value
SHAPES: Mapping[str, re.Pattern[str]] = {  # msgspec's words by our codes, the first that fits
    code: re.compile(words, re.DOTALL)
    for code, words in {
        "wrong_type": "Expected `(?P<expected>[^`]*)`, got `(?P<found>[^`]*)`",
        "wrong_pattern": "Expected `str` matching regex '(?P<pattern>.*)'",
        "too_long": "Expected `str` of length <= (?P<most>[0-9]+)",
        "too_short": "Expected `str` of length >= (?P<least>[0-9]+)",
        "too_large": "Expected `int` <= (?P<most>-?[0-9]+)",
        "too_small": "Expected `int` >= (?P<least>-?[0-9]+)",
        "too_many_parts": "Expected `(?:array|object)` of length <= (?P<most>[0-9]+)",
        "no_choice": "Invalid enum value '(?P<value>.*)'",
        "no_date": "Invalid RFC3339 encoded date",
    }.items()
}


def convert(document: Any, kind: type[Any]) -> Any:
    """Return a document's plain values as `kind`.

    Raises:
        DocumentInvalid: with everything that has not the right shape, up to PROBLEMS_MAX problems.
    """
    if problems := first_problems(_shape_problems("", document, kind)):
        raise DocumentInvalid(problems)
    converted = msgspec.convert(document, kind)
    if problems := first_problems(_year_problems("", converted)):
        raise DocumentInvalid(problems)
    return converted


def _year_problems(path: str, value: Any) -> Iterator[Problem]:
    """Iterate over the days in years in which nothing may be dated."""
    match value:
        case date() if value.year not in YEARS:
            yield Problem(path, "no_such_year", first=FIRST_YEAR, last=LAST_YEAR)
        case tuple():
            for place, part in enumerate(value):
                yield from _year_problems(f"{path}[{place}]", part)
        case dict():
            for key, part in value.items():
                yield from _year_problems(_path_below(path, key), part)
        case msgspec.Struct():
            # Not `structs.fields`, which looks every type up anew: half of what a document takes.
            names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
            for name, encoded in names:
                yield from _year_problems(_path_below(path, encoded), getattr(value, name))


def _shape_problems(path: str, value: Any, kind: Any) -> Iterator[Problem]:
    """Iterate over what has not the right shape: parts of a value, or else the value itself."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        of_parts = _of_parts(path, value, kind)
        first = next(of_parts, None)
        yield first or _shape_problem(path or "document", str(error), kind)
        yield from of_parts


def _of_parts(path: str, value: Any, kind: Any) -> Iterator[Problem]:
    for each in _alternatives(kind):
        match value, typing.get_origin(each) or each:
            case list(), builtins.tuple:
                inner = typing.get_args(each)[0]
                for place, part in enumerate(value):
                    yield from _shape_problems(f"{path}[{place}]", part, inner)
            case dict(), builtins.dict:
                inner = typing.get_args(each)[1]
                for key, part in value.items():
                    yield from _shape_problems(_path_below(path, key), part, inner)
            case dict(), type() if issubclass(each, msgspec.Struct):
                yield from _of_fields(path, value, each)


def _of_fields(
    path: str, value: Mapping[Any, Any], kind: type[msgspec.Struct]
) -> Iterator[Problem]:
    """Iterate over the parts that are misshapen or not known, and those that are missing."""
    fields = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    for key, part in value.items():
        if key in fields:
            yield from _shape_problems(_path_below(path, key), part, fields[key].type)
        elif key != kind.__struct_config__.tag_field:
            yield Problem(_path_below(path, key), "unknown_field", field=str(key))
    for name, field in fields.items():
        if field.required and name not in value:
            yield Problem(path or "document", "missing_field", field=name)


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the types of which a value may be one, without their bounds."""
    match typing.get_origin(kind):
        case typing.Union | types.UnionType:
            return tuple(inner for each in typing.get_args(kind) for inner in _alternatives(each))
        case typing.Annotated:
            return _alternatives(typing.get_args(kind)[0])
        case _:
            return (kind,)


def _path_below(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _shape_problem(path: str, told: str, kind: Any) -> Problem:
    """Return what msgspec tells of a value as a problem; what we have no code for is quoted."""
    said = told.partition(INSIDE)[0]
    for code, shape in SHAPES.items():
        if fits := shape.fullmatch(said):
            values = {name: _in_words(name, value) for name, value in fits.groupdict().items()}
            if code == "no_choice":
                values["known"] = ", ".join(_choices(kind))
            return Problem(path, code, **values)
    return Problem(path, "misshapen", said=said)


def _choices(kind: Any) -> Iterator[str]:
    """Iterate over the values of which one may be chosen."""
    for each in _flatten(inspect.type_info(kind)):
        match each:
            case inspect.EnumType(cls=choices):
                yield from (choice.value for choice in choices)
            case inspect.LiteralType(values=values):
                yield from map(str, values)


def _flatten(found: inspect.Type) -> tuple[inspect.Type, ...]:
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
