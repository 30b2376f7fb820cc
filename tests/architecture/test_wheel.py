"""What is installed from a wheel lacks nothing: tables, pages and the demo are in it."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from services.cli import demo
from services.cli.rehearsal.stories import PAPERS

ROOT = Path(__file__).parents[2]
PACKAGES = ("events", "services", "workers")
BUILD = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"


def built_in(folder: Path) -> Path:
    """Return a wheel built of a copy of the tree, which leaves nothing behind in the tree."""
    for name in (*PACKAGES, "deploy/demo"):
        shutil.copytree(
            ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ran = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return folder / ran.stdout.splitlines()[-1]


def test_a_wheel_holds_every_file_of_the_packages_and_of_the_demo(tmp_path: Path) -> None:
    files = (path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file())
    kept = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    shown = (*demo.HR_FILES, demo.STORY_FILE, *PAPERS.iterdir())
    of_demo = {str(path.relative_to(ROOT)) for path in shown}

    with zipfile.ZipFile(built_in(tmp_path)) as wheel:
        held = {name for name in wheel.namelist() if not name.startswith("tusoi-")}

    assert held == kept | of_demo
    assert any("migrations/versions/" in name for name in held)
