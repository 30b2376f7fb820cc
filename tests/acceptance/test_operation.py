"""What an operator does wrong, and what befalls them: a line in words, the right exit status."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from events.errors import DatabaseRefuses, StoreUnavailable
from services.cli import ending
from services.settings import from_environment
from tests.support import hr
from tests.support.cases import every_case
from tests.support.commands import Ran, tusoi_in
from tests.support.databases import hasty
from workers.program import cli

AWAY = "postgresql://nobody@127.0.0.1:9/none"  # where nobody listens
SOON_SECONDS = 30
LINES = 2_000


def run(environment: Mapping[str, str], *arguments: str) -> Ran:
    ran = CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)
    return Ran(ran.exit_code, ran.stdout, ran.stderr)


def distributed(folder: Path, **others: str) -> dict[str, str]:
    """Return the environment of an installation on PostgreSQL, where nobody listens."""
    files = {"TUSOI_MASTER_KEY_FILE": "master.key", "TUSOI_LOG_KEY_FILE": "log.key"}
    places = {name: str(folder / file) for name, file in files.items()}
    databases = {"TUSOI_DATABASE_URL": AWAY, "TUSOI_KEYS_URL": AWAY}
    return {"TUSOI_DATA_DIR": str(folder)} | places | databases | others


WRONG = {
    "TUSOI_LOG_LEVEL": "loud",
    "TUSOI_PORT": "65536",
    "TUSOI_THREADS": "²",
    "TUSOI_DATABASE_URL": "mysql://db/tusoi",
    "TUSOI_KEYS_URL": "postgresql://u:secret@db:port/tusoi",
    "TUSOI_REDIS_URL": "valkey",
    "TUSOI_MASTER_KEY_FILE": "",  # with PostgreSQL it must be named
}


def test_a_setting_that_makes_no_sense_is_named_in_a_line_with_status_2(tmp_path: Path) -> None:
    with every_case() as case:
        for name, value in WRONG.items():
            ran = run(distributed(tmp_path, **{name: value}), "doctor")

            with case(name):
                assert (ran.status, ran.err.count("\n")) == (2, 1)
                assert ran.err.startswith("tusoi: ")
                assert name in ran.err
                assert "secret" not in ran.err


def test_a_port_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    told = [
        run(hasty(tmp_path), command, "--port", port)
        for command in ("up", "serve")
        for port in ("65536", "-1", "http")
    ]

    assert [each.status for each in told] == [2] * 6
    assert all("--port" in each.err for each in told)


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    within = str(tmp_path / "file" / "within")

    told = (
        tusoi_in(Path(within), waits=True)("--json", "migrate"),
        run(distributed(tmp_path, TUSOI_LOG_KEY_FILE=within), "--json", "keys", "make"),
        run(distributed(tmp_path, TUSOI_LOG_KEY_FILE=str(tmp_path)), "--json", "keys", "make"),
    )

    assert [(each.status, each.json["code"]) for each in told] == [(1, "place_unusable")] * 3
    assert all(str(tmp_path) in each.json["detail"] for each in told)


def test_secrets_for_postgresql_are_made_once_before_there_is_a_database(tmp_path: Path) -> None:
    made, again = (run(distributed(tmp_path), "--json", "keys", "make") for _ in range(2))

    assert (made.status, len(made.json["made"])) == (0, 2)
    assert (again.status, again.json["made"]) == (0, [])
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_a_database_that_does_not_come_is_waited_for_told_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "TRIES_MAX", 2)

    with every_case() as case:
        for command in ("serve", "work", "migrate"):
            ran = run(distributed(tmp_path), command)

            with case(command):
                first, last = ran.err.splitlines()
                assert ran.status == 1
                assert "trying again for" in first
                assert "Connection refused" in last
                assert "port 9" in last


def test_the_doctor_finds_that_no_database_answers(tmp_path: Path) -> None:
    told = run(distributed(tmp_path), "--json", "doctor")

    assert told.status == 1
    assert not told.json["database"]["passed"]
    assert "Connection refused" in told.json["database"]["told"]


def test_a_database_that_comes_is_worked_on_and_one_that_refuses_is_not_waited_for(
    tmp_path: Path,
) -> None:
    tries = [StoreUnavailable("away"), DatabaseRefuses("wrong password")]

    @click.command()
    def waiting() -> None:
        asked = ending.asked_to_end()
        chosen = from_environment(distributed(tmp_path))

        def try_once() -> str:
            raise tries.pop(0)

        with pytest.raises(DatabaseRefuses):
            ending.patiently(chosen, try_once, asked)
        assert ending.patiently(chosen, lambda: "there", asked) == "there"
        tries.append(StoreUnavailable("away"))
        asked.set()
        ending.patiently(chosen, try_once, asked)

    before = signal.getsignal(signal.SIGINT)
    ran = CliRunner().invoke(waiting, catch_exceptions=False)

    assert (ran.exit_code, tries) == (0, [])
    assert signal.getsignal(signal.SIGINT) is before


def test_an_import_that_is_broken_off_says_so_and_goes_on_when_it_is_started_again(
    tmp_path: Path,
) -> None:
    facts = [hr.formed("U1"), *(hr.enrolled(f"M{each}", "U1") for each in range(LINES - 1))]
    file, folder = tmp_path / "facts.jsonl", tmp_path / "data"
    file.write_text("".join(json.dumps(each) + "\n" for each in facts), encoding="utf-8")
    tusoi_in(folder)("migrate")
    listens = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` ignores it

    importing = subprocess.Popen(
        [sys.executable, "-m", "workers.start", "import", str(file)],
        env=hasty(folder),
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, listens)
    wait_for_events(folder / "tusoi.db")
    importing.send_signal(signal.SIGINT)
    _, said = importing.communicate(timeout=SOON_SECONDS)
    rest = tusoi_in(folder)("--json", "import", str(file)).json

    assert importing.returncode == 1
    assert said.count("\n") == 1
    assert "start the same import again" in said
    assert rest["known"] > 0
    assert rest["appended"] + rest["known"] == LINES


def wait_for_events(file: Path) -> None:
    give_up_at = time.monotonic() + SOON_SECONDS
    with closing(sqlite3.connect(file)) as database:
        while time.monotonic() < give_up_at:
            if database.execute("SELECT count(*) FROM events").fetchone()[0] > 1:
                return
            time.sleep(0.01)
    raise TimeoutError("nothing was appended")
