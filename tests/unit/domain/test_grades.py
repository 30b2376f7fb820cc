"""Criteria have weights, and a grade is what their total comes to, as an exact fraction."""

from fractions import Fraction
from typing import Any

import pytest

from events.definitions.records import Facts
from events.domain.documents.conversion import convert
from events.domain.review import explanation
from events.domain.rulebook import rating, validity
from events.domain.rulebook.rulebook import Rulebook
from events.store import reference

NEUTRAL: dict[str, Any] = reference.shipped_document("rulebook", "neutral")
CRITERIA = [
    {"id": "duty", "label": {"vi": "Nhiệm vụ", "en": "Duty"}, "points_max": 10, "weight": 3},
    {"id": "conduct", "label": {"vi": "Tác phong", "en": "Conduct"}, "points_max": 10},
]
GRADE = {
    "label": {"vi": "Điểm quy đổi", "en": "Grade"},
    "least": 1,
    "most": 10,
    "citation": "Điều 4.2",
}
LEAST = {"excellent": 36, "good": 28, "fair": 20}  # of 40 points, weighted
RULES = [
    {
        "id": f"{level}_points",
        "level": level,
        "when": f"total >= {least}",
        "says": {"vi": f"từ {least} điểm", "en": f"{least} points or more"},
        "citation": "Điều 4.1",
    }
    for level, least in LEAST.items()
]


def document(**changed: Any) -> dict[str, Any]:
    own = {"criteria": CRITERIA, "figures": [], "rules": RULES, "limits": [], "grade": GRADE}
    return {name: each for name, each in (NEUTRAL | own | changed).items() if each is not None}


def wrong(**changed: Any) -> set[tuple[str, str]]:
    found = validity.validate(convert(document(**changed), Rulebook))
    return {(each.path, each.code) for each in found}


GRADED = validity.read(document())


def facts(duty: int, conduct: int) -> Facts:
    points = {"duty": duty, "conduct": conduct}
    return Facts(points=points, figures={}, disciplined=False, earlier_faults_open=0)


def explained(told: Facts, rulebook: Rulebook = GRADED, language: Any = "en") -> Any:
    return explanation.explain(rulebook, told, rating.outcome(rulebook, told), language)


# The total


@pytest.mark.parametrize(
    ("duty", "conduct", "total", "level"),
    [
        (10, 10, 40, "excellent"),
        (9, 9, 36, "excellent"),
        (9, 8, 35, "good"),  # 17 of 20 points: by their weights 35 of 40
        (8, 10, 34, "good"),  # 18 of 20, and less
        (0, 10, 10, "poor"),
    ],
)
def test_points_count_in_the_total_by_their_weights(
    duty: int, conduct: int, total: int, level: str
) -> None:
    outcome = rating.outcome(GRADED, facts(duty, conduct))

    assert (outcome.total, outcome.level) == (total, level)


def test_without_weights_the_total_is_the_sum_as_before() -> None:
    even = [{name: each for name, each in e.items() if name != "weight"} for e in CRITERIA]
    rules = [RULES[0] | {"when": "total >= 18"}, *RULES[1:]]
    halved = [each | {"when": f"total >= {n}"} for each, n in zip(rules, (18, 14, 10), strict=True)]
    rulebook = validity.read(document(criteria=even, rules=halved))

    assert rating.outcome(rulebook, facts(9, 9)).total == 18


def test_a_cut_off_is_tried_by_the_weighted_total() -> None:
    beyond = [RULES[0] | {"when": "total >= 41"}, *RULES[1:]]

    assert wrong(rules=beyond) == {("rules.excellent_points.when", "overlap")}


# The grade


@pytest.mark.parametrize(
    ("duty", "conduct", "grade"),
    [
        (0, 0, Fraction(1)),
        (10, 10, Fraction(10)),
        (9, 8, Fraction(71, 8)),
        (5, 5, Fraction(11, 2)),
        (1, 0, Fraction(67, 40)),
    ],
)
def test_a_grade_lies_between_least_and_most_as_the_total_does(
    duty: int, conduct: int, grade: Fraction
) -> None:
    total = rating.outcome(GRADED, facts(duty, conduct)).total

    assert GRADED.grade_of(total, "") == grade


def test_a_grade_is_told_to_the_hundredth_and_exactly_where_that_is_rounded() -> None:
    whole, rounded = explained(facts(5, 5)).grade, explained(facts(9, 8)).grade

    assert (whole.label, whole.text) == ("Grade", "5.50")
    assert (rounded.text, rounded.numerator, rounded.denominator) == ("8.88 (71/8)", 71, 8)
    assert explained(facts(5, 5), language="vi").grade.text == "5,50"
    assert "Grade: 8.88 (71/8)" in explanation.in_words(explained(facts(9, 8)), "en")


def test_an_edition_without_a_grade_tells_none() -> None:
    plain = validity.read(document(grade=None))

    assert plain.grade_of(40, "") is None
    assert explained(facts(9, 9), plain).grade is None


# What is wrong with one


def test_a_grade_goes_up_comes_of_a_total_and_of_some_criterion() -> None:
    degrees = [
        {"points": 10, "label": {"vi": "Đạt", "en": "Met"}},
        {"points": 0, "label": {"vi": "Chưa đạt", "en": "Not met"}},
    ]
    marked = [CRITERIA[0], CRITERIA[1] | {"degrees": degrees}]

    assert wrong() == set()
    assert wrong(grade=GRADE | {"most": 1}) == {("grade.most", "grade_backwards")}
    assert ("grade", "grade_without_total") in wrong(criteria=marked)
    assert ("grade", "grade_of_nothing") in wrong(criteria=[], rules=[])
    assert ("grade.citation", "no_citation") in wrong(grade=GRADE | {"citation": " "})
