"""The measured style: how long functions and modules are. `python -m tests.support.measures`."""

import ast
import statistics
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "events" / "store" / "migrations"
FLOORS = ("events", "services", "workers", "tests")


@dataclass(frozen=True, slots=True)
class Measure:
    """How many lines something has, and what it is called."""

    lines: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.lines})"


def modules(*floors: str) -> list[Measure]:
    """Return the length of every module, the longest first."""
    found = [Measure(len(_text(path).splitlines()), _name(path)) for path in _paths(floors)]
    return sorted(found, key=lambda measure: measure.lines, reverse=True)


def functions(*floors: str) -> list[Measure]:
    """Return the length of every function with its docstring, the longest first."""
    found = [measure for path in _paths(floors) for measure in _functions_of(path)]
    return sorted(found, key=lambda measure: measure.lines, reverse=True)


def report() -> str:
    """Return one line for each floor."""
    return "\n".join(_line(floor) for floor in FLOORS)


def _line(floor: str) -> str:
    longest, lengths = modules(floor), functions(floor)
    lines = [measure.lines for measure in lengths] or [0]
    p90 = statistics.quantiles([*lines, lines[0]], n=10)[-1]
    return (
        f"{floor}: {len(lengths)} functions, median {statistics.median(lines):g} lines, "
        f"p90 {p90:.0f}, longest {lengths[0]}; largest module {longest[0]}"
    )


def _functions_of(path: Path) -> list[Measure]:
    return [
        Measure((node.end_lineno or node.lineno) - node.lineno + 1, f"{_name(path)}:{node.name}")
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _paths(floors: tuple[str, ...]) -> list[Path]:
    found = [path for floor in floors for path in sorted((ROOT / floor).rglob("*.py"))]
    return [
        path for path in found if MIGRATIONS not in path.parents
    ]  # lists of tables, never changed


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    print(report())  # noqa: T201  this is the program's output
