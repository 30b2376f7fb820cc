"""JSON on which all libraries agree: no duplicate keys, floats, nulls or large integers.

What two programs could read differently is refused, for it is signed and kept for ever. Text may
come decomposed (NFD); it goes on composed (NFC), as it is stored.
"""

import json
import unicodedata
from typing import Any

from events.definitions.event import INTEGER_MAX
from services.intake.refusals import MalformedJson

DEPTH_MAX = 32
KEY_MAX = 100


def parse(body: bytes) -> Any:
    """Return the value that a body holds, with its text in NFC.

    Raises:
        MalformedJson: with the byte or the place of what is wrong.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson("the body is no UTF-8: encode it so", byte=error.start) from error
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        place = len(text[: error.pos].encode())
        raise MalformedJson(f"no JSON from byte {place} on: {error.msg}", byte=place) from error
    except RecursionError as error:
        raise MalformedJson(f"nested deeper than {DEPTH_MAX} levels: send it flatter") from error
    return _checked(value, "", 1)


class _Object(dict[str, Any]):
    """An object that remembers a key which came twice, so that its place can be told."""

    twice: str | None = None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    told = _Object(found)
    names = [name for name, _ in pairs]
    told.twice = next(name for name in names if names.count(name) > 1)
    return told


def _float(literal: str) -> Any:
    raise MalformedJson(
        f"the number {literal[:40]} is no integer: libraries write fractions differently, "
        "so send integers or strings"
    )


def _integer(literal: str) -> int:
    if len(literal) > len(str(INTEGER_MAX)) + 1 or not -INTEGER_MAX <= int(literal) <= INTEGER_MAX:
        raise MalformedJson(
            f"the number {literal[:40]} lies outside of ±(2^53 - 1), where libraries round: "
            "send it as a string"
        )
    return int(literal)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_float
)


def _checked(value: Any, pointer: str, depth: int) -> Any:
    """Return a value with its text in NFC, after refusing what libraries would read differently."""
    if isinstance(value, str):
        return _text(value, pointer)
    if value is None:
        raise MalformedJson("null says nothing: leave the field out", pointer=pointer)
    if isinstance(value, bool | int):
        return value
    if depth > DEPTH_MAX:
        raise MalformedJson(
            f"nested deeper than {DEPTH_MAX} levels: send it flatter", pointer=pointer
        )
    if isinstance(value, list):
        return [_checked(each, f"{pointer}/{n}", depth + 1) for n, each in enumerate(value)]
    if isinstance(value, _Object):
        raise MalformedJson(
            f"the key {value.twice!r} comes twice: which one holds?",
            pointer=f"{pointer}/{escaped(value.twice or '')}",
        )
    for key in value:
        _check_key(key, pointer)
    return {
        key: _checked(each, f"{pointer}/{escaped(key)}", depth + 1) for key, each in value.items()
    }


def escaped(key: str) -> str:
    """Return a key as a JSON pointer writes it (RFC 6901).

    >>> escaped("a/b")
    'a~1b'
    """
    return key.replace("~", "~0").replace("/", "~1")


def _check_key(key: str, pointer: str) -> None:
    if not key.isascii() or not key.isprintable() or len(key) > KEY_MAX:
        raise MalformedJson(
            f"the key {key[:KEY_MAX]!r} must be printable ASCII of up to {KEY_MAX} characters: "
            "put words into values",
            pointer=pointer,
        )


def _text(value: str, pointer: str) -> str:
    if value.isascii():
        if "\0" in value:
            raise MalformedJson("a text holds a NUL character: remove it", pointer=pointer)
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MalformedJson("a text holds half of a character", pointer=pointer) from error
    if "\0" in value:
        raise MalformedJson("a text holds a NUL character: remove it", pointer=pointer)
    return unicodedata.normalize("NFC", value)
