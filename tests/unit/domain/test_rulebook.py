"""A rulebook is refused whole, with every error told at its place."""

import copy
from collections.abc import Callable, Sequence
from datetime import date
from importlib.util import find_spec
from typing import Any

import msgspec
import pytest

from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook import conditions, validity
from events.domain.rulebook.conditions import ConditionFailed
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import IN_EDITIONS, Step, Turn
from events.identifiers import UnitId
from events.store import reference

NEUTRAL = reference.shipped_document("rulebook", "neutral")
RULEBOOK = validity.read(NEUTRAL)

DEGREES = [{"points": points, "label": {"vi": "a", "en": "a"}} for points in (2, 1)]
CELL, COMMITTEE, COMMUNE = UnitId("cell"), UnitId("committee"), UnitId("commune")


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(NEUTRAL)
    change(document)
    return document


def problems(change: Callable[[dict[str, Any]], object]) -> dict[str, str]:
    rulebook = msgspec.convert(changed(change), Rulebook)
    found: dict[str, str] = {}
    for each in validity.validate(rulebook):
        found[each.path] = f"{found.get(each.path, '')} {each.says.en}"
    return found


def test_the_shipped_rulebook_is_sound() -> None:
    assert validity.validate(RULEBOOK) == ()
    assert [level.id for level in RULEBOOK.levels] == ["excellent", "good", "fair", "poor"]
    assert sum(criterion.points_max for criterion in RULEBOOK.criteria) == 100
    assert set(IN_EDITIONS) - set(RULEBOOK.steps) == {
        Step.SUGGESTION_ANSWER,
        Step.MEETING,
        Step.APPRAISAL,
    }


def test_a_step_is_due_by_a_day_of_the_year_or_some_days_after_its_cause() -> None:
    assert RULEBOOK.steps["self_critique"].day_in(2026) == date(2026, 12, 5)
    assert RULEBOOK.steps["self_critique"].who is Turn.MEMBER
    assert RULEBOOK.steps["announcement"].working_days == 5


def test_a_step_may_be_due_in_the_year_after() -> None:
    document = changed(lambda d: d["steps"]["decision"].update(by="01-15", year_after=True))

    rulebook = validity.read(document)

    assert rulebook.steps["decision"].day_in(2026) == date(2027, 1, 15)


def test_rungs_lead_from_the_unit_over_its_parent_to_the_authority() -> None:
    path = (CELL, COMMITTEE, COMMUNE)

    assert [rung.unit_in(path) for rung in RULEBOOK.rungs] == [CELL, COMMITTEE, COMMUNE]


def test_rungs_end_with_the_authority_where_the_way_is_short() -> None:
    assert [rung.unit_in((CELL, COMMUNE)) for rung in RULEBOOK.rungs] == [CELL, COMMUNE, COMMUNE]
    assert [rung.unit_in((CELL,)) for rung in RULEBOOK.rungs] == [CELL, CELL, CELL]


def test_levels_are_found_by_their_id_and_ranked_from_the_best() -> None:
    assert RULEBOOK.level("fair").label.of("vi") == "Đạt"
    assert RULEBOOK.rank("excellent") == 0
    assert RULEBOOK.rank("poor") == 3


def test_a_misspelt_field_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentInvalid) as refused:
        validity.read(changed(lambda d: d["rules"][0].update(citatoin="Điều 1")))

    (problem,) = refused.value.problems
    assert problem.path == "rules[0].citatoin"
    assert "citatoin" in problem.says.en


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("total >=", "is no CEL"),
        ("totl >= 90", "looks at totl"),
        ("total + 1", "neither true nor false"),
        ("total / 2 >= 45", "uses _/_"),
        ("total >= 90.0", "a decimal"),
        ("total >= 90u", "a decimal"),
        ("string(total) == '90'", "holds a text"),
        ("[1].exists(total, total > 0)", "holds a text"),
        ("disciplined >= 1", "cannot be evaluated"),
        ("total * 9223372036854775807 > 0", "cannot be evaluated"),
    ],
)
def test_a_condition_that_could_go_wrong_is_refused(when: str, says: str) -> None:
    found = problems(lambda d: d["rules"][0].update(when=when))

    assert says in found["rules.excellent_points.when"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["levels"].append(d["levels"][0]), "levels.excellent"),
        (lambda d: d.update(levels=d["levels"][:1]), "levels"),
        (lambda d: d["rules"][0].update(level="superb"), "rules.excellent_points.level"),
        (lambda d: d["rules"][0].update(level="poor"), "levels.poor"),
        (lambda d: d["limits"][0].update(at_most="superb"), "limits.discipline.at_most"),
        (lambda d: d.update(rules=d["rules"][:6]), "levels.fair"),
        (
            lambda d: d["rules"][1].update(id="excellent_points"),
            "rules and limits.excellent_points",
        ),
        (lambda d: d["criteria"][0].update(id="total"), "criteria and figures.total"),
        (lambda d: d["criteria"][0].update(id="in"), "criteria and figures.in"),
        (lambda d: d["figures"][0].update(at_most="tasks_beyond"), "figures.tasks_total.at_most"),
        (lambda d: d["figures"][0].update(at_least=5, at_most=4), "figures.tasks_total.at_most"),
        (lambda d: d["figures"][0].update(degrees=DEGREES), "figures.tasks_total.degrees"),
        (
            lambda d: d["figures"][1].update(degrees=DEGREES, at_most="tasks_total"),
            "figures.tasks_on_time.degrees",
        ),
        (lambda d: d["limits"][0].update(when="later"), "limits.discipline.when"),
        (lambda d: d["steps"].pop("plan"), "steps.plan"),
        (lambda d: d["steps"].update(party=d["steps"]["plan"]), "steps.party"),
        (lambda d: d["steps"]["plan"].update(by="12-01"), "steps.plan"),
        (lambda d: d["steps"]["plan"].pop("working_days"), "steps.plan"),
        (lambda d: d["steps"]["plan"].update(year_after=True), "steps.plan"),
        (lambda d: d["steps"]["decision"].update(by="02-29"), "steps.decision.by"),
        (lambda d: d.update(rungs=[]), "rungs"),
        (lambda d: d.update(offices=[]), "offices"),
        (lambda d: d["plan"].update(required_at=["awful"]), "plan.required_at"),
        (lambda d: d.update(citation=" "), "citation"),
        (lambda d: d["rules"][0].update(citation=""), "rules.excellent_points.citation"),
        (lambda d: d["limits"][0].update(citation=""), "limits.discipline.citation"),
        (lambda d: d["steps"]["plan"].update(citation=""), "steps.plan.citation"),
    ],
)
def test_a_rulebook_that_contradicts_itself_is_refused(
    change: Callable[[dict[str, Any]], object], path: str
) -> None:
    assert path in problems(change)


def test_all_errors_are_told_at_once() -> None:
    def change(document: dict[str, Any]) -> None:
        document["rungs"] = []
        document["rules"][0]["when"] = "totl > 1"
        document["rules"][1]["citation"] = ""

    with pytest.raises(DocumentInvalid) as refused:
        validity.read(changed(change))

    paths = {problem.path for problem in refused.value.problems}
    assert paths == {"rungs", "rules.excellent_points.when", "rules.excellent_on_time.citation"}
    assert "rungs: is empty" in str(refused.value)


def test_a_condition_that_is_none_is_told_from_where_on() -> None:
    found = problems(lambda d: d["rules"][0].update(when="total ++ 90"))

    says = found["rules.excellent_points.when"].strip()
    assert says == "is no CEL; look at it from character 8 on (“extraneous input '+'”)"


@pytest.mark.parametrize(
    ("condition", "why"),
    [("total * 9223372036854775807 * 9 > 1", "overflow"), ("total", "neither"), ("x > 1", "x")],
)
def test_a_condition_without_an_answer_names_its_rule(condition: str, why: str) -> None:
    with pytest.raises(ConditionFailed, match=f"the condition of r1 .*{why}") as failed:
        conditions.holds("r1", condition, {"total": 1})

    assert failed.value.rule == "r1"


def test_cel_is_the_same_alone_and_with_the_package_around_it() -> None:
    """However the package is laid out some day: then it takes longer to load."""
    found = [conditions.cel_in(folders) for folders in (find_package("cel"), ())]

    assert [each.compile("1 < 2").execute({}) for each in found] == [True, True]


def find_package(name: str) -> Sequence[str]:
    spec = find_spec(name)
    assert spec is not None
    return spec.submodule_search_locations or ()
