"""JSON on which all libraries agree: no duplicate keys, floats, nulls or large integers.

What two programs could read differently is refused, for it is signed and kept for ever. Text may
come decomposed (NFD); it goes on composed (NFC), as it is stored.
"""

import json
import re
from collections import Counter
from typing import Any, NamedTuple, TypeAlias

from events.definitions.characters import TooManyMarks, nfc
from events.definitions.event import INTEGER_MAX
from services.intake.refusals import MalformedJson

DEPTH_MAX = 32
KEY_MAX = 100

_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]')  # strings, to pass over them

Path: TypeAlias = tuple[str | int, ...]  # keys and places in lists, from the outermost value on


def parse(body: bytes) -> Any:
    """Return the value that a body holds, with its text in NFC.

    Raises:
        MalformedJson: with the byte or the place of what is wrong.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson("the body is no UTF-8: encode it so", byte=error.start) from error
    if text.startswith("\ufeff"):
        raise MalformedJson("the body begins with a byte order mark: leave it out", byte=0)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        place = _byte(text, error.pos)
        raise MalformedJson(f"no JSON from byte {place} on: {error.msg}", byte=place) from error
    except RecursionError as error:
        raise MalformedJson(
            f"nested deeper than {DEPTH_MAX} levels: send it flatter", byte=_too_deep_at(text)
        ) from error
    return _check(value, ())


def compose(value: str, path: Path) -> str:
    """Return a text in NFC, after refusing what is no text in every language.

    Raises:
        MalformedJson: with the place that `path` names.
    """
    if "\0" in value:
        raise _error_at("a text holds a NUL character: remove it", path)
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _error_at(
            "a text holds half of a surrogate pair: send whole characters", path
        ) from error
    try:
        return nfc(value)
    except TooManyMarks as error:
        raise _error_at(str(error), path) from error


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901).

    >>> pointer(("data", "a/b", 0))
    '/data/a~1b/0'
    """
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in path)


class _Wrong(NamedTuple):
    """Stands where a value is wrong until its place is known."""

    message: str
    key: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
    message = f"the key {twice[:KEY_MAX]!r} comes twice: which one holds?"
    return _Wrong(message, (twice,) if _is_plain(twice) else ())


def _float(literal: str) -> _Wrong:
    return _Wrong(
        f"the number {literal[:40]} is no integer: libraries write fractions differently, "
        "so send integers or strings"
    )


def _integer(literal: str) -> Any:
    if len(literal) <= len(str(INTEGER_MAX)) + 1 and -INTEGER_MAX <= int(literal) <= INTEGER_MAX:
        return int(literal)
    return _Wrong(
        f"the number {literal[:40]} lies outside of ±(2^53 - 1), where libraries round: "
        "send it as a string"
    )


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_float
)


def _check(value: Any, path: Path) -> Any:
    """Return a value with its text in NFC, after refusing what libraries would read differently."""
    if isinstance(value, str):
        return compose(value, path)
    if isinstance(value, int):
        return value
    if value is None:
        raise _error_at("null says nothing: leave the field out", path)
    if isinstance(value, _Wrong):
        raise _error_at(value.message, path + value.key)
    if len(path) >= DEPTH_MAX:
        raise _error_at(f"nested deeper than {DEPTH_MAX} levels: send it flatter", path)
    if isinstance(value, list):
        return [_check(each, (*path, n)) for n, each in enumerate(value)]
    for key in value:
        _check_key(key, path)
    return {key: _check(each, (*path, key)) for key, each in value.items()}


def _check_key(key: str, path: Path) -> None:
    if not _is_plain(key):
        raise _error_at(
            f"the key {key[:KEY_MAX]!r} must be printable ASCII of up to {KEY_MAX} characters: "
            "put words into values",
            path,
        )


def _is_plain(key: str) -> bool:
    return len(key) <= KEY_MAX and key.isascii() and key.isprintable()


def _too_deep_at(text: str) -> int | None:
    """Return the byte of the bracket that opens the first level too many."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEPTH_MAX:
            return _byte(text, found.start())
    return None


def _byte(text: str, position: int) -> int:
    return len(text[:position].encode())


def _error_at(message: str, path: Path) -> MalformedJson:
    return MalformedJson(message, pointer=pointer(path))
