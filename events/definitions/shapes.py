"""The kinds of value that fields hold: how each is called, described and read, sent and stored.

A shape reads JSON values as they come and coerces nothing. It tells what it wants, never what it
got, for that may be somebody's words.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from events.definitions.characters import ODD_SPACES, UNSEEN, nfc, plain, require_seen
from events.definitions.event import (
    COMMITMENT_PATTERN,
    INTEGER_MAX,
    Code,
    Decision,
    FactVersion,
    Name,
    Number,
    Sealed,
    Subject,
)
from events.definitions.records import PERIOD_PATTERN, Digest, Label, Period
from events.definitions.years import SPAN, YEAR_PATTERN
from events.identifiers import ID_PATTERN, MemberId, UnitId

TEXT_BYTES_MAX = 64 * 1024  # UTF-8, of words that will be sealed
LINE_CHARACTERS_MAX = 200
NUMBER_CHARACTERS_MAX = 100
CODE_CHARACTERS_MAX = 40


class Shape(NamedTuple):
    """One kind of value."""

    what: str  # completes "Send …", and describes the field
    schema: dict[str, Any]  # the same as JSON Schema, as far as that can say it
    read: Callable[[Any], Any]  # raises one of MISFITS


MISFITS = (TypeError, ValueError, OverflowError, msgspec.ValidationError)


def choice(choices: Mapping[str, Any]) -> Shape:
    """Return the shape of one of a few words, each with what it is read as."""

    def read(value: object) -> Any:
        if not isinstance(value, str) or value not in choices:
            raise ValueError
        return choices[value]

    return Shape(f"one of {', '.join(choices)}", {"type": "string", "enum": [*choices]}, read)


def shape_of(element: Any, shapes: Mapping[Any, Shape]) -> Shape:
    """Return the shape of a type, an enumeration's from its words."""
    if isinstance(element, type) and issubclass(element, StrEnum):
        return choice({word.value: word for word in element})
    return shapes.get(element) or _record(element)


def _record(annotation: Any) -> Shape:
    """Return the shape of a value with fields of its own, as msgspec reads and describes it."""
    (schema,), named = msgspec.json.schema_components([annotation], ref_template="{name}")
    return Shape(
        "a record as described",
        _inline(schema, named),
        lambda value: msgspec.convert(value, annotation),
    )


def _inline(schema: Any, named: Mapping[str, Any]) -> Any:
    """Return a JSON Schema with what it refers to in its place."""
    match schema:
        case {"$ref": str(name)}:
            return _inline(named[name], named)
        case dict():
            return {key: _inline(value, named) for key, value in schema.items()}
        case list():
            return [_inline(each, named) for each in schema]
        case _:
            return schema


def _pattern_shape(what: str, pattern: str, *, characters_max: int) -> Shape:
    """Return the shape of texts that match a pattern as a whole, once they are in NFC."""
    compiled = re.compile(pattern)

    def read(value: str) -> str:
        text = nfc(value)
        if compiled.fullmatch(text) is None:
            raise ValueError
        text.encode()  # half a surrogate pair is no text
        return text

    schema = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return Shape(what, {**schema, "minLength": 1, "maxLength": characters_max}, read)


def _plain_shape(shape: Shape) -> Shape:
    """Return a shape whose texts name something: all that look the same are read as one."""

    def read(value: str) -> str:
        require_seen(value)
        text: str = shape.read(plain(shape.read(value)))
        return text

    return shape._replace(read=read)


def _seen_shape(shape: Shape) -> Shape:
    """Return a shape whose texts are kept as they are written, without what nobody sees."""

    def read(value: str) -> str:
        require_seen(value, spaces=True)
        text: str = shape.read(value)
        return text

    return shape._replace(read=read)


def _line(characters_max: int, *, but: str = UNSEEN) -> str:
    return rf"(?!\s)[^{but}]{{1,{characters_max}}}(?<!\s)"


def _read_text(value: str) -> str:
    text = nfc(value)
    if not 1 <= len(text.encode()) <= TEXT_BYTES_MAX:
        raise ValueError
    return text


def _read_string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_integer(value: object) -> int:
    if type(value) is not int or abs(value) > INTEGER_MAX:
        raise ValueError
    return value


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _read_moment(value: str) -> datetime:
    if _MOMENT.fullmatch(value) is None:
        raise ValueError
    return msgspec.convert(value, datetime).astimezone(UTC)


def _sent_shape(shape: Shape) -> Shape:
    """Return the shape of dates or times in years in which anything may be dated."""
    dated = re.compile(f"{YEAR_PATTERN}-.*")

    def read(value: object) -> Any:
        if dated.fullmatch(_read_string(value)) is None:
            raise ValueError
        return shape.read(value)

    pattern = shape.schema["pattern"].replace("[0-9]{4}", YEAR_PATTERN, 1)
    return Shape(f"{shape.what}, {SPAN}", {**shape.schema, "pattern": pattern}, read)


def _read_commitment(value: object) -> Sealed[Any]:
    match value:
        case {"sealed": str(sealed), **others} if _COMMITMENT.fullmatch(sealed) and not others:
            return Sealed(sealed)
    raise ValueError


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = re.compile(
    rf"{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,9}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})"
)
_COMMITMENT = re.compile(COMMITMENT_PATTERN)

_OUR_ID = _pattern_shape(
    "our id: 26 characters of a to z and 2 to 7", ID_PATTERN.pattern, characters_max=26
)
_NUMBER_LINE = rf"(?!id:){_line(NUMBER_CHARACTERS_MAX, but=UNSEEN + ODD_SPACES)}"
_NUMBER = _plain_shape(
    _pattern_shape(
        f"your own number, of 1 to {NUMBER_CHARACTERS_MAX} characters on one line without spaces "
        "at its ends; it may not begin with id:",
        _NUMBER_LINE,
        characters_max=NUMBER_CHARACTERS_MAX,
    )
)
_REFERENCE = _plain_shape(
    _pattern_shape(
        f"your own number, of 1 to {NUMBER_CHARACTERS_MAX} characters on one line without spaces "
        "at its ends, or id: and our id of 26 characters",
        rf"id:{ID_PATTERN.pattern}|{_NUMBER_LINE}",
        characters_max=NUMBER_CHARACTERS_MAX,
    )
)
_TEXT_LINE = _seen_shape(
    _pattern_shape(
        f"a text of 1 to {LINE_CHARACTERS_MAX} characters on one line without spaces at its ends",
        _line(LINE_CHARACTERS_MAX),
        characters_max=LINE_CHARACTERS_MAX,
    )
)
_DECISION = _plain_shape(
    _pattern_shape(
        f"a decision's number, of 1 to {NUMBER_CHARACTERS_MAX} characters on one line without "
        "spaces at its ends",
        _line(NUMBER_CHARACTERS_MAX, but=UNSEEN + ODD_SPACES),
        characters_max=NUMBER_CHARACTERS_MAX,
    )
)
_SENT_ID = _TEXT_LINE._replace(
    what=f"the id of the event to correct as you sent it, of 1 to {LINE_CHARACTERS_MAX} characters"
)
_PERIOD = _pattern_shape(
    "a year like 2025, or one of its first three quarters like 2025-q1",
    PERIOD_PATTERN,
    characters_max=len("2025-q1"),
)
_CODE = _pattern_shape(
    f"a code: a to z, then a to z, 0 to 9 and _, of 1 to {CODE_CHARACTERS_MAX} characters",
    rf"[a-z][a-z0-9_]{{0,{CODE_CHARACTERS_MAX - 1}}}",
    characters_max=CODE_CHARACTERS_MAX,
)
_TEXT = Shape(
    f"a text of 1 to {TEXT_BYTES_MAX} bytes of UTF-8",
    {"type": "string", "minLength": 1, "maxLength": TEXT_BYTES_MAX},
    _read_text,
)
_STRING = Shape("a text", {"type": "string"}, _read_string)
_FLAG = Shape("true or false", {"type": "boolean"}, _read_flag)
_DATE = Shape(
    "a date like 2026-01-31",
    {"type": "string", "format": "date", "pattern": f"^{_DAY}$"},
    lambda value: msgspec.convert(_read_string(value), date),
)
INTEGER = Shape(
    f"a whole number from {-INTEGER_MAX} to {INTEGER_MAX}",
    {"type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX},
    _read_integer,
)
MOMENT = Shape(
    "a time with its offset, like 2026-01-31T17:00:00+07:00",
    {"type": "string", "format": "date-time", "pattern": f"^{_MOMENT.pattern}$"},
    _read_moment,
)
SENT_MOMENT = _sent_shape(MOMENT)
COMMITMENT = Shape(
    "the commitment of a sealed text",
    {
        "type": "object",
        "properties": {"sealed": {"type": "string", "pattern": f"^{_COMMITMENT.pattern}$"}},
        "required": ["sealed"],
        "additionalProperties": False,
    },
    _read_commitment,
)

_ALWAYS: Mapping[Any, Shape] = {bool: _FLAG, int: INTEGER, date: _DATE, datetime: MOMENT}
STORED: Mapping[Any, Shape] = {
    **_ALWAYS,
    **dict.fromkeys((MemberId, UnitId), _OUR_ID),
    **dict.fromkeys((str, Code, Name, Number, Subject, Period, Digest, Label), _STRING),
    FactVersion: INTEGER,
}
REQUEST: Mapping[Any, Shape] = {
    **_ALWAYS,
    date: _sent_shape(_DATE),
    datetime: SENT_MOMENT,
    **dict.fromkeys((MemberId, UnitId), _REFERENCE),
    str: _TEXT_LINE,
    Code: _CODE,
    Name: _TEXT_LINE,
    Number: _NUMBER,
    Period: _PERIOD,
    FactVersion: _SENT_ID,
}
WORDS: Mapping[Any, Shape] = {**REQUEST, str: _TEXT, Decision: _DECISION}  # what will be sealed
