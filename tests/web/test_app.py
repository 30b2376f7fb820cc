"""How a server process comes up: from the environment, and only on the log that was signed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.world import World, commune

START = "from services.web.app import application; application(); print('up')"


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    """Return what became of a process that builds the application as granian does."""
    environment = os.environ | {"TUSOI_DATA_DIR": str(folder)}
    command = [sys.executable, "-c", START]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_process_comes_up_from_its_environment(tmp_path: Path) -> None:
    started = start(tmp_path / "data")

    assert (started.stdout, started.returncode) == ("up\n", 0), started.stderr


def test_a_process_does_not_come_up_on_a_log_that_was_rolled_back(tmp_path: Path) -> None:
    world = World(tmp_path / "data")
    world.tell(*commune())
    world.system.signer.sign()
    world.system.close()

    for file in (tmp_path / "data").glob("tusoi.db*"):
        file.unlink()
    started = start(tmp_path / "data")

    assert started.returncode != 0
    assert "LogRolledBack" in started.stderr
