"""Whether the cut-offs of a rulebook fit together: the rules that look at the total points alone.

More points must never come to a worse level, which would be a hole between two cut-offs, and every
level with a cut-off must be what some total comes to, or it overlaps with the one above it.
"""

import re
from collections.abc import Iterator, Sequence

from events.domain import conditions
from events.domain.problems import Problem
from events.domain.rulebook import Rule, Rulebook

NUMBER = re.compile(r"\d+")
TOTAL = "total"


def problems(rulebook: Rulebook, group: str) -> Iterator[Problem]:
    """Iterate over what is wrong with the cut-offs for a group, in a rulebook sound besides."""
    rules = [e for e in rulebook.rules_for(group) if conditions.variables(e.when) == [TOTAL]]
    if not rules:
        return
    most = sum(each.points_max for each in rulebook.criteria_for(group))
    totals = sorted({0, most, *_edges(rules, most)})
    ranks = [_rank(rulebook, rules, total) for total in totals]
    yield from _holes(rulebook, rules, totals, ranks)
    for rank, level in enumerate(rulebook.levels):
        own = [each for each in rules if each.level == level.id]
        if own and rank not in ranks:
            yield Problem(f"rules.{own[0].id}.when", "overlap")


def _edges(rules: Sequence[Rule], most: int) -> Iterator[int]:
    """Iterate over the totals at which a condition may change: at its numbers, and beside them."""
    for rule in rules:
        for number in map(int, NUMBER.findall(rule.when)):
            yield from (each for each in range(number - 1, number + 2) if 0 <= each <= most)


def _rank(rulebook: Rulebook, rules: Sequence[Rule], total: int) -> int:
    """Return the place of the level that the cut-offs alone allow a total, 0 for the best."""
    failed = {
        each.level for each in rules if not conditions.holds(each.id, each.when, {TOTAL: total})
    }
    return next(n for n, level in enumerate(rulebook.levels) if level.id not in failed)


def _holes(
    rulebook: Rulebook, rules: Sequence[Rule], totals: Sequence[int], ranks: Sequence[int]
) -> Iterator[Problem]:
    """Iterate over the levels that more points lead away from."""
    for n in range(1, len(totals)):
        if ranks[n] > ranks[n - 1]:
            left = rulebook.levels[ranks[n - 1]].id
            rule = next(each for each in rules if each.level == left)
            path, less, more = f"rules.{rule.id}.when", totals[n - 1], totals[n]
            yield Problem(path, "hole", less=less, level=left, more=more)
