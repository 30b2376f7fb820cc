"""JSON that two libraries could read differently is refused, and its place is told."""

import json
import sys
from typing import Any
from unicodedata import normalize

import pytest

from events.definitions.characters import MARKS_MAX
from services.intake.refusals import MalformedJson
from services.intake.strict_json import DEPTH_MAX, KEY_MAX, parse, pointer

INTEGER_MAX = 2**53 - 1


def refusal_of(body: bytes) -> MalformedJson:
    with pytest.raises(MalformedJson) as caught:
        parse(body)
    return caught.value


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, -2, True, False, "x", {}], "b": {"c": []}},
        {"most": INTEGER_MAX, "least": -INTEGER_MAX},
        {"": "an empty key", "a/b~c": 'escaped: " \\ / \b \f \n \r \t', "d": "Đảng viên 😀"},
        "a text alone",
    ],
)
def test_what_all_libraries_read_alike_is_taken(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False, indent=2).encode()) == value


def test_decomposed_text_comes_out_composed() -> None:
    assert parse('["Nguye\u0302\u0303n"]'.encode()) == ["Nguyễn"]
    assert parse(rb'["e\u0302\u0323"]') == ["ệ"]


@pytest.mark.parametrize(
    ("body", "byte"),
    [
        (b"", 0),
        (b'\xef\xbb\xbf{"a": 1}', 0),
        (b'{"a": 1} {}', 9),
        (b'{"a": 1,}', 8),
        (b"{'a': 1}", 1),
        (b'{"a": 01}', 7),
        (b'{"a": tru}', 6),
        (b'["\xff"]', 2),
        (b'["\xed\xa0\x80"]', 2),
        (b'{"a": "line\nbreak"}', 11),
        ('["ệ", ]'.encode(), 8),
        ('{"a": 1}'.encode("utf-16"), 0),
    ],
)
def test_what_is_no_json_is_told_with_its_byte(body: bytes, byte: int) -> None:
    error = refusal_of(body)

    assert (error.byte, error.pointer, error.code) == (byte, None, "malformed_json")


@pytest.mark.parametrize(
    "literal",
    [
        *("1.0", "1e3", "-0.5", "1E-2", "NaN", "Infinity", "-Infinity", "null"),
        *("9007199254740992", "-9007199254740992", "9" * 5_000),
        *(r'"\ud800"', r'"\udc00 x"', r'"ệ\udfff"', r'"\u0000"', r'"ệ\u0000"'),
    ],
)
def test_a_value_that_libraries_read_differently_is_told_with_its_place(literal: str) -> None:
    error = refusal_of(f'{{"a": [1, {{"b/c": {literal}}}]}}'.encode())

    assert (error.pointer, error.byte) == ("/a/1/b~1c", None)
    assert ":" in str(error)  # what is wrong: what to do
    assert len(str(error)) < 200


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"a": 1, "a": 1}', "/a"),
        (b'{"a": 1, "b": 2, "\\u0061": 3}', "/a"),
        (b'[{"x": {"a~": 1, "a~": 2}}]', "/0/x/a~0"),
        (b'{"a": 1, "a": {"b": 1.5}}', "/a"),
        (b'{"\\ud800": 1, "\\ud800": 2}', ""),
    ],
)
def test_a_key_that_comes_twice_is_refused(body: bytes, place: str) -> None:
    error = refusal_of(body)

    assert error.pointer == place
    assert "twice" in str(error)


@pytest.mark.parametrize("key", ["tên", "a\\u0000", "a\\nb", "\\ud800", "k" * (KEY_MAX + 1)])
def test_keys_are_short_printable_ascii(key: str) -> None:
    error = refusal_of(f'{{"a": {{"{key}": 1}}}}'.encode())

    assert error.pointer == "/a"
    str(error).encode()  # a problem can be sent


def test_nesting_has_a_limit() -> None:
    assert parse(nested(DEPTH_MAX)) is not None

    assert refusal_of(nested(DEPTH_MAX + 1)).pointer == "/0" * DEPTH_MAX
    deep = '["ệ [", ' + "[" * sys.getrecursionlimit() * 10
    assert refusal_of(deep.encode()).byte == len('["ệ [", '.encode()) + DEPTH_MAX - 1


def test_marks_on_one_letter_have_a_limit() -> None:
    """Normalising takes the square of their number: 4 MiB of them would take hours."""
    marks = "\u0301\u0323" * (MARKS_MAX // 2)

    assert parse(f'["a{marks}"]'.encode()) == [normalize("NFC", f"a{marks}")]

    composed = "\u0316" * 31_000  # in NFC as it is, yet it takes gigabytes to draw
    for more in (marks + "\u0301", marks * 60_000, "\u0f73" * 100_000, composed, "\u0e31" * 31):
        assert refusal_of(f'["a{more}"]'.encode()).pointer == "/0"


def test_of_many_keys_the_one_that_comes_twice_is_found_at_once() -> None:
    keys = [f'"{number}": 0' for number in range(200_000)]

    assert refusal_of(f"{{{','.join([*keys, keys[-1]])}}}".encode()).pointer == "/199999"


def test_a_byte_order_mark_is_called_by_its_name() -> None:
    assert "byte order mark" in str(refusal_of(b"\xef\xbb\xbf{}"))


def test_a_pointer_escapes_what_would_part_it() -> None:
    assert pointer(()) == ""
    assert pointer(("a/b", 0, "~1", "")) == "/a~1b/0/~01/"
