"""Whether the cut-offs of a rulebook fit together: what the total of points alone decides.

Every total is tried, and of everything else that a condition looks at nothing is assumed: where the
total alone does not decide a condition, it may hold, and it may fail. So two things are certainly
wrong. More points must never come to a worse level, with all else at its best; that would be a hole
between two cut-offs. And every level must be what some total may come to, or it overlaps with a
better one that is sure of all its totals. What only marks or figures decide, such as
`conduct + results >= 70`, no total proves wrong; the cases of the edition try it.
"""

from collections.abc import Iterable, Iterator, Sequence

from events.domain.documents.problems import Problem
from events.domain.rulebook import conditions
from events.domain.rulebook.rulebook import Level, Rule, Rulebook

TOTAL = "total"
TRIES_MAX = 20_000  # of conditions on totals, in all groups; the longest take a second

Decided = bool | None  # by the total alone; None: something else decides


def too_many(rulebook: Rulebook, groups: Iterable[str]) -> Iterator[Problem]:
    """Iterate over why the cut-offs for some groups are not tried at all."""
    tried = [(len(_of_totals(rulebook, each)), rulebook.most_for(each)) for each in groups]
    if sum(rules * most for rules, most in tried) > TRIES_MAX:
        rules, points = sum(each for each, _ in tried), max(most for _, most in tried)
        yield Problem("rules", "too_many_totals", rules=rules, points=points, most=TRIES_MAX)


def problems(rulebook: Rulebook, group: str) -> Iterator[Problem]:
    """Iterate over what is wrong with the cut-offs for a group, in a rulebook sound besides."""
    rules, most = _of_totals(rulebook, group), rulebook.most_for(group)
    totals = [_levels_reached(rulebook, rules, total) for total in range(most + 1)] if rules else []
    yield from _holes(rulebook.levels, rules, totals)
    yield from _overlaps(rulebook.levels, rules, totals)


def _of_totals(rulebook: Rulebook, group: str) -> list[Rule]:
    return [e for e in rulebook.rules_for(group) if TOTAL in conditions.variables(e.when)]


def _levels_reached(rulebook: Rulebook, rules: Sequence[Rule], total: int) -> list[Decided]:
    """Return of each level, best first, whether a total comes to it; the last one is what remains.

    A level that asks nothing of the total is never sure.
    """
    values = {TOTAL: total}
    held: dict[str, list[Decided]] = {level.id: [] for level in rulebook.levels[:-1]}
    for rule in rules:
        held[rule.level].append(conditions.holds_anyway(rule.when, values))
    return [*(_conjunction(each) for each in held.values()), True]


def _conjunction(answers: Sequence[Decided]) -> Decided:
    if False in answers:
        return False
    return True if answers and None not in answers else None


def _possible_levels(levels: Sequence[Decided]) -> list[int]:
    """Return the places of the levels that a total may come to, 0 for the best of all.

    They end at the first that is sure.
    """
    sure = levels.index(True)
    return [place for place in range(sure + 1) if levels[place] is not False]


def _holes(
    levels: Sequence[Level], rules: Sequence[Rule], totals: Sequence[Sequence[Decided]]
) -> Iterator[Problem]:
    """Iterate over the levels that more points lead away from, each once."""
    ranks = [_possible_levels(each)[0] for each in totals]
    told: set[int] = set()
    for more in range(1, len(ranks)):
        less, left = more - 1, ranks[more - 1]
        if ranks[more] > left and left not in told:
            told.add(left)
            path = _path(rules, levels[left])
            yield Problem(path, "hole", less=less, level=levels[left].id, more=more)


def _overlaps(
    levels: Sequence[Level], rules: Sequence[Rule], totals: Sequence[Sequence[Decided]]
) -> Iterator[Problem]:
    """Iterate over the levels with a cut-off that no total may come to."""
    reached = {place for each in totals for place in _possible_levels(each)}
    for place, level in enumerate(levels):
        if place not in reached and any(rule.level == level.id for rule in rules):
            yield Problem(_path(rules, level), "overlap")


def _path(rules: Sequence[Rule], level: Level) -> str:
    """Return the place of a level's first cut-off."""
    return f"rules.{next(each.id for each in rules if each.level == level.id)}.when"
