"""The same facts through the embedded and the distributed set-up come to the same states."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.access.tokens import Grants, Principal
from services.bootstrap import System, open_system
from services.cli import demo
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.read_models import states
from services.settings import from_environment
from tests.support.databases import hasty
from tests.support.installation import Installation
from workers.main import Workplace

BATCH = 25
LINES = [json.loads(line) for line in demo.HR_FILE.read_text(encoding="utf-8").splitlines()]

Founders = dict[str, str]  # our id to the sender's id of the founding fact


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[System]:
    environment = hasty(tmp_path / "embedded")
    system = open_system(from_environment(environment))
    yield system
    system.close()


def test_embedded_and_distributed_come_to_the_same_states(
    embedded: System, postgresql_url: str, valkey_url: str, tmp_path: Path
) -> None:
    distributed = Installation(postgresql_url, valkey_url, tmp_path / "d", source=demo.SOURCE)

    here = _through_embedded(embedded)
    with distributed.running("work"), distributed.running("work"):
        there = _through_http(distributed)

    states_here, states_there = _states(embedded, here), _states(distributed.system, there)
    distributed.system.close()
    assert len(states_here) == 61
    assert states_here == states_there


def test_a_worker_never_loads_the_web(postgresql_url: str, valkey_url: str, tmp_path: Path) -> None:
    installation = Installation(postgresql_url, valkey_url, tmp_path / "i", source="/hr")
    watched = (
        "import sys, threading, workers.program as program\n"
        "program.ending.wait = lambda asked: None\n"
        "sys.argv = ['tusoi', 'work']\n"
        "try: program.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print([m for m in sys.modules if m.startswith(('flask', 'services.web', 'waitress'))])"
    )

    seen = subprocess.run(
        [sys.executable, "-c", watched],
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path.cwd(),
    )

    installation.system.close()
    assert seen.stdout.splitlines()[-1] == "[]"


def test_redis_with_sqlite_is_refused() -> None:
    environment = os.environ | {"TUSOI_REDIS_URL": "redis://127.0.0.1:1/0"}

    refused = subprocess.run(
        [sys.executable, "-m", "workers.program", "work"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert refused.returncode == 2
    assert "Redis with SQLite" in refused.stderr
    assert "Traceback" not in refused.stderr


def _through_embedded(system: System) -> Founders:
    workplace = Workplace(system)
    workplace.start()
    grants = Grants(sends=("roster.*",), sources=(demo.SOURCE,))
    principal = Principal("test", "test", grants)
    receipts = []
    for start in range(0, len(LINES), BATCH):
        batch = [parse_event(line, i) for i, line in enumerate(LINES[start : start + BATCH])]
        outcomes = receive(system, principal, batch, correlation_id="test")
        receipts += [(outcome.receipt.id, outcome.receipt.stream) for outcome in outcomes]
    demo.settle(system, len(LINES))
    workplace.stop()
    return _founders(receipts)


def _through_http(installation: Installation) -> Founders:
    receipts = []
    with installation.running("serve"):
        installation.wait_until_serving()
        for start in range(0, len(LINES), BATCH):
            status, answer = installation.send(LINES[start : start + BATCH])
            assert status == 201, answer
            receipts += [(receipt["id"], receipt["stream"]) for receipt in answer["receipts"]]
        installation.settle()
    return _founders(receipts)


def _founders(receipts: list[tuple[str, str]]) -> Founders:
    founding = {line["id"] for line in LINES if line["type"].endswith(("_formed", "_enrolled"))}
    return {stream.partition("-")[2]: event for event, stream in receipts if event in founding}


def _states(system: System, founders: Founders) -> dict[str, Any]:
    """Return every state by its founding fact, with our random ids named by theirs too."""
    found = {}
    for kind in states.KINDS:
        for known_id, founder in founders.items():
            try:
                shown = states.current(system.store.database, kind, known_id)
            except states.Unknown:
                continue
            text = msgspec.json.encode((shown.version, shown.incomplete, shown.state)).decode()
            alike = re.sub(r'"[A-Za-z0-9_-]{43}"', '"sealed"', text)  # each with a salt of its own
            named = re.sub(r"[a-z2-7]{26}", lambda m: founders.get(m[0], m[0]), alike)
            version, incomplete, state = json.loads(named)
            posts = sorted(map(json.dumps, state.get("posts", ())))  # they come sorted by our ids
            found[founder] = version, incomplete, state | {"posts": posts}
    return found
