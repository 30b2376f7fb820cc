"""Conditions of a rulebook: CEL over whole numbers and truth values, nothing else.

Only what every CEL implementation does alike is allowed, so that an auditor may evaluate them with
any. There is no division: a share is written multiplied, `late * 5 <= tasks`, and neither rounds
nor fails where there are no tasks.

Nothing else is ever run, also of an edition that was published or came in a bundle: without fields
there are no macros such as `all`, which go through a list again for each of its members, so each
part of a condition is looked at once at the most, and the form of a rulebook bounds the parts.
"""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, NamedTuple

from events.domain.documents.problems import Problem
from events.errors import TusoiError

CONDITION_CHARACTERS_MAX = 400
COMPILED_MAX = 4096
NATIVE_CEL = "cel.cel"

OPERATIONS = frozenset(
    "_&&_ _||_ !_ _==_ _!=_ _<_ _<=_ _>_ _>=_ _+_ _-_ _*_ -_ _?_:_ @in".split()  # noqa: SIM905
)
RESERVED = frozenset(  # words that CEL keeps for itself, and its types
    "as bool break bytes const continue double dyn else false for function if import in int let "  # noqa: SIM905
    "list loop map namespace null package return string true type uint var void while".split()
)
OTHER_LITERALS = re.compile(r"""["'.]|\d[eEuUxX]""")  # texts, decimals, and what is no plain number
STOPPED = re.compile(  # where the parser stopped, and at what; what it expected is long
    r"<input>:[0-9]+:([0-9]+): (?:Syntax error: )?(.*?)(?: expecting .*)?$", re.MULTILINE
)

Value = int | bool


class _Program(NamedTuple):
    """A condition that may be run, and the variables that it looks at, sorted."""

    execute: Callable[[dict[str, Value]], object]
    variables: tuple[str, ...]


class ConditionFailed(TusoiError):
    """A condition came to no answer for these facts; the rulebook needs a corrected edition."""

    code = "condition_failed"

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"the condition of {rule} cannot be evaluated: {why}")
        self.rule = rule
        self.why = why


class NoTruth(ConditionFailed):
    """A condition came to something else than true or false."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule, "it is neither true nor false")


def holds(rule: str, condition: str, values: Mapping[str, Value]) -> bool:
    """Tell whether a rule's condition holds for some values.

    >>> holds("good", "total >= 70", {"total": 70})
    True

    Raises:
        ConditionFailed: it came to no answer, or to something else than true or false.
    """
    compiled = _runnable(rule, condition)
    seen = {name: values[name] for name in compiled.variables if name in values}
    try:
        answer = compiled.execute(seen)
    except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
        raise ConditionFailed(rule, str(error)) from error
    if not isinstance(answer, bool):
        raise NoTruth(rule)
    return answer


def holds_anyway(condition: str, known: Mapping[str, Value]) -> bool | None:
    """Tell whether a condition holds whatever else there is; None where something else decides.

    In CEL `false && x` is false, and `true || x` is true, also where x cannot be evaluated.

    >>> [holds_anyway("total >= 70 && late == 0", {"total": total}) for total in (69, 70)]
    [False, None]
    """
    try:
        return holds(condition, condition, known)
    except ConditionFailed:
        return None


def variables(condition: str) -> list[str]:
    """Return the variables that a condition looks at, sorted.

    >>> variables("tasks_late * 5 <= tasks_total && total >= 50")
    ['tasks_late', 'tasks_total', 'total']

    Raises:
        ConditionFailed: it is no condition.
    """
    return list(_runnable(condition, condition).variables)


def problems_of(
    path: str, condition: str, samples: Iterable[Mapping[str, Value]]
) -> Iterator[Problem]:
    """Iterate over what is wrong with a condition, tried on samples that name all variables.

    What holds something that no condition may is not run.
    """
    compiled = _compile(condition)
    tried = list(samples)
    if not isinstance(compiled, _Program):
        yield from (each.at(path) for each in compiled)
        return
    unknown = sorted(set(compiled.variables).difference(*tried))
    yield from (Problem(path, "untold", name=name) for name in unknown)
    if not unknown:
        yield from _failures(path, condition, tried)


def _runnable(rule: str, condition: str) -> _Program:
    """Return a condition that may be run. Raises ConditionFailed."""
    compiled = _compile(condition)
    if isinstance(compiled, _Program):
        return compiled
    raise ConditionFailed(rule, "; ".join(f"it {each.says.en}" for each in compiled))


def _no_cel(path: str, told: str) -> Problem:
    """Return that a condition is no CEL, with the place at which the parser stopped."""
    found = STOPPED.search(told)
    at, said = found.groups() if found else (1, told)
    return Problem(path, "no_cel", at=at, said=said)


def _failures(path: str, condition: str, samples: list[Mapping[str, Value]]) -> Iterator[Problem]:
    for sample in samples:
        try:
            holds(path, condition, sample)
        except NoTruth:
            yield Problem(path, "no_truth")
            return
        except ConditionFailed as error:
            yield Problem(path, "condition_fails", why=error.why)
            return


def cel_in(folders: Sequence[str]) -> Any:
    """Return what compiles CEL: the package's native part alone, where a folder of it holds that.

    The package brings a terminal of its own along, which takes longer to load than a verdict does.
    Once it is there, or if it is laid out otherwise some day, it is taken whole.
    """
    spec = PathFinder.find_spec(NATIVE_CEL, folders)
    if NATIVE_CEL in sys.modules or spec is None or spec.loader is None:
        return importlib.import_module("cel")
    module = sys.modules[NATIVE_CEL] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def _cel() -> Any:
    package = find_spec("cel")
    return cel_in((package and package.submodule_search_locations) or ())


@functools.lru_cache(maxsize=COMPILED_MAX)
def _compile(condition: str) -> _Program | tuple[Problem, ...]:
    """Return a condition that may be run, or else why it may not."""
    try:
        program = _cel().compile(condition)
    except ValueError as error:
        return (_no_cel("", str(error)),)
    others = sorted(set(program.functions()) - OPERATIONS)
    allowed = ", ".join(sorted(OPERATIONS))
    literals = [Problem("", "other_literal")] if OTHER_LITERALS.search(condition) else []
    operations = [Problem("", "operation", name=name, allowed=allowed) for name in others]
    return (*literals, *operations) or _Program(program.execute, tuple(sorted(program.variables())))
