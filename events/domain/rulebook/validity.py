"""Whether a rulebook is sound: every problem at once, each with its place and what to do."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from events.domain.documents.conversion import convert
from events.domain.documents.document import Named
from events.domain.documents.problems import (
    DocumentInvalid,
    Problem,
    first_problems,
    repetitions,
)
from events.domain.rulebook import (
    conditions,
    cut_offs,
    roles_validity,
    steps_validity,
    terms_validity,
)
from events.domain.rulebook.conditions import Value
from events.domain.rulebook.rulebook import (
    FIGURE_MAX,
    Clause,
    Rulebook,
    applies,
)
from events.domain.rulebook.variables import COUNTED, GIVEN
from events.domain.steps import IN_EDITIONS, Step

LEVELS_LEAST = 2


def read(document: Any) -> Rulebook:
    """Return a rulebook from a document's plain values.

    Raises:
        DocumentInvalid: it has not the shape of a rulebook, or `validate` found problems.
    """
    rulebook: Rulebook = convert(document, Rulebook)
    require_valid(rulebook)
    return rulebook


def require_valid(rulebook: Rulebook) -> None:
    """Raise DocumentInvalid with everything that is wrong in a rulebook."""
    if problems := validate(rulebook):
        raise DocumentInvalid(problems)


def validate(rulebook: Rulebook) -> tuple[Problem, ...]:
    """Return what is wrong in a rulebook, in the order of its parts, up to PROBLEMS_MAX."""
    checks = (
        _names,
        _levels,
        _criteria,
        _grade,
        _figures,
        _conditions,
        _cut_offs,
        _discretions,
        steps_validity.problems,
        _criticism,
        roles_validity.problems,
        terms_validity.problems,
        _citations,
    )
    return first_problems(chain.from_iterable(check(rulebook) for check in checks))


def _names(rulebook: Rulebook) -> Iterator[Problem]:
    told: tuple[Named, ...] = (*rulebook.criteria, *rulebook.figures)
    clauses: tuple[Clause, ...] = (*rulebook.rules, *rulebook.limits)
    variables = [each.id for each in told]
    yield from repetitions((each.id for each in rulebook.levels), "levels")
    yield from repetitions([*GIVEN, *variables], "criteria and figures")
    yield from repetitions((each.id for each in clauses), "rules and limits")
    for name in conditions.RESERVED.intersection(variables):
        yield Problem(f"criteria and figures.{name}", "reserved_word")


def _levels(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with the levels, and with whatever names one."""
    if len(rulebook.levels) < LEVELS_LEAST:
        yield Problem("levels", "too_few_levels", least=LEVELS_LEAST)
        return
    named = [(f"rules.{each.id}.level", each.level) for each in rulebook.rules]
    named += [(f"limits.{each.id}.at_most", each.at_most) for each in rulebook.limits]
    required_at = rulebook.plan.required_at if rulebook.plan else ()
    named += [("plan.required_at", level) for level in required_at]
    named += [
        (f"limits.{each.id}.discretion.at_most", each.discretion.at_most)
        for each in rulebook.limits
        if each.discretion
    ]
    known = [each.id for each in rulebook.levels]
    for path, level in named:
        if level not in known:
            yield Problem(path, "no_level", level=level, known=", ".join(known))
    for group in _groups(rulebook):
        yield from _demands(rulebook, group, known)


def _demands(rulebook: Rulebook, group: str, known: list[str]) -> Iterator[Problem]:
    """Iterate over the levels that demand nothing of a group, and what the last one demands."""
    demanding = {rule.level for rule in rulebook.rules_for(group)}
    for level in known[:-1]:
        if level in demanding:
            continue
        if group:
            yield Problem(f"levels.{level}", "level_without_rule_for", group=group)
        else:
            yield Problem(f"levels.{level}", "level_without_rule")
    if known[-1] in demanding:
        yield Problem(f"levels.{known[-1]}", "last_level_with_rule")


def _groups(rulebook: Rulebook) -> list[str]:
    """Return the groups of subjects who are reviewed; one without a name where there are none."""
    return [each.id for each in rulebook.groups if each.reviewed] or [""]


def _criteria(rulebook: Rulebook) -> Iterator[Problem]:
    for criterion in rulebook.criteria:
        points = [each.points for each in criterion.degrees]
        path = f"criteria.{criterion.id}.degrees"
        if points != sorted(set(points), reverse=True):
            yield Problem(path, "degrees_disordered")
        if points and points[0] != criterion.points_max:
            yield Problem(path, "degrees_begin", most=criterion.points_max)


def _grade(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over why no grade comes of the total of points."""
    if rulebook.grade is None:
        return
    if rulebook.grade.least >= rulebook.grade.most:
        yield Problem("grade.most", "grade_backwards", least=rulebook.grade.least)
    if not rulebook.has_total:
        yield Problem("grade", "grade_without_total")
    for group in _groups(rulebook):
        if not rulebook.criteria_for(group):
            yield Problem("grade", "grade_of_nothing", group=group or rulebook.id)


def _figures(rulebook: Rulebook) -> Iterator[Problem]:
    above: set[str] = set()
    for figure in rulebook.figures:
        most = figure.at_most
        if isinstance(most, str) and most not in above:
            yield Problem(f"figures.{figure.id}.at_most", "no_figure_above", figure=most)
        if isinstance(most, int) and most < figure.at_least:
            yield Problem(f"figures.{figure.id}.at_most", "most_below_least")
        points = [each.points for each in figure.degrees]
        if points and (isinstance(most, str) or not _each_down(points, most, figure.at_least)):
            yield Problem(f"figures.{figure.id}.degrees", "degrees_of_figure")
        above.add(figure.id)


def _each_down(points: list[int], most: int, least: int) -> bool:
    """Tell whether points are each number from the most down to the least, of however many."""
    return points == list(range(most, least - 1, -1)[: len(points) + 1])


def _conditions(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with conditions, tried with the least and the most of all."""
    parts = [("rules", rule) for rule in rulebook.rules]
    told: set[Problem] = set()
    for group in _groups(rulebook):
        samples = [_least_values(rulebook, group), _most_values(rulebook, group)]
        clauses: list[tuple[str, Clause]] = [*parts, *(("limits", x) for x in rulebook.limits)]
        for kind, clause in clauses:
            if not applies(clause.groups, group):
                continue
            for problem in conditions.problems_of(f"{kind}.{clause.id}.when", clause.when, samples):
                if problem not in told:
                    told.add(problem)
                    yield problem


def _cut_offs(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over cut-offs that do not fit together, once levels and conditions are sound."""
    if not any((*_levels(rulebook), *_conditions(rulebook))):
        groups = _groups(rulebook)
        tried = chain.from_iterable(cut_offs.problems(rulebook, group) for group in groups)
        yield from tuple(cut_offs.too_many(rulebook, groups)) or dict.fromkeys(tried)


def _discretions(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over what is wrong with who may leave which limit behind, and on what ground."""
    known = [each.id for each in rulebook.levels]
    for each in rulebook.limits:
        discretion, path = each.discretion, f"limits.{each.id}.discretion"
        if discretion is None:
            continue
        levels = discretion.at_most, each.at_most
        if {*levels} <= {*known} and known.index(levels[0]) >= known.index(levels[1]):
            yield Problem(f"{path}.at_most", "discretion_no_further", level=each.at_most)
        if not discretion.grounds:
            yield Problem(f"{path}.grounds", "no_grounds")
        yield from repetitions((ground.id for ground in discretion.grounds), f"{path}.grounds")
        deciding = rulebook.posts_for(Step.DECISION)
        for post in sorted(set(discretion.posts) - set(deciding)):
            told = ", ".join(deciding)
            yield Problem(f"{path}.posts", "no_office", office=post, known=told)


def _least_values(rulebook: Rulebook, group: str) -> dict[str, Value]:
    criteria = dict.fromkeys((each.id for each in rulebook.criteria_for(group)), 0)
    figures = {each.id: each.at_least for each in rulebook.figures_for(group)}
    counted = dict.fromkeys(("total", "earlier_faults_open", *COUNTED), 0)
    return {**criteria, **figures, **counted, "disciplined": False}


def _most_values(rulebook: Rulebook, group: str) -> dict[str, Value]:
    criteria = {each.id: each.points_max for each in rulebook.criteria_for(group)}
    figures = dict.fromkeys((each.id for each in rulebook.figures_for(group)), FIGURE_MAX)
    counted = dict.fromkeys(("earlier_faults_open", *COUNTED), FIGURE_MAX)
    total = {"total": rulebook.most_for(group)}
    return {**criteria, **figures, **counted, **total, "disciplined": True}


def _criticism(rulebook: Rulebook) -> Iterator[Problem]:
    """Iterate over whom an edition lets see an author and whom no step of a year knows."""
    known = tuple(dict.fromkeys(step.row.turn for step in IN_EDITIONS))
    for turn in rulebook.criticism.author_seen_by:
        if turn not in known:
            yield Problem(
                "criticism.author_seen_by", "no_choice", value=turn, known=", ".join(known)
            )


def _citations(rulebook: Rulebook) -> Iterator[Problem]:
    cited = [("", rulebook.citation)]
    cited += [(f"rules.{each.id}.", each.citation) for each in rulebook.rules]
    cited += [(f"limits.{each.id}.", each.citation) for each in rulebook.limits]
    cited += [
        (f"limits.{limit.id}.discretion.grounds.{each.id}.", each.citation)
        for limit in rulebook.limits
        for each in (limit.discretion.grounds if limit.discretion else ())
    ]
    cited += [("grade.", rulebook.grade.citation)] if rulebook.grade else []
    cited += [(f"steps.{name}.", step.citation) for name, step in rulebook.steps.items()]
    for path, citation in cited:
        if not citation.strip():
            yield Problem(f"{path}citation", "no_citation")
