"""What stands in a room does what the room says of itself."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from services.read_models import states
from services.read_models.states import KINDS, YEAR, Kind
from workers import projections, reactions
from workers.projections.every import PROJECTIONS
from workers.projections.projection import Projection
from workers.steps import REACTIONS

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "services" / "commands"
MACHINERY = ("__init__", "executor")  # of commands; they carry a command out, or try it again


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_every_module_of_commands_appends() -> None:
    """What only answers is a query, or a read model; the contracts keep those from appending."""
    modules = [file for file in COMMANDS.glob("*.py") if file.stem not in MACHINERY]

    only_answer = [file.stem for file in modules if not names_in(file) & {"perform", "Appended"}]

    assert modules
    assert only_answer == []


def test_every_kind_of_state_is_kept_by_a_projection() -> None:
    kinds = {each.name for each in vars(states).values() if isinstance(each, Kind)}

    assert {each.name for each in KINDS} == kinds
    assert {each.projection for each in KINDS} - PROJECTIONS.keys() == set()


def test_every_projection_is_carried_forward() -> None:
    made = {
        each.name
        for module in modules_in(projections)
        for each in vars(module).values()
        if isinstance(each, Projection)
    }

    assert made == PROJECTIONS.keys()


def test_whatever_has_deadlines_is_of_the_year_and_says_what_waits_in_it() -> None:
    """Timekeeper, inbox and backlog go by this one tuple."""
    timed = [each.name for each in KINDS if hasattr(each.empty, "deadlines")]
    telling = [each.name for each in KINDS if each.tasks is not Kind._field_defaults["tasks"]]

    assert [each.name for each in YEAR] == timed == telling


def test_every_reaction_reacts() -> None:
    names = {module.NAME for module in modules_in(reactions)}

    assert names == set(REACTIONS)


def modules_in(package: ModuleType) -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(module.name)
