"""The runbook's commands, as they stand: back up, lose everything, restore, and find a rollback."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.definitions.roster import MemberDisciplined
from events.identifiers import Stream, SystemChance
from events.store import sequencing
from events.vault.sealing import IDENTITY, unseal
from services.bootstrap import System, open_system
from services.cli import demo, importing
from services.secret_files import make_secrets
from services.settings import from_environment
from tests.support.servers import PostgreSQL
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "deploy" / "runbooks" / "backup.md").read_text(encoding="utf-8")
FENCES = re.compile(r"^( *)```sh (.+)\n((?:.*\n)*?)\1```$", re.MULTILINE)
COMMANDS = {name: textwrap.dedent(script) for _, name, script in FENCES.findall(RUNBOOK)}
FACTS = demo.HR_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
BEFORE = 120  # facts that HR sent before the backup


@dataclass(frozen=True)
class Place:
    """An installation that can be lost."""

    kind: str  # as the runbook's fences call it
    environment: Mapping[str, str]
    lose_database: Callable[[], None]

    @property
    def data(self) -> Path:
        return Path(self.environment["TUSOI_DATA_DIR"])

    def run(self, script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/bash", "-euc", script],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=ROOT,
        )

    def follow(self, *fences: str) -> None:
        """Run the runbook's commands, which must all succeed."""
        for fence in fences:
            done = self.run(COMMANDS[fence])
            assert done.returncode == 0, (fence, done)

    def under(self, origin: str) -> "Place":
        environment = {**self.environment, "TUSOI_LOG_ORIGIN": origin}
        return Place(self.kind, environment, self.lose_database)

    def open(self) -> System:
        return open_system(from_environment(self.environment))


@pytest.fixture(params=["embedded", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "embedded":
        return _embedded(tmp_path)
    address: str = request.getfixturevalue("postgresql_url")
    return _on_postgresql(tmp_path, request.getfixturevalue("postgresql"), address)


def test_the_runbook_has_no_commands_but_those_rehearsed_here() -> None:
    rehearsed = {"embedded", "postgresql", "secrets", "check", "erase again", "origin"}
    rehearsed |= {"restore embedded", "restore postgresql", "restore lost"}

    assert set(COMMANDS) == rehearsed
    assert RUNBOOK.count("```") == 2 * len(rehearsed)


def test_what_was_backed_up_is_restored_whole_and_goes_on(place: Place) -> None:
    _take_in(place, BEFORE)
    words = _words(place)
    place.follow(place.kind, "secrets")
    _take_in(place, len(FACTS))
    all_words = _words(place)

    place.lose_database()
    shutil.rmtree(place.data)
    place.data.mkdir(mode=0o700)
    place.follow(f"restore {place.kind}", "restore lost")
    checked = place.run(COMMANDS["check"])
    restored = _words(place)
    _take_in(place, len(FACTS))

    assert checked.returncode == 0, checked
    assert "FAIL" not in checked.stdout
    assert f"Verified: events {BEFORE}" in checked.stdout
    assert restored == words
    assert _words(place) == all_words
    assert place.run("tusoi verify").returncode == 0


def test_a_backup_is_readable_by_its_owner_alone(place: Place) -> None:
    _take_in(place, BEFORE)

    place.follow(place.kind, "secrets")
    folders = [Path(place.environment[name]) for name in ("BACKUP", "KEYS_BACKUP")]
    files = [path for folder in folders for path in folder.iterdir()]

    assert {path.suffix for path in files} <= {".db", ".dump"}
    assert [path.stat().st_mode & 0o077 for path in files] == [0, 0]


def test_a_database_that_is_not_there_is_not_backed_up_as_an_empty_one(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = str(tmp_path_factory.mktemp("empty"))
    nowhere = {"TUSOI_DATA_DIR": empty, "DATABASE": "postgresql://127.0.0.1:1/nobody"}
    mistyped = Place(place.kind, {**place.environment, **nowhere}, place.lose_database)

    assert mistyped.run(COMMANDS[place.kind]).returncode != 0


def test_an_older_database_beside_a_newer_memory_is_refused_until_an_operator_decides(
    place: Place,
) -> None:
    _take_in(place, BEFORE)
    place.follow(place.kind, "secrets")
    _take_in(place, len(FACTS))
    words = _words(place)

    place.lose_database()
    place.follow(f"restore {place.kind}", "restore lost")
    told = place.run("tusoi doctor")

    assert told.returncode == 1
    signed = f"{len(FACTS)} entries were signed and the log has {BEFORE}"
    assert re.search(rf"FAIL +rollback +{signed}", told.stdout), told.stdout

    started = [place.run(f"tusoi {each}") for each in ("up --port 0", "work", "serve --port 0")]

    assert [each.returncode for each in started] == [1, 1, 1]
    assert all(str(len(FACTS)) in each.stderr for each in started), started
    assert not any("Traceback" in each.stderr for each in started)

    place.follow("origin")
    (origin,) = re.findall("TUSOI_LOG_ORIGIN=(.+)", COMMANDS["origin"])
    onward = place.under(origin)
    _take_in(onward, len(FACTS))
    assert _words(onward) == words
    assert onward.run("tusoi doctor").returncode == 0
    verified = json.loads(onward.run("tusoi --json verify").stdout.splitlines()[-1])
    assert verified["size"] == len(FACTS)
    old = f"signed under {from_environment(place.environment).log_origin}, "
    assert [each for each in verified["findings"] if not each["what"].startswith(old)] == []


def test_keys_that_an_old_key_store_brings_back_are_destroyed_again(place: Place) -> None:
    _take_in(place, BEFORE)
    owner = _members(place)[0]
    place.follow(place.kind, "secrets")

    seen = [_has_key(place, owner)]
    place.run(f"tusoi erase --member {owner.removeprefix('member-')} --ground request")
    seen.append(_has_key(place, owner))
    place.follow("restore lost")  # the key store is there and stays
    seen.append(_has_key(place, owner))
    for path in place.data.glob("keys.db*"):
        path.unlink()
    place.follow("restore lost")
    seen.append(_has_key(place, owner))
    place.follow("erase again")
    seen.append(_has_key(place, owner))

    assert seen == [True, False, False, True, False]
    assert place.run(COMMANDS["check"]).returncode == 0


def _embedded(folder: Path) -> Place:
    environment = _environment(folder, {})
    data = Path(environment["TUSOI_DATA_DIR"])

    def damage() -> None:
        """Leave half of the file, and beside it the newest pages in a log of SQLite's own."""
        database, log = data / "tusoi.db", data / "tusoi.db-wal"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("UPDATE head SET size = size")
            connection.commit()
            left_over = log.read_bytes()  # closing takes the log away, a crash does not
        log.write_bytes(left_over)
        database.write_bytes(database.read_bytes()[:10_000])

    return Place("embedded", environment, damage)


def _on_postgresql(folder: Path, server: PostgreSQL, url: str) -> Place:
    address = sa.make_url(url).set(drivername="postgresql")
    environment = _environment(
        folder,
        {
            "TUSOI_DATABASE_URL": url,
            "TUSOI_MASTER_KEY_FILE": str(folder / "data" / "master.key"),
            "TUSOI_LOG_KEY_FILE": str(folder / "data" / "log.key"),
            "DATABASE": address.render_as_string(hide_password=False),
            "PATH": f"{server.binaries}:{os.environ['PATH']}",
        },
    )

    def empty() -> None:
        with server.connect() as connection:
            connection.execute(f"DROP DATABASE {address.database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {address.database}")

    place = Place("postgresql", environment, empty)
    make_secrets(from_environment(environment), SystemChance())
    migrated = place.run("tusoi migrate")
    assert migrated.returncode == 0, migrated
    return place


def _environment(folder: Path, more: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment with three folders for backups, and `tusoi` and `python` on PATH."""
    folders = {name: folder / name for name in ("BACKUP", "KEYS_BACKUP", "SECRETS_BACKUP")}
    for each in folders.values():
        each.mkdir()
    launcher = folder / "bin" / "tusoi"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workers.program "$@"\n')
    launcher.chmod(0o755)
    named = {name: str(each) for name, each in folders.items()}
    environment = {**os.environ, "TUSOI_DATA_DIR": str(folder / "data"), **more, **named}
    path = f"{launcher.parent}:{Path(sys.executable).parent}:{environment['PATH']}"
    return environment | {"PATH": path, "PYTHONPATH": str(ROOT)}


def _take_in(place: Place, count: int) -> None:
    """Let HR send its first facts, those already known again; number, project and sign all."""
    file = place.data.with_name("sent.jsonl")
    file.write_text("".join(FACTS[:count]), encoding="utf-8")
    sent, refused = importing.read(file)
    assert not refused
    system = place.open()
    importing.append(system, importing.importer(sent, "hr"), [sent], lambda _: None)
    while sequencing.sequence(system.store.database, system.clock, limit=count):
        pass
    for projection in PROJECTIONS.values():
        Subscriber(system.store, projection, clock=system.clock).advance()
    signed = system.signer.sign()
    assert signed
    assert signed.size == count
    system.close()


def _members(place: Place) -> list[str]:
    """Return the streams of members who may be erased: no discipline of theirs is to be counted."""
    system = place.open()
    log = system.store.read_log(0)
    system.close()
    held = {each.entry.stream for each in log if isinstance(each.event, MemberDisciplined)}
    found = {each.entry.stream for each in log} - held
    return sorted(stream for stream in found if stream.startswith("member-"))


def _words(place: Place) -> list[str]:
    """Return the names of all members that the log tells of, unsealed."""
    system = place.open()
    names = [_name(system, each.entry.stream, each.event) for each in system.store.read_log(0)]
    system.close()
    found = sorted(name for name in names if name)
    assert found
    return found


def _name(system: System, stream: str, event: object) -> str:
    name = getattr(event, "name", None)
    if not stream.startswith("member-") or name is None:
        return ""
    owner = Stream(stream), IDENTITY
    (sealed,) = system.store.sealed_texts([name.sealed]).values()
    return unseal(sealed, key=system.keys.keys([owner])[owner])


def _has_key(place: Place, owner: str) -> bool:
    system = place.open()
    pair = owner, IDENTITY
    found = pair in system.keys.keys([pair])
    system.close()
    return found
