"""No log line names whose year it is about, or says in its own words what went wrong there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.errors import ConcurrentAppend
from services.observability import cause_of, told_without_words

ROOT = Path(__file__).parents[2]
FLOORS = ("events", "services", "workers")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
NAMING = {"stream", "subject", "member", "member_id", "unit", "unit_id", "path", "reader", "reason"}
WORDS = "Đồng chí hay vắng họp"


def lines() -> Iterator[tuple[str, ast.Call]]:
    """Iterate over the calls that write a line, each with where it stands."""
    for file in (file for floor in FLOORS for file in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(ast.Name("log"), level)) if level in LEVELS:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_lines_name_no_stream_or_person_and_tell_no_error_in_its_words() -> None:
    found = dict(lines())
    named = {at: {each.arg for each in call.keywords} & NAMING for at, call in found.items()}

    assert found
    assert {at: names for at, names in named.items() if names} == {}
    assert [at for at, call in found.items() if "str(error" in ast.unparse(call)] == []


def test_an_error_is_told_by_its_class_and_place_and_without_an_address() -> None:
    served = {"logger": "waitress", "event": "Exception while serving /reviews/2026/an"}
    with pytest.raises(ValueError, match=WORDS) as caught:
        int(WORDS)

    line = told_without_words(None, "error", served | {"exc_info": caught.value})

    assert (line["error"], line["event"]) == ("ValueError", "Exception while serving")
    assert "test_log_lines.py" in line["traceback"]
    assert WORDS not in str(line)


def test_of_a_lost_race_a_line_tells_what_kind_of_stream_it_was_about() -> None:
    told = cause_of(ConcurrentAppend("review-2026-an", expected_version=3))

    assert told == {"error": "ConcurrentAppend", "code": "concurrent_append", "kind": "review"}
