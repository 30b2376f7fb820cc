"""The tree holds what it should, in the sizes it should, and its locks can be trusted."""

import ast
import fnmatch
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import measures

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "LICENSE",
    "README.md",
    "conftest.py",
    "deploy",
    "events",
    "pyproject.toml",
    "services",
    "tests",
    "workers",
}
SCRIPTS = ("deploy/run", "deploy/test", "deploy/lock", "deploy/pictures/make", ".ci/run")
LOCKS = {"requirements.txt": ["service"], "requirements-test.txt": ["service", "test"]}
PRODUCT = ("events", "services", "workers")  # a file of tests may be longer
FUNCTION_LINES_MAX = 40
MODULE_LINES_MAX = 300
TEMPLATES = ("services/*/templates/*.html", "services/*/templates/*.typ")
TEMPLATE_COLUMNS_MAX = 140
LONG = "over 300 lines"  # what the docstring of a longer module says, with the reason

REQUIREMENT = re.compile(r"(?P<name>[a-z0-9-]+)==[^ ;]+( ; [a-z_]+ [^/]+)?( --hash=sha256:\w{64})+")


def test_top_level_holds_only_what_it_should() -> None:
    patterns = (ROOT / ".gitignore").read_text().split()
    ignored = [pattern.rstrip("/") for pattern in patterns]

    found = {
        entry.name
        for entry in ROOT.iterdir()
        if entry.name != ".git" and not any(fnmatch.fnmatch(entry.name, name) for name in ignored)
    }

    assert found == TOP_LEVEL


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_run_and_stop_at_the_first_error(name: str) -> None:
    script = ROOT / name

    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_and_hashes_everything_and_says_no_address(name: str) -> None:
    lines = _requirements(name)

    assert [line for line in lines if not REQUIREMENT.fullmatch(line)] == []


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_lock_holds_everything_that_the_project_asks_for(name: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], "setuptools"]
    for extra in extras:
        asked += project["optional-dependencies"][extra]

    missing = {_bare_name(line) for line in asked} - {_bare_name(n) for n in _requirements(name)}

    assert missing == set()


def test_what_is_tested_is_what_runs() -> None:
    running, tested = (
        {line.split()[0] for line in _requirements(name)}
        for name in ("requirements.txt", "requirements-test.txt")
    )

    assert running <= tested


def test_what_tests_share_lies_in_support() -> None:
    """No test module reads from another one, nor from the benchmarks, nor support from tests."""
    modules = (path for path in (ROOT / "tests").rglob("*.py") if "benchmarks" not in path.parts)

    assert [
        f"{path.relative_to(ROOT)} imports {named}"
        for path in modules
        for named in _imported_of(path)
        if named.startswith("tests.") and not named.startswith("tests.support")
    ] == []


def test_functions_stop_at_forty_lines() -> None:
    found = measures.functions(*PRODUCT)

    assert found
    assert [str(one) for one in found if one.lines > FUNCTION_LINES_MAX] == []


def test_modules_of_more_than_three_hundred_lines_say_why() -> None:
    """One subject a module: none is cut for its length alone, but a long one gives its reason."""
    found = measures.modules(*PRODUCT)

    assert found
    assert [
        str(one)
        for one in found
        if one.lines > MODULE_LINES_MAX and LONG not in _docstring_of(ROOT / one.name)
    ] == []


def test_templates_stop_at_a_hundred_and_forty_columns() -> None:
    found = [path for kind in TEMPLATES for path in sorted(ROOT.glob(kind))]
    lines = [
        (path, number, line)
        for path in found
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
    ]

    assert len(found) > 40
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for path, number, line in lines
        if len(line) > TEMPLATE_COLUMNS_MAX
    ] == []


def _docstring_of(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""


def _imported_of(path: Path) -> Iterator[str]:
    """Iterate over the modules that a file imports, as it names them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def _requirements(name: str) -> list[str]:
    """Return the lock's lines, one for each requirement, without comments."""
    text = (ROOT / "deploy" / name).read_text().replace("\\\n", " ")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _bare_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", re.split("[=<>!~]=", requirement)[0])[0].lower()
