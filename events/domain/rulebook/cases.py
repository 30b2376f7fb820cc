"""Cases worked by hand, against which an edition is tried before anybody is rated by it.

A case says what somebody counted and which level it must come to. Cases also show that every rule
and limit can hold and can fail: a condition that no case makes true, or none makes false, may say
something else than its words.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Facts, Outcome
from events.domain.documents.conversion import convert
from events.domain.documents.document import Edition, Line, Name, Part
from events.domain.documents.problems import Problem, first_problems, repetitions
from events.domain.rulebook import rating
from events.domain.rulebook.conditions import ConditionFailed
from events.domain.rulebook.rulebook import Rulebook

CASES_MAX = 1_000
TRIES_MAX = 20_000  # of conditions on cases, in one edition; the longest take a second

Came = Outcome | rating.FactsOutOfRange | ConditionFailed  # what a case comes to


class Case(Part, frozen=True, kw_only=True):
    """One person's facts, and the level that they must come to."""

    id: Name
    basis: Literal["cited", "assumed"]  # an assumed case tries the machine, not the regulation
    source: Line  # which text, or why it was assumed
    points: dict[str, int]
    figures: dict[str, int]
    disciplined: bool = False
    earlier_faults_open: int = 0
    group: Name | None = None  # of subjects, where the rulebook has groups
    counted: dict[str, int] = {}  # noqa: RUF012 - msgspec copies it
    level: Name

    @property
    def facts(self) -> Facts:
        return Facts(
            points=self.points,
            figures=self.figures,
            disciplined=self.disciplined,
            earlier_faults_open=self.earlier_faults_open,
            group=Code(self.group) if self.group else UNSET,
            counted=self.counted or UNSET,
        )


class Cases(Part, frozen=True, kw_only=True):
    """The cases of one edition."""

    rulebook: Name
    edition: Edition
    cases: tuple[Case, ...]


def read(document: object) -> Cases:
    """Return cases from a document's plain values. Raises DocumentInvalid."""
    cases: Cases = convert(document, Cases)
    return cases


def try_out(rulebook: Rulebook, cases: Cases) -> tuple[Problem, ...]:
    """Return in what an edition and its cases disagree, up to PROBLEMS_MAX, in the cases' order."""
    if too_many := tuple(_too_many(rulebook, cases)):
        return too_many
    came = [_come_to(rulebook, case) for case in cases.cases]
    found = (
        _of_another(rulebook, cases),
        _wrong_cases(cases, came),
        _untested_clauses(rulebook, came),
    )
    return first_problems(chain.from_iterable(found))


def _too_many(rulebook: Rulebook, cases: Cases) -> Iterator[Problem]:
    """Iterate over why so many cases are not tried at all."""
    clauses = len(rulebook.rules) + len(rulebook.limits)
    if len(cases.cases) > CASES_MAX:
        yield Problem("cases", "too_many_cases", most=CASES_MAX)
    elif len(cases.cases) * clauses > TRIES_MAX:
        yield Problem("cases", "too_many_cases", most=TRIES_MAX // clauses)


def _come_to(rulebook: Rulebook, case: Case) -> Came:
    try:
        return rating.outcome(rulebook, case.facts)
    except (rating.FactsOutOfRange, ConditionFailed) as error:
        return error


def _of_another(rulebook: Rulebook, cases: Cases) -> Iterator[Problem]:
    if (cases.rulebook, cases.edition) != (rulebook.id, rulebook.edition):
        theirs, ours = f"{cases.rulebook} {cases.edition}", f"{rulebook.id} {rulebook.edition}"
        yield Problem("cases", "cases_of_another", theirs=theirs, ours=ours)
    yield from repetitions((each.id for each in cases.cases), "cases")


def _wrong_cases(cases: Cases, came: Sequence[Came]) -> Iterator[Problem]:
    """Iterate over the cases that come to another level, or to none."""
    for case, found in zip(cases.cases, came, strict=True):
        path = f"cases.{case.id}"
        match found:
            case rating.FactsOutOfRange():
                yield found.problem.at(f"{path}.{found.field}")
            case ConditionFailed():
                yield Problem(path, "condition_fails_here", rule=found.rule, why=found.why)
            case Outcome(level=level) if level != case.level:
                yield Problem(f"{path}.level", "other_level", level=case.level, found=level)


def _untested_clauses(rulebook: Rulebook, came: Sequence[Came]) -> Iterator[Problem]:
    """Iterate over the rules and limits that hold in no case, or in every one."""
    seen: dict[str, set[bool]] = {}
    outcomes = [each for each in came if isinstance(each, Outcome)]  # the others are told above
    for reason in chain.from_iterable(each.reasons for each in outcomes):
        seen.setdefault(reason.rule, set()).add(reason.held)
    groups = (("rules", rulebook.rules), ("limits", rulebook.limits))
    for group, clauses in groups:
        for clause in clauses:
            path, answers = f"{group}.{clause.id}.when", seen.get(clause.id, set())
            if True not in answers:
                yield Problem(path, "never_true")
            if False not in answers:
                yield Problem(path, "never_false")
