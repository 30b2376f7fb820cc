"""Why this level: rule by rule what held and what did not, and what the next level would take."""

import re
from fractions import Fraction

import msgspec

from events.definitions.records import Facts, Outcome
from events.definitions.review import RatingDecided
from events.domain.documents.document import Bilingual, Language
from events.domain.documents.working_days import local_day
from events.domain.review.review import State
from events.domain.rulebook import conditions
from events.domain.rulebook.conditions import Value
from events.domain.rulebook.rating import values_of
from events.domain.rulebook.rulebook import Limit, Rule, Rulebook

FOUND_IN = re.compile(r" \[S\d[^]]*\]")  # such as [S16, S20–S22]: sources of who wrote the edition
MARKS = {True: "✓", False: "✗"}
TRUTH = {
    True: Bilingual(vi="có", en="yes"),
    False: Bilingual(vi="không", en="no"),
}
LEVEL = Bilingual(vi="Mức: {level} · tổng điểm {total}", en="Level: {level} · total points {total}")
LEVEL_ALONE = Bilingual(vi="Mức: {level}", en="Level: {level}")
DEMAND = "{level}: {says}"
POINT = Bilingual(vi=",", en=".")  # before the hundredths of a grade
CAPPED = Bilingual(vi="không cao hơn {level}: {says}", en="at most {level}: {says}")
FREE = Bilingual(vi="không bị hạn chế bởi: {says}", en="not limited by: {says}")
LIFTED = Bilingual(vi="không còn bị hạn chế bởi: {says}", en="no longer limited by: {says}")
NEXT = Bilingual(
    vi="Để đạt mức {level}, cần đạt thêm các điều kiện sau:",
    en="To reach {level}, these conditions must be met as well:",
)
REOPENED = Bilingual(
    vi="Mở lại ngày {day:%d/%m/%Y} để xếp loại lại; mức này còn hiệu lực tới quyết định mới.",
    en="Reopened on {day:%Y-%m-%d} to be rated again; this level holds until the next decision.",
)
LEFT_THE_PROPOSAL = Bilingual(
    vi="Quyết định: {level}, khác với đề xuất; lý do được ghi trong quyết định.",
    en="Decided: {level}, which leaves the proposal; the decision says why.",
)


class Seen(msgspec.Struct, frozen=True):
    """One number that a condition looked at."""

    label: str
    value: str


class Ground(msgspec.Struct, frozen=True):
    """One rule or limit, in one language."""

    rule: str  # its id
    level: str  # which demands it, or above which it lets nobody: the label
    is_limit: bool
    held: bool
    says: str
    citation: str
    seen: tuple[Seen, ...]


class Grade(msgspec.Struct, frozen=True):
    """A grade, in one language: exactly, and as people read it."""

    label: str
    text: str  # to the hundredth, and exactly where that is rounded
    numerator: int
    denominator: int


class Explanation(msgspec.Struct, frozen=True):
    """Why a level came out, in one language."""

    level: str  # the label
    total: int
    has_total: bool  # false where criteria are marked by degrees, whose sum means nothing
    grade: Grade | None  # none where the rulebook has none
    calculus: str
    grounds: tuple[Ground, ...]  # in the rulebook's order
    next_level: str  # the label of the next better level; empty for the best
    needed: tuple[Ground, ...]  # what would have had to differ for it


def explain(rulebook: Rulebook, facts: Facts, outcome: Outcome, language: Language) -> Explanation:
    """Return why an outcome came out of the facts, as recorded; nothing is computed anew."""
    held = {str(reason.rule): reason.held for reason in outcome.reasons}
    values = values_of(rulebook, facts)
    group = facts.group or ""
    rules, limits = rulebook.rules_for(group), rulebook.limits_for(group)
    clauses: tuple[Rule | Limit, ...] = (*rules, *limits)
    grounds = {
        each.id: _ground(rulebook, each, values, language, held=held[each.id]) for each in clauses
    }
    rank = rulebook.rank(outcome.level)
    better = rulebook.levels[rank - 1] if rank else None
    return Explanation(
        level=rulebook.level(outcome.level).label.of(language),
        total=outcome.total,
        has_total=rulebook.has_total,
        grade=_grade(rulebook, outcome.total, group, language),
        calculus=outcome.calculus,
        grounds=tuple(grounds.values()),
        next_level=better.label.of(language) if better else "",
        needed=tuple(
            _as_demand(grounds[each.id], language)
            for each in clauses
            if _in_the_way(rulebook, each, held, rank)
        ),
    )


def _grade(rulebook: Rulebook, total: int, group: str, language: Language) -> Grade | None:
    exact = rulebook.grade_of(total, group)
    if rulebook.grade is None or exact is None:
        return None
    hundredths = int(exact * 100 + Fraction(1, 2))
    said = f"{hundredths // 100}{POINT.of(language)}{hundredths % 100:02}"
    is_whole = exact * 100 == hundredths
    return Grade(
        label=rulebook.grade.label.of(language),
        text=said if is_whole else f"{said} ({exact})",
        numerator=exact.numerator,
        denominator=exact.denominator,
    )


def of_rating(state: State, rulebook: Rulebook, language: Language) -> list[str]:
    """Return why the rating that holds came out, and what its decision made of it, as lines.

    Before any decision it is the rating proposed; of a review without one, there are no lines.
    """
    rated = state.rating_in_force
    if rated.proposal is None:
        return []
    proposed = rated.proposal.fact
    lines = in_words(explain(rulebook, proposed.facts, proposed.outcome, language), language)
    if rated.decision and rated.decision.fact.level != proposed.outcome.level:
        label = rulebook.level(rated.decision.fact.level).label.of(language)
        lines.append(LEFT_THE_PROPOSAL.of(language).format(level=label))
    if state.pending_reopening:
        lines.append(REOPENED.of(language).format(day=local_day(state.pending_reopening.at)))
    return lines


def in_words(explanation: Explanation, language: Language) -> list[str]:
    """Return an explanation as lines of plain text."""
    words = LEVEL if explanation.has_total else LEVEL_ALONE
    lines = [words.of(language).format(level=explanation.level, total=explanation.total)]
    if grade := explanation.grade:
        lines.append(f"{grade.label}: {grade.text}")
    lines += [_line(ground, language) for ground in explanation.grounds]
    if explanation.needed:
        lines.append(NEXT.of(language).format(level=explanation.next_level))
        lines += [f"- {ground.says}{_seen_text(ground)}" for ground in explanation.needed]
    return lines


def citation_text(citation: str) -> str:
    """Return what people read of a citation: without where its writer found the text.

    >>> citation_text("QĐ 124, Điều 6.1 [S36]; Mẫu 01 [S16, S17–S41]")
    'QĐ 124, Điều 6.1; Mẫu 01'
    """
    return FOUND_IN.sub("", citation)


def _in_the_way(rulebook: Rulebook, clause: Rule | Limit, held: dict[str, bool], rank: int) -> bool:
    """Tell whether a rule or limit stands between the facts and the next better level."""
    if rank == 0:
        return False
    if isinstance(clause, Limit):
        return held[clause.id] and rulebook.rank(clause.at_most) >= rank
    return clause.level == rulebook.levels[rank - 1].id and not held[clause.id]


def _as_demand(ground: Ground, language: Language) -> Ground:
    """Return what is in the way as a condition: what a limit says must hold no more."""
    if not ground.is_limit:
        return ground
    return msgspec.structs.replace(ground, says=LIFTED.of(language).format(says=ground.says))


def _ground(
    rulebook: Rulebook,
    clause: Rule | Limit,
    values: dict[str, Value],
    language: Language,
    *,
    held: bool,
) -> Ground:
    looked_at = conditions.variables(clause.when)
    level = clause.at_most if isinstance(clause, Limit) else clause.level
    return Ground(
        rule=clause.id,
        level=rulebook.level(level).label.of(language),
        is_limit=isinstance(clause, Limit),
        held=held,
        says=clause.says.of(language),
        citation=citation_text(clause.citation),
        seen=tuple(
            Seen(label.of(language), _value_text(rulebook, name, values[name], language))
            for name, label in rulebook.labels().items()
            if name in looked_at
        ),
    )


def _value_text(rulebook: Rulebook, name: str, value: Value, language: Language) -> str:
    """Return a value in words: a degree by its name, a yes or no as such."""
    if isinstance(value, bool):
        return TRUTH[value].of(language)
    degrees = {each.points: each.label for each in rulebook.degrees_of(name)}
    if value in degrees:
        return degrees[value].of(language)
    return TRUTH[bool(value)].of(language) if name in rulebook.truths() else str(value)


def _line(ground: Ground, language: Language) -> str:
    if ground.is_limit:
        words = (CAPPED if ground.held else FREE).of(language)
        mark = MARKS[not ground.held]
    else:
        words = DEMAND
        mark = MARKS[ground.held]
    said = words.format(level=ground.level, says=ground.says)
    return f"{mark} {said} [{ground.citation}]{_seen_text(ground)}"


def _seen_text(ground: Ground) -> str:
    return " — " + ", ".join(f"{each.label}: {each.value}" for each in ground.seen)


def limits_left(rulebook: Rulebook, decided: RatingDecided, language: Language) -> tuple[str, ...]:
    """Return which limits a decision left behind, each with its ground, in an edition's words."""
    named = {(each.limit, each.ground) for each in decided.weighed or ()}
    return tuple(
        f"{limit.says.of(language)}: {ground.says.of(language)} ({citation_text(ground.citation)})"
        for limit in rulebook.limits
        for ground in (limit.discretion.grounds if limit.discretion else ())
        if (limit.id, ground.id) in named
    )
