"""Each wing of the law begins with a map of itself, and the maps are true."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from events import domain
from events.definitions.catalogue import CATALOGUE

LAW = Path(*domain.__path__)
WINGS = sorted(path.name for path in LAW.iterdir() if (path / "__init__.py").exists())
HOMES = {  # in which wing facts about something are at home
    "review": "review",
    "plan": "plan",
    "escalation": "escalation",
    "member": "organisation",
    "unit": "organisation",
    "corrected": "organisation",
    "cycle": "year",
    "subject": "year",
    "rulebook": "documents",
    "account": None,  # nor about accounts and tokens: what the operator grants is no part of a year
    "token": None,
    "key": None,  # the log tells by which key numbers are found; the law knows ids alone
    "reading": None,  # no law is about who read what: the person they are about sees it
    "erasure": None,  # the law says when words may be erased, and keeps no state of it
}
LINES_LEAST, LINES_MOST = 15, 60
STEPS = "the table of steps"


def map_of(wing: str) -> str:
    """Return a wing's map with its lines run together, as somebody reads them."""
    return " ".join((importlib.import_module(f"events.domain.{wing}").__doc__ or "").split())


def imports_of(wing: str) -> Iterator[str]:
    """Iterate over the other wings that a wing's modules import."""
    for path in (LAW / wing).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("events.domain"):
                parts = [*(node.module or "").split("."), node.names[0].name]
                yield parts[2]


def wants(wing: str) -> Iterator[str]:
    """Iterate over what a wing's map must name: its modules, its facts, and what it stands on."""
    yield from (path.stem for path in (LAW / wing).glob("*.py") if path.stem != "__init__")
    for cls in CATALOGUE:
        if HOMES[cls.definition.about] == wing:
            yield cls.definition.type
    for other in set(imports_of(wing)) - {wing}:
        yield STEPS if other == "steps" else f"`{other}`"
    yield from ("Stands on", "Start with")


def test_every_kind_of_fact_is_at_home_in_a_wing() -> None:
    assert set(HOMES) == {cls.definition.about for cls in CATALOGUE}
    assert {each for each in HOMES.values() if each} <= set(WINGS)


def test_maps_name_every_module_every_fact_and_all_that_a_wing_stands_on() -> None:
    missing = [
        f"{wing} names no {each}"
        for wing in WINGS
        for each in wants(wing)
        if not re.search(rf"(?<![\w.]){re.escape(each)}(?!\w)", map_of(wing))
    ]

    assert missing == []


def test_a_map_says_of_no_wing_that_another_stands_on_it_which_does_not() -> None:
    said = {wing: map_of(wing).partition("Stands on")[2].partition(".")[0] for wing in WINGS}
    others = {wing: set(re.findall(r"`(\w+)`", said[wing])) & set(WINGS) for wing in WINGS}

    assert {wing: found - set(imports_of(wing)) for wing, found in others.items()} == {
        wing: set() for wing in WINGS
    }


@pytest.mark.parametrize("wing", WINGS)
def test_a_map_is_a_page(wing: str) -> None:
    lines = (LAW / wing / "__init__.py").read_text("utf-8").splitlines()

    assert LINES_LEAST <= len(lines) <= LINES_MOST
