"""`tusoi erase`, as an operator types it."""

import sqlite3
from pathlib import Path
from zipfile import ZipFile

import pytest

from events.identifiers import member_stream
from events.replay.words import commitments_of
from services.queries.taking_along import FACTS
from tests.support.commands import Tusoi, tusoi_in
from tests.support.world import AN, World, commune

OWNER = member_stream(AN)


@pytest.fixture
def tusoi(tmp_path: Path) -> Tusoi:
    """Runs `tusoi` on a commune in which An is enrolled and has two keys."""
    world = World(tmp_path / "data")
    world.tell(*commune())
    world.system.keys.ensure([(OWNER, "identity"), (OWNER, "2025")])
    world.system.close()
    return tusoi_in(tmp_path / "data")


def keep_words(database: Path) -> None:
    """Keep something for the words that facts of An name: sealed under An's key of identity."""
    named = {each for fact in commune() for each in commitments_of(fact)}
    with sqlite3.connect(database) as connection:
        rows = [(each, OWNER, "identity", b"sealed") for each in named]
        connection.executemany("INSERT INTO texts VALUES (?, ?, ?, ?)", rows)


def test_a_year_goes_then_all_and_the_log_still_verifies(tusoi: Tusoi, tmp_path: Path) -> None:
    keep_words(tmp_path / "data" / "tusoi.db")
    year = tusoi("--json", "erase", "--member", AN, "--year", "2025", "--ground", "order").json
    rest = tusoi("--json", "erase", "--member", AN, "--ground", "request").json
    again = tusoi("--json", "erase", "--again").json

    assert year == {"erased": OWNER, "scope": "2025", "keys": 1}
    assert rest == {"erased": OWNER, "scope": "everything", "keys": 1}
    assert again == {"again": True, "keys": 0}
    assert tusoi("verify").status == 0


@pytest.mark.parametrize(
    "typed",
    [
        ("--ground", "request"),  # of whom?
        ("--member", AN),  # why?
        ("--member", AN, "--ground", "because"),
        ("--member", AN, "--ground", "request", "--year", "soon"),
        ("--member", AN, "--ground", "request", "--year", "2025", "--identity"),
        ("--again", "--member", AN),
    ],
)
def test_what_is_not_said_clearly_erases_nothing(tusoi: Tusoi, typed: tuple[str, ...]) -> None:
    assert tusoi("erase", *typed).status == 2
    assert tusoi("--json", "keys", "show").json["keys"] == 2


def test_whoever_is_unknown_is_not_erased(tusoi: Tusoi) -> None:
    refused = tusoi("--json", "erase", "--member", "4711", "--ground", "request")

    assert (refused.status, refused.json["code"]) == (1, "number_unknown")


def test_all_that_is_held_is_written_for_one_reader_and_over_nothing(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    path = tmp_path / "an.zip"

    made = tusoi("--json", "export", "--member", AN, "--out", str(path)).json
    again = tusoi("--json", "export", "--member", AN, "--out", str(path))

    assert (made["member_id"], made["facts"]) == (AN, 2)  # that it was made, too
    assert (made["files"], made["left_out"]) == (0, ["criticisms", "drafts"])
    with ZipFile(path) as archive:
        assert AN in archive.read(FACTS).decode()
    assert path.stat().st_mode & 0o077 == 0
    assert (again.status, again.json["code"]) == (1, "export_unwritten")
    other = tusoi("--json", "export", "--member", AN, "--out", str(tmp_path / "other.zip")).json
    assert other["facts"] == 3  # of the one that was not written nothing was told
