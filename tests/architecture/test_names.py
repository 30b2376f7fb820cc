"""A function is named for what it does or returns: by a verb or a noun, never a bare participle."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("events", "services", "workers")

# `reviewed(member_id)` does not say that it returns a name; nor `told(error)` that it answers.
PARTICIPLE = re.compile(
    r"_*([a-z]+ed|begun|bound|built|chosen|drawn|driven|found|foreseen|given|gone|held|hidden|kept"
    r"|known|laid|led|left|lost|made|met|paid|said|seen|sent|shown|spent|spoken|taken|thrown|told"
    r"|won|worn|written)"
)
ALLOWED = {
    "Channel.received": "the server calls it so when bytes came",
    "Lived.passed": "it is asked of what was lived: yes or no",
    "Settings.embedded": "it is asked of settings: yes or no",
    "parked": "the command is called so on the command line",
}


def test_no_function_is_named_by_a_bare_participle() -> None:
    found = {name for path in _modules() for name in _functions_of(path) if _is_bare(name)}

    assert sorted(found - ALLOWED.keys()) == []
    assert sorted(ALLOWED.keys() - found) == []


def test_participles_are_known_when_seen() -> None:
    names = ["reviewed", "_told", "Deadlines.excused", "name_of", "is_undecided", "sealed_texts"]

    assert [name for name in names if _is_bare(name)] == names[:3]


def _is_bare(name: str) -> bool:
    return PARTICIPLE.fullmatch(name.rpartition(".")[2]) is not None


def _modules() -> list[Path]:
    return [path for floor in PRODUCT for path in sorted((ROOT / floor).rglob("*.py"))]


def _functions_of(path: Path) -> list[str]:
    """Return the names of a module's functions; of methods with that of their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    owners = {id(each): f"{owner.name}." for owner in classes for each in owner.body}
    return [
        f"{owners.get(id(node), '')}{node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
