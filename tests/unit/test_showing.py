"""What is told of anybody's data is shown on one line; it commands no terminal."""

import json
from datetime import UTC, datetime

import pytest

from events.replay.showing import UNSHOWABLE, as_json, as_lines
from services.cli import console

WICKED = "review-2026\x1b[1A\x9b2K\u202e\r\nVerified: all\x7f"
SHOWN = "review-2026�[1A�2K���Verified: all�"


def test_each_line_is_one_line_of_what_can_be_shown() -> None:
    assert as_lines(["Trùng khớp · verified", WICKED]) == f"Trùng khớp · verified\n{SHOWN}\n"
    assert SHOWN.count(UNSHOWABLE) == 6


def test_json_commands_no_terminal_and_says_the_same_to_a_program() -> None:
    values = {"reason": WICKED, "at": datetime(2026, 1, 8, tzinfo=UTC)}

    written = as_json(values)

    assert written.isascii()
    assert written.removesuffix("\n").isprintable()
    assert json.loads(written) == {"reason": WICKED, "at": "2026-01-08T00:00:00Z"}


def test_no_command_of_ours_prints_what_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.say(f"  {WICKED}: :x: [bold]not there[/]")
    console.show_table(("", ""), [("FAIL", WICKED)], empty="")
    console.warn(WICKED)

    told = capsys.readouterr()
    assert told.out == f"  {SHOWN}: :x: [bold]not there[/]\nFAIL  {SHOWN}\n"
    assert told.err == f"{SHOWN}\n"
