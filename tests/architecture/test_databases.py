"""What differs between databases is in their classes, and nobody else asks which one it is."""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.store import address
from events.store.address import DATABASES

ROOT = Path(__file__).parents[2]
FLOORS = ("events", "services", "workers")
OWN = {Path(inspect.getfile(load())) for load in DATABASES.values()}  # the modules of the classes
KNOWING = {*OWN, Path(address.__file__)}
TELLING = {"dialect", "drivername", "get_backend_name", "get_dialect", "with_variant"}
CLASSES = {
    node.name
    for path in OWN
    for node in ast.parse(path.read_text()).body
    if isinstance(node, ast.ClassDef)
}


def asked(source: str) -> Iterator[tuple[int, str]]:
    """Iterate over the lines in which a module asks which database it has."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                if name in TELLING | CLASSES:
                    yield node.lineno, name
            case ast.Constant(value=str(text)) if text in DATABASES:
                yield node.lineno, text


def test_nobody_but_its_class_asks_which_database_it_is() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*.py"))
        if path not in KNOWING
        for line, name in asked(path.read_text("utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'if transaction.connection.dialect.name == "oracle": ...',
        'embedded = url.startswith("sqlite")',
        "assert isinstance(transaction, SqliteTransaction)",
        "from events.store.postgresql import PostgresDatabase",
        'place = sa.BigInteger().with_variant(sa.Integer, "sqlite")',
    ],
)
def test_whoever_asks_is_found(source: str) -> None:
    assert list(asked(source))


def test_every_database_has_every_method() -> None:
    lacking = [f"{kind}: {load().__abstractmethods__}" for kind, load in DATABASES.items()]

    assert lacking == [f"{kind}: {frozenset()}" for kind in DATABASES]


def test_a_program_loads_the_driver_of_its_own_database_alone() -> None:
    script = """
import sys, workers.program
from services.settings import from_environment
print(from_environment({}).embedded, "psycopg" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert ran.stdout.split() == ["True", "False"]
