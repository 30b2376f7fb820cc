"""Conditions of a rulebook: CEL over whole numbers and truth values, nothing else.

Only what every CEL implementation does alike is allowed, so that an auditor may evaluate them with
any. There is no division: a share is written multiplied, `late * 5 <= tasks`, and neither rounds
nor fails where there are no tasks.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping

import cel

from events.errors import TusoiError

CONDITION_CHARACTERS_MAX = 400
COMPILED_MAX = 4096

OPERATIONS = frozenset(
    "_&&_ _||_ !_ _==_ _!=_ _<_ _<=_ _>_ _>=_ _+_ _-_ _*_ -_ _?_:_ @in".split()  # noqa: SIM905
)
RESERVED = frozenset(  # words that CEL keeps for itself, and its types
    "as bool break bytes const continue double dyn else false for function if import in int let "  # noqa: SIM905
    "list loop map namespace null package return string true type uint var void while".split()
)
OTHER_LITERALS = re.compile(r"""["'.]|\d[eEuUxX]""")  # texts, decimals, and what is no plain number

Value = int | bool


class ConditionFailed(TusoiError):
    """A condition came to no answer for these facts; the rulebook needs a corrected edition."""

    code = "condition_failed"

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"the condition of {rule} cannot be evaluated: {why}")
        self.rule = rule


def holds(rule: str, condition: str, values: Mapping[str, Value]) -> bool:
    """Tell whether a rule's condition holds for some values.

    >>> holds("good", "total >= 70", {"total": 70})
    True

    Raises:
        ConditionFailed: it came to no answer, or to something else than true or false.
    """
    try:
        answer = _compiled(condition).execute(dict(values))
    except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
        raise ConditionFailed(rule, str(error)) from error
    if not isinstance(answer, bool):
        raise ConditionFailed(rule, "it is neither true nor false")
    return answer


def variables(condition: str) -> list[str]:
    """Return the variables that a condition looks at, sorted.

    >>> variables("tasks_late * 5 <= tasks_total && total >= 50")
    ['tasks_late', 'tasks_total', 'total']
    """
    return sorted(_compiled(condition).variables())


def wrong(condition: str, samples: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    """Iterate over what is wrong with a condition, tried on samples that name all variables."""
    try:
        program = _compiled(condition)
    except ValueError as error:
        yield f"is no CEL: {error}"
        return
    if OTHER_LITERALS.search(condition):
        yield "holds a text, a decimal or a field; write whole numbers and variables"
    yield from (
        f"uses {name}, which is not allowed; allowed are {', '.join(sorted(OPERATIONS))}"
        for name in sorted(set(program.functions()) - OPERATIONS)
    )
    tried = list(samples)
    unknown = sorted(set(program.variables()).difference(*tried))
    yield from (f"looks at {name}, which nobody tells" for name in unknown)
    if not unknown:
        yield from _failures(condition, tried)


def _failures(condition: str, samples: list[Mapping[str, Value]]) -> Iterator[str]:
    for sample in samples:
        try:
            holds("this rule", condition, sample)
        except ConditionFailed as error:
            yield str(error)
            return


@functools.lru_cache(maxsize=COMPILED_MAX)
def _compiled(condition: str) -> cel.Program:
    return cel.compile(condition)
