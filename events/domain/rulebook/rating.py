"""What a rulebook makes of the facts, and why. Whole numbers only: every machine gets the same.

A change here that would alter any old outcome adds a calculus beside this one; `CALCULUS` stands in
every outcome.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from events.definitions.event import Code
from events.definitions.records import Facts, Label, Outcome, Reason
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.problems import Problem
from events.domain.rulebook import conditions
from events.domain.rulebook.conditions import Value
from events.domain.rulebook.rulebook import (
    FIGURE_MAX,
    Clause,
    Criterion,
    Figure,
    Limit,
    Rule,
    Rulebook,
)
from events.domain.rulebook.variables import COUNTED

CALCULUS = "1"


class FactsOutOfRange(CommandRejected):
    """Points or figures that are missing, unknown to the rulebook, or outside its bounds."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(Rejection.FACTS_OUT_OF_RANGE, problem=problem.says.en)
        self.problem = problem
        self.field = problem.path  # "points.conduct"


def outcome(rulebook: Rulebook, facts: Facts) -> Outcome:
    """Return the level that the facts come to, and of every rule and limit whether it held.

    The best level all of whose rules hold, lowered by the limits that hold.

    Raises:
        FactsOutOfRange: the facts are not what this rulebook asks for.
        ConditionFailed: a condition came to no answer.
    """
    group = _group(rulebook, facts)
    _require_in_range(rulebook, facts, group)
    values = values_of(rulebook, facts)
    rules, limits = rulebook.rules_for(group), rulebook.limits_for(group)
    clauses: tuple[Clause, ...] = (*rules, *limits)
    held = {each.id: conditions.holds(each.id, each.when, values) for each in clauses}
    return Outcome(
        level=Code(_level(rulebook, rules, limits, held)),
        total=rulebook.total_of(facts.points),
        reasons=tuple(Reason(rule=Label(rule), held=holds) for rule, holds in held.items()),
        calculus=Label(CALCULUS),
    )


def best_allowed(rulebook: Rulebook, outcome: Outcome, weighed: Collection[str] = ()) -> int:
    """Return the rank of the best level that the limits which held leave, whatever rules say.

    Those that were weighed leave what their discretion does.
    """
    ranks = (rulebook.rank(_most(each, weighed)) for each in limits_held(rulebook, outcome))
    return max(ranks, default=0)


def limits_held(rulebook: Rulebook, outcome: Outcome) -> tuple[Limit, ...]:
    """Return the limits of a rulebook that held, in its order."""
    held = {each.rule for each in outcome.reasons if each.held}
    return tuple(each for each in rulebook.limits if each.id in held)


def _most(limit: Limit, weighed: Collection[str]) -> str:
    by_discretion = limit.discretion if limit.id in weighed else None
    return by_discretion.at_most if by_discretion else limit.at_most


def require_own_points(rulebook: Rulebook, group: str, points: Mapping[str, int]) -> None:
    """Raise FactsOutOfRange where somebody's own points lie outside the criteria of their group.

    Whoever marks themselves may leave criteria out.
    """
    marked = [each for each in rulebook.criteria_for(group) if each.id in points]
    _require_points(marked, points)


def values_of(rulebook: Rulebook, facts: Facts) -> dict[str, Value]:
    """Return what conditions see: each criterion's points, each figure, and what is given."""
    return {**told_by(facts), "total": rulebook.total_of(facts.points)}


def told_by(facts: Facts) -> dict[str, Value]:
    """Return what facts tell by itself: of what is given, as `GIVEN` names it, all but the total.

    What did not happen is left out of the facts, and is 0.
    """
    return {
        **dict.fromkeys(COUNTED, 0),
        **(facts.counted or {}),
        **facts.points,
        **facts.figures,
        "disciplined": facts.disciplined,
        "earlier_faults_open": facts.earlier_faults_open,
    }


def _group(rulebook: Rulebook, facts: Facts) -> str:
    """Return the group of subjects by whose rules the facts are judged."""
    group = facts.group or ""
    known = [each.id for each in rulebook.groups if each.reviewed] or [""]
    if group not in known:
        raise FactsOutOfRange(Problem("group", "facts_group", known=", ".join(known)))
    return group


def _level(
    rulebook: Rulebook,
    rules: Iterable[Rule],
    limits: Iterable[Limit],
    held: Mapping[str, bool],
) -> str:
    failed = {rule.level for rule in rules if not held[rule.id]}
    reached = min(n for n, level in enumerate(rulebook.levels) if level.id not in failed)
    allowed = [rulebook.rank(limit.at_most) for limit in limits if held[limit.id]]
    return rulebook.levels[max([reached, *allowed])].id


class _Bounds(NamedTuple):
    least: int
    most: int


def _require_in_range(rulebook: Rulebook, facts: Facts, group: str) -> None:
    figures = dict(_figure_bounds(rulebook.figures_for(group), facts))
    _require_points(rulebook.criteria_for(group), facts.points)
    _require_within("figures", facts.figures, figures)
    counted = facts.counted or {}
    _require_within("counted", counted, {name: _Bounds(0, FIGURE_MAX) for name in counted})
    for name in counted:
        if name not in COUNTED:
            raise FactsOutOfRange(Problem(f"counted.{name}", "facts_uncounted", name=name))
    _require_within(
        "facts",
        {"earlier_faults_open": facts.earlier_faults_open},
        {"earlier_faults_open": _Bounds(0, FIGURE_MAX)},
    )


def _require_points(criteria: Collection[Criterion], points: Mapping[str, int]) -> None:
    bounds = {each.id: _Bounds(0, each.points_max) for each in criteria}
    _require_within("points", points, bounds)
    for each in criteria:
        _require_degree(each, points[each.id])


def _require_degree(criterion: Criterion, points: int) -> None:
    allowed = [each.points for each in criterion.degrees]
    if allowed and points not in allowed:
        path, known = f"points.{criterion.id}", ", ".join(map(str, allowed))
        raise FactsOutOfRange(Problem(path, "facts_degree", name=criterion.id, known=known))


def _figure_bounds(figures: Iterable[Figure], facts: Facts) -> Iterator[tuple[str, _Bounds]]:
    for figure in figures:
        most = figure.at_most
        if isinstance(most, str):
            most = facts.figures.get(most, FIGURE_MAX)  # missing, it is told of itself
        yield figure.id, _Bounds(figure.at_least, most)


def _require_within(group: str, told: Mapping[str, int], bounds: Mapping[str, _Bounds]) -> None:
    for name in told:
        if name not in bounds:
            raise FactsOutOfRange(Problem(f"{group}.{name}", "facts_unknown", name=name))
    for name, (least, most) in bounds.items():
        if name not in told or not least <= told[name] <= most:
            path = f"{group}.{name}"
            raise FactsOutOfRange(Problem(path, "facts_beyond", name=name, least=least, most=most))
