"""However a document is written, it is judged soon, and no more is told than anybody reads."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from events.domain.documents import catalogue, form, problems, working_days
from events.domain.documents.problems import DocumentInvalid, Problem
from events.domain.rulebook import cases, conditions, cut_offs, validity
from events.domain.rulebook.conditions import ConditionFailed
from events.store import reference
from events.store.reference import DIGITS_MAX, PARTS_MAX

MANY = 1_000
SAME = {"vi": "a", "en": "a"}
EMPTY = {"vi": "", "en": ""}

CLAUSE = {"when": "total >= 0", "says": SAME, "citation": "c"}


def nested(depth: int) -> str:
    """Return a condition that goes through a list again for each member of the list around it.

    Seven of them would take minutes.
    """
    inner = "total >= 0"
    for place in range(depth):
        inner = f"[1,2,3,4,5,6,7,8,9].all(x{place}, {inner})"
    return inner


def refused_by(read: Callable[[Any], object], document: object) -> tuple[Problem, ...]:
    with pytest.raises(DocumentInvalid) as refused:
        read(document)
    return refused.value.problems


@pytest.mark.parametrize(
    "condition",
    [
        nested(7),
        nested(7).replace("all", "exists"),
        nested(7).replace("all", "exists_one"),
        nested(7).replace("all", "filter"),
        nested(7).replace("all", "map"),
        "[total].map(x, [x, x]).map(y, [y, y]).size() > 0",
        "'a'.matches('(a{99}){99}')",
        "size(string(total)) > 0",
        "[total][0] > 0",
        "total / 2 > 0",
        "total % 2 > 0",
        "total > 1e300",
        "(" * 200,
        "total > " + "9" * 300,
    ],
)
def test_a_condition_with_something_else_than_is_allowed_is_never_run(condition: str) -> None:
    document = reference.shipped_document("rulebook", "neutral")
    document["limits"][0]["when"] = condition

    told = refused_by(validity.read, document)

    assert {each.path for each in told} == {"limits.discipline.when"}
    assert {each.code for each in told} <= {"other_literal", "operation", "no_cel"}
    with pytest.raises(ConditionFailed, match="the condition of discipline cannot be evaluated"):
        conditions.holds("discipline", condition, {"total": 1})
    with pytest.raises(ConditionFailed):
        conditions.variables(condition)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [1]\nb: *a", "yaml_reference"),
        ("[" * MANY, "yaml_depth"),
        ("- " * MANY, "yaml_depth"),
        ("".join(f"k{n}: 1\n" for n in range(PARTS_MAX)), "yaml_parts"),
        (f"a: {'9' * (DIGITS_MAX + 1)}", "yaml_digits"),
        (f"a: -{'9' * MANY * 5}", "yaml_digits"),
        ("a: !!int x", "yaml_value"),
        ("a: !!int ''", "yaml_value"),
        ("a: !!bool x", "yaml_value"),
        ("!!bool x: 1", "yaml_value"),
        (f"a: !!int {'1:' * MANY}1", "yaml_value"),
        ("a: !!binary YQ==", "yaml_value"),
        ("a: !!python/name:os.system x", "yaml_value"),
        ("a: ! x", "yaml_value"),
        ("a: ~", "yaml_value"),
        ("a: 1.5", "yaml_value"),
    ],
)
def test_what_a_text_may_not_hold_is_told_where_it_stands(text: str, code: str) -> None:
    (problem,) = refused_by(reference.plain_values, text)

    assert problem.code == code
    assert reference.line_of(text, problem.path)


@pytest.mark.parametrize("number", [10**DIGITS_MAX - 1, 1 - 10**DIGITS_MAX, 0])
def test_whole_numbers_of_so_many_digits_are_read(number: int) -> None:
    assert reference.plain_values(f"a: {number}") == {"a": number}


def with_many(kind: str, name: str, place: str, part: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = reference.shipped_document(kind, name)
    document[place] = [{**copy.deepcopy(part), "id": f"x{n}"} for n in range(MANY)]
    return document


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("levels", {"label": SAME}),
        ("criteria", {"label": SAME, "points_max": 1}),
        ("figures", {"label": SAME}),
        ("rules", {**CLAUSE, "level": "good"}),
        ("limits", {**CLAUSE, "at_most": "good"}),
        ("groups", {"label": SAME}),
    ],
)
def test_a_rulebook_of_too_many_parts_is_refused_untried(place: str, part: dict[str, Any]) -> None:
    (problem,) = refused_by(validity.read, with_many("rulebook", "neutral", place, part))

    assert (problem.path, problem.code) == (place, "too_many_parts")


def test_a_mark_of_too_many_degrees_is_refused() -> None:
    document = reference.shipped_document("rulebook", "neutral")
    degrees = [{"points": n, "label": SAME} for n in range(MANY)]
    document["criteria"][0]["degrees"] = document["figures"][0]["degrees"] = degrees

    told = refused_by(validity.read, document)

    assert {each.path for each in told} == {"criteria[0].degrees", "figures[0].degrees"}


def of_rulebook() -> tuple[Problem, ...]:
    document = reference.shipped_document("rulebook", "neutral")
    document["plan"]["required_at"] = [f"x{n}" for n in range(MANY)]
    return refused_by(validity.read, document)


def of_calendar() -> tuple[Problem, ...]:
    document = reference.shipped_document("calendar", "viet_nam")
    document["holidays"] = [{"date": "1990-01-01", "name": SAME}] * MANY
    return refused_by(working_days.read, document)


def of_catalogue() -> tuple[Problem, ...]:
    part = {"label": EMPTY, "items": []}
    return refused_by(catalogue.read, with_many("catalogue", first_of("catalogue"), "groups", part))


def of_form() -> tuple[Problem, ...]:
    part = {"label": EMPTY, "sign": "1"}
    return refused_by(form.read, with_many("form", first_of("form"), "sections", part))


def of_cases() -> tuple[Problem, ...]:
    found = reference.shipped_cases("neutral")
    found["cases"] = [{**found["cases"][0], "id": "same"} for _ in range(MANY // 2)]
    rulebook = validity.read(reference.shipped_document("rulebook", "neutral"))
    return cases.try_out(rulebook, cases.read(found))


def of_shape() -> tuple[Problem, ...]:
    unknown = {f"k{n}": 1 for n in range(MANY)}
    return refused_by(validity.read, reference.shipped_document("rulebook", "neutral") | unknown)


def first_of(kind: str) -> str:
    return reference.shipped_names(kind)[0]


@pytest.mark.parametrize(
    "tell", [of_rulebook, of_calendar, of_catalogue, of_form, of_cases, of_shape]
)
def test_no_more_problems_are_told_than_anybody_reads(
    tell: Callable[[], tuple[Problem, ...]],
) -> None:
    assert len(tell()) == problems.PROBLEMS_MAX


def test_no_more_of_a_document_is_told_in_a_problem_than_anybody_reads() -> None:
    long = "k" * problems.TOLD_CHARACTERS_MAX * 10

    (problem,) = refused_by(
        validity.read, reference.shipped_document("rulebook", "neutral") | {long: 1}
    )

    assert problem.code == "unknown_field"
    assert len(problem.path) == problems.TOLD_CHARACTERS_MAX + 1
    assert len(problem.says.en) < 2 * problems.TOLD_CHARACTERS_MAX


def test_totals_are_tried_within_one_bound_for_all_groups() -> None:
    document = reference.shipped_document("rulebook", "neutral")
    document["criteria"][0]["points_max"] = cut_offs.TRIES_MAX // 10
    document["groups"] = [{"id": f"g{n}", "label": SAME, "posts": [f"p{n}"]} for n in range(19)]
    document["groups"].append({"id": "everybody_else", "label": SAME})

    told = refused_by(validity.read, document)

    assert [each.code for each in told] == ["too_many_totals"]


def test_cases_are_tried_within_one_bound_for_all_conditions() -> None:
    document = reference.shipped_document("rulebook", "neutral")
    limit = document["limits"][0]
    document["limits"] += [{**limit, "id": f"x{n}"} for n in range(90)]
    rulebook, found = validity.read(document), reference.shipped_cases("neutral")
    found["cases"] = [{**found["cases"][0], "id": f"x{n}"} for n in range(MANY)]

    (problem,) = cases.try_out(rulebook, cases.read(found))

    clauses = len(rulebook.rules) + len(rulebook.limits)
    assert problem == Problem("cases", "too_many_cases", most=cases.TRIES_MAX // clauses)
