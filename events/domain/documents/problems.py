"""What is wrong in a document: a stable code with its values, and what it says in both languages.

The sentences lie side by side in `reference/problems.yaml`, so that neither language is forgotten
and whoever tells a problem, on a page, over HTTP or in a terminal, says the same.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from events.domain.documents.document import Bilingual, Language, Part
from events.errors import TusoiError

WORDS = Path(__file__).parents[2] / "reference" / "problems.yaml"

PROBLEMS_MAX = 100  # told of one document; whoever has more corrects these first
TOLD_CHARACTERS_MAX = 300  # of a document, in a problem: its place, or what was found there

Value = str | int | Bilingual  # what stands in a sentence; words come in its language


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """One thing that is wrong in a document."""

    path: str  # where: "rules.excellent_points.when"
    code: str
    values: tuple[tuple[str, Value], ...]  # by the names that its sentence gives them

    def __init__(self, path: str, code: str, **values: Value) -> None:
        found = {name: _cut(v) if isinstance(v, str) else v for name, v in values.items()}
        told = {"path": _cut(path), "code": code, "values": tuple(found.items())}
        for name, value in told.items():
            object.__setattr__(self, name, value)

    @property
    def says(self) -> Bilingual:
        """Return what is wrong, and what to write instead.

        >>> Problem("levels", "too_few_levels", least=2).says.en
        'must be 2 or more'
        """
        words = sentences().problems[self.code]
        return Bilingual(vi=self._fill(words.vi, "vi"), en=self._fill(words.en, "en"))

    def at(self, path: str) -> "Problem":
        """Return the same problem told of another place."""
        return Problem(path, self.code, **dict(self.values))

    def _fill(self, sentence: str, language: Language) -> str:
        values = {
            name: value.of(language) if isinstance(value, Bilingual) else value
            for name, value in self.values
        }
        return sentence.format(**values)


class DocumentInvalid(TusoiError):
    """A document that cannot be published: all its problems, so that one correction is enough.

    Of more than PROBLEMS_MAX the first are told, and no others are looked for.
    """

    code = "document_invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = first_problems(problems)
        super().__init__("; ".join(f"{each.path}: {each.says.en}" for each in self.problems))


class Sentences(Part, frozen=True, kw_only=True):
    """Everything that is said of problems."""

    problems: dict[str, Bilingual]  # by code
    types: dict[str, Bilingual]  # by the name that errors of shape give them
    patterns: dict[str, Bilingual]  # by the expression that a text must match


@functools.cache
def sentences() -> Sentences:
    """Return everything that is said of problems, read once."""
    import yaml  # noqa: PLC0415 - of a document that is sound nothing is said

    return msgspec.convert(yaml.safe_load(WORDS.read_text(encoding="utf-8")), Sentences)


def first_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return as many problems as are told of one document, and look for no more."""
    return tuple(islice(problems, PROBLEMS_MAX))


def _cut(text: str) -> str:
    """Return a text as it is told: of a long one as much as anybody reads."""
    return text if len(text) <= TOLD_CHARACTERS_MAX else f"{text[:TOLD_CHARACTERS_MAX]}…"


def repetitions(names: Iterable[str], path: str) -> list[Problem]:
    """Return a problem for every name that stands twice.

    >>> [each.path for each in repetitions(["a", "b", "a"], "levels")]
    ['levels.a']
    """
    seen: set[str] = set()
    twice = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return [Problem(f"{path}.{name}", "twice") for name in twice]
