"""Cases worked by hand, against which an edition is tried before anybody is rated by it.

A case says what somebody counted and which level it must come to. Cases also show that every rule
and limit can hold and can fail: a condition that no case makes true, or none makes false, may say
something else than its words.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Facts
from events.domain.documents.conversion import convert
from events.domain.documents.document import Edition, Line, Name, Part
from events.domain.documents.problems import Problem, repetitions
from events.domain.rulebook import rating
from events.domain.rulebook.conditions import ConditionFailed
from events.domain.rulebook.rulebook import Rulebook

CASES_MAX = 1_000


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
    """Return everything in which an edition and its cases disagree, in the cases' order."""
    return (
        *_of_another(rulebook, cases),
        *_wrong_cases(rulebook, cases),
        *_untested_clauses(rulebook, cases),
    )


def _of_another(rulebook: Rulebook, cases: Cases) -> Iterator[Problem]:
    if (cases.rulebook, cases.edition) != (rulebook.id, rulebook.edition):
        theirs, ours = f"{cases.rulebook} {cases.edition}", f"{rulebook.id} {rulebook.edition}"
        yield Problem("cases", "cases_of_another", theirs=theirs, ours=ours)
    yield from repetitions((each.id for each in cases.cases), "cases")
    if len(cases.cases) > CASES_MAX:
        yield Problem("cases", "too_many_cases", most=CASES_MAX)


def _wrong_cases(rulebook: Rulebook, cases: Cases) -> Iterator[Problem]:
    """Iterate over the cases that come to another level, or to none."""
    for case in cases.cases:
        path = f"cases.{case.id}"
        try:
            found = rating.outcome(rulebook, case.facts).level
        except rating.FactsOutOfRange as error:
            yield error.problem.at(f"{path}.{error.field}")
        except ConditionFailed as error:
            yield Problem(path, "condition_fails_here", rule=error.rule, why=error.why)
        else:
            if found != case.level:
                yield Problem(f"{path}.level", "other_level", level=case.level, found=found)


def _untested_clauses(rulebook: Rulebook, cases: Cases) -> Iterator[Problem]:
    """Iterate over the rules and limits that hold in no case, or in every one."""
    seen: dict[str, set[bool]] = {}
    for case in cases.cases:
        try:
            reasons = rating.outcome(rulebook, case.facts).reasons
        except (rating.FactsOutOfRange, ConditionFailed):
            continue  # told above
        for reason in reasons:
            seen.setdefault(reason.rule, set()).add(reason.held)
    groups = (("rules", rulebook.rules), ("limits", rulebook.limits))
    for group, clauses in groups:
        for clause in clauses:
            path, outcomes = f"{group}.{clause.id}.when", seen.get(clause.id, set())
            if True not in outcomes:
                yield Problem(path, "never_true")
            if False not in outcomes:
                yield Problem(path, "never_false")
