"""How a server process comes up: from the environment, and only on the log that was signed."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from services.web import api, pages
from tests.support.world import World, commune

START = "from services.web.app import application; application(); print('up')"


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    """Return what became of a process that builds the application as each server process does."""
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


def modules_in(package: ModuleType) -> set[str]:
    """Return the modules of a package; packages inside it hold what these share."""
    found = pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    return {module.name for module in found if not module.ispkg}


def test_every_module_of_the_api_and_of_pages_serves_an_address(world: World) -> None:
    """One that was forgotten would be a 404; a helper among them belongs to their parts."""
    served = {view.__module__ for view in world.app.view_functions.values()}

    found = modules_in(api) | modules_in(pages) - {f"{pages.__name__}.every"}

    assert found - served == set()
