"""The runbook's commands, as they stand: back up, lose everything, restore, and find a rollback."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.identifiers import Stream, SystemChance
from events.store import sequencing
from events.vault.sealing import unseal
from services.bootstrap import System, make_secrets, open_system
from services.cli import demo
from services.settings import from_environment
from tests.support.servers import PostgreSQL
from workers.subscribers import PROJECTIONS, Subscriber

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "deploy" / "runbooks" / "backup.md").read_text(encoding="utf-8")
Environment = Mapping[str, str]


def commands(name: str) -> str:
    """Return the runbook's commands in the fence `sh NAME`."""
    (found,) = re.findall(rf"^```sh{re.escape(name)}\n(.*?)^```", RUNBOOK, re.MULTILINE | re.DOTALL)
    return str(found)


def run(script: str, environment: Environment) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/bash", "-euc", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )


@pytest.fixture
def embedded(tmp_path: Path) -> Environment:
    return _environment(tmp_path, {})


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql: PostgreSQL, postgresql_url: str) -> Environment:
    folder = tmp_path / "data"
    address = sa.make_url(postgresql_url).set(drivername="postgresql")
    environment = _environment(
        tmp_path,
        {
            "TUSOI_DATABASE_URL": postgresql_url,
            "TUSOI_MASTER_KEY_FILE": str(folder / "master.key"),
            "TUSOI_LOG_KEY_FILE": str(folder / "log.key"),
            "DATABASE": address.render_as_string(),
            "PATH": f"{postgresql.binaries}:{os.environ['PATH']}",
        },
    )
    folder.mkdir()
    settings = from_environment(environment)
    make_secrets(settings, SystemChance())
    assert run("tusoi migrate", environment).returncode == 0
    return environment


def test_what_was_backed_up_embedded_is_restored_whole(embedded: Environment) -> None:
    words = _live(embedded)

    for fence in ("", " secrets"):
        assert run(commands(fence), embedded).returncode == 0
    shutil.rmtree(embedded["TUSOI_DATA_DIR"])
    assert run(commands(" restore"), embedded).returncode == 0
    checked = run(commands(" check"), embedded)

    assert checked.returncode == 0, checked
    assert "Verified: events 178" in checked.stdout
    assert _words(embedded) == words


def test_what_was_backed_up_on_postgresql_is_restored_whole(
    on_postgresql: Environment, postgresql: PostgreSQL
) -> None:
    words = _live(on_postgresql)

    for fence in (" postgresql", " secrets"):
        backed_up = run(commands(fence), on_postgresql)
        assert backed_up.returncode == 0, backed_up
    _empty(postgresql, on_postgresql)
    shutil.rmtree(on_postgresql["TUSOI_DATA_DIR"])
    restored = run(commands(" restore postgresql"), on_postgresql)
    checked = run(commands(" check"), on_postgresql)

    assert restored.returncode == 0, restored
    assert checked.returncode == 0, checked
    assert "Verified: events 178" in checked.stdout
    assert _words(on_postgresql) == words


def test_an_older_backup_beside_a_newer_signature_is_refused_until_an_operator_decides(
    embedded: Environment,
) -> None:
    run(f"tusoi import '{demo.HR_FILE}'", embedded)
    _number(embedded, count=100)
    assert run(commands(""), embedded).returncode == 0
    _number(embedded, count=78)

    for name in ("tusoi.db", "tusoi.db-wal", "tusoi.db-shm"):
        (Path(embedded["TUSOI_DATA_DIR"]) / name).unlink(missing_ok=True)
    shutil.copy(Path(embedded["BACKUP"]) / "tusoi.db", embedded["TUSOI_DATA_DIR"])
    told = run("tusoi doctor", embedded)
    started = [run(f"tusoi {command}", embedded) for command in ("up --port 0", "work", "serve")]
    decided = run(commands(" origin"), embedded)

    assert told.returncode == 1
    assert re.search(r"FAIL +rollback", told.stdout), told.stdout
    assert [each.returncode for each in started] == [1, 1, 1]
    assert all("178" in each.stderr and "Traceback" not in each.stderr for each in started)
    assert decided.returncode == 0, decided


def _environment(tmp_path: Path, more: Environment) -> Environment:
    folders = {
        name: tmp_path / name.lower() for name in ("BACKUP", "KEYS_BACKUP", "SECRETS_BACKUP")
    }
    for folder in folders.values():
        folder.mkdir()
    scripts = Path(sys.executable).parent
    launcher = tmp_path / "bin" / "tusoi"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workers.program "$@"\n')
    launcher.chmod(0o755)
    named = {name: str(folder) for name, folder in folders.items()}
    environment = {**os.environ, "TUSOI_DATA_DIR": str(tmp_path / "data"), **more, **named}
    path = f"{launcher.parent}:{scripts}:{environment['PATH']}"
    return environment | {"PATH": path, "PYTHONPATH": str(ROOT)}


def _live(environment: Environment) -> list[str]:
    """Let the demo's facts in, project and sign them; return some of their words."""
    imported = run(f"tusoi import '{demo.HR_FILE}'", environment)
    assert imported.returncode == 0, imported
    _number(environment, count=178)
    return _words(environment)


def _number(environment: Environment, *, count: int) -> None:
    system = open_system(from_environment(environment))
    assert sequencing.sequence(system.store.database, system.clock, limit=count) == count
    for projection in PROJECTIONS.values():
        Subscriber(system.store, projection, clock=system.clock).advance()
    assert system.signer.sign()
    system.close()


def _words(environment: Environment) -> list[str]:
    """Return the names of all members, unsealed."""
    system = open_system(from_environment(environment))
    names = [_name(system, each.entry.stream, each.event) for each in system.store.read_log(0)]
    system.close()
    found = sorted(name for name in names if name)
    assert len(found) == 57
    return found


def _name(system: System, stream: str, event: object) -> str:
    name = getattr(event, "name", None)
    if not stream.startswith("member-") or name is None:
        return ""
    owner = Stream(stream), "identity"
    (sealed,) = system.store.sealed_texts([name.sealed]).values()
    return unseal(sealed, key=system.keys.keys([owner])[owner])


def _empty(postgresql: PostgreSQL, environment: Environment) -> None:
    name = sa.make_url(environment["TUSOI_DATABASE_URL"]).database
    with postgresql.connect() as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
