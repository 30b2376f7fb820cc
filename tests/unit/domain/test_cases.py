"""Editions are tried against cases worked by hand."""

import itertools
import re

import msgspec
import pytest

from events.domain.documents.problems import DocumentInvalid, Problem
from events.domain.rulebook import cases, rating
from events.domain.rulebook.cases import Cases
from events.domain.rulebook.rulebook import Rulebook
from events.store import reference
from tests.support.cases import every_case
from tests.support.editions import EDITIONS, groups_of

CASES_LEAST = {
    "civil_service": 12,
    "kl198_hd02": 10,
    "nd335": 10,
    "nd90": 10,
    "neutral": 25,
    "neutral_3": 25,
    "officers": 12,
    "qd124_hd25": 10,
    "qd132_hd21": 10,
    "qd366_hd02": 25,
    "qd366_hd43": 25,
}


@pytest.fixture
def neutral() -> Rulebook:
    return EDITIONS["neutral"]


@pytest.fixture
def shipped() -> Cases:
    return cases.read(reference.shipped_cases("neutral"))


def test_every_rulebook_that_we_ship_has_its_cases() -> None:
    assert reference.shipped_names("rulebook") == sorted(CASES_LEAST)


@pytest.mark.parametrize("name", CASES_LEAST)
def test_a_shipped_case_comes_to_the_level_worked_by_hand(name: str) -> None:
    with every_case() as case:
        for worked in cases.read(reference.shipped_cases(name)).cases:
            with case(worked.id):
                assert rating.outcome(EDITIONS[name], worked.facts).level == worked.level


@pytest.mark.parametrize("name", CASES_LEAST)
def test_every_rule_of_an_edition_holds_in_a_case_and_fails_in_another(name: str) -> None:
    rulebook, found = EDITIONS[name], cases.read(reference.shipped_cases(name))

    assert cases.try_out(rulebook, found) == ()
    assert len(found.cases) >= CASES_LEAST[name]


@pytest.mark.parametrize("name", CASES_LEAST)
def test_every_group_of_an_edition_reaches_every_level_in_a_case(name: str) -> None:
    rulebook, found = EDITIONS[name], cases.read(reference.shipped_cases(name))

    reached = {(case.group or "", case.level) for case in found.cases}

    levels = [level.id for level in rulebook.levels]
    assert reached == set(itertools.product(groups_of(rulebook), levels))


@pytest.mark.parametrize("name", CASES_LEAST)
def test_a_cited_case_names_the_text_that_decides_it_and_an_assumed_one_says_why(
    name: str,
) -> None:
    found = cases.read(reference.shipped_cases(name))
    text = r"Điều \d" if EDITIONS[name].verified else r"\[S\d"  # ours, or a source found

    assert all(case.source.strip() for case in found.cases)
    cited = [case for case in found.cases if case.basis == "cited"]
    assert [case.id for case in cited if not re.search(text, case.source)] == []


def test_a_case_that_comes_to_another_level_is_told(neutral: Rulebook, shipped: Cases) -> None:
    wrong = msgspec.structs.replace(shipped.cases[0], level="poor")
    changed = msgspec.structs.replace(shipped, cases=(wrong, *shipped.cases[1:]))

    (problem,) = cases.try_out(neutral, changed)

    assert problem == Problem(
        "cases.top_of_all.level", "other_level", level="poor", found="excellent"
    )


def test_a_condition_that_no_case_makes_false_is_told(neutral: Rulebook, shipped: Cases) -> None:
    kept = tuple(case for case in shipped.cases if case.earlier_faults_open == 0)

    (problem,) = cases.try_out(neutral, msgspec.structs.replace(shipped, cases=kept))

    assert problem == Problem("rules.excellent_faults.when", "never_false")


def test_a_condition_that_no_case_makes_true_is_told(neutral: Rulebook, shipped: Cases) -> None:
    kept = tuple(case for case in shipped.cases if not case.disciplined)

    (problem,) = cases.try_out(neutral, msgspec.structs.replace(shipped, cases=kept))

    assert problem == Problem("limits.discipline.when", "never_true")


def test_rules_for_leaders_are_tried_by_cases_of_leaders() -> None:
    found = cases.read(reference.shipped_cases("qd366_hd43"))
    kept = tuple(case for case in found.cases if case.group != "leader")

    problems = cases.try_out(EDITIONS["qd366_hd43"], msgspec.structs.replace(found, cases=kept))

    assert [each.code for each in problems] == ["never_true", "never_false"] * 10
    assert {each.path.split(".")[1] for each in problems} == {
        "excellent_units_done",
        "excellent_units_beyond",
        "head_of_good_unit",
        "head_of_fair_unit",
        "head_of_poor_unit",
        "units_below_seventy",
        "basic_targets",
        "half_of_units_failed",
        "low_confidence",
        "weak_example",
    }


def test_a_case_that_is_no_case_of_the_rulebook_is_told(neutral: Rulebook, shipped: Cases) -> None:
    beyond = msgspec.structs.replace(shipped.cases[0], points={"conduct": 31, "results": 70})
    changed = msgspec.structs.replace(shipped, cases=(beyond, *shipped.cases[1:]))

    problems = cases.try_out(neutral, changed)

    assert problems[0] == Problem(
        "cases.top_of_all.points.conduct", "facts_beyond", name="conduct", least=0, most=30
    )


def test_a_condition_that_a_case_comes_to_no_answer_at_is_told(
    neutral: Rulebook, shipped: Cases
) -> None:
    endless = msgspec.structs.replace(neutral.limits[0], when="total * 9223372036854775807 > 0")
    changed = msgspec.structs.replace(neutral, limits=(endless, *neutral.limits[1:]))

    problem, *_ = cases.try_out(changed, shipped)

    assert (problem.path, problem.code) == ("cases.top_of_all", "condition_fails_here")
    assert "the condition of discipline cannot be evaluated" in problem.says.en


def test_cases_of_another_edition_are_told(neutral: Rulebook, shipped: Cases) -> None:
    other = msgspec.structs.replace(shipped, edition="2")

    assert cases.try_out(neutral, other)[0] == Problem(
        "cases", "cases_of_another", theirs="neutral 2", ours="neutral 1"
    )


def test_cases_that_are_none_are_refused() -> None:
    with pytest.raises(DocumentInvalid, match="basis"):
        cases.read(reference.shipped_cases("neutral") | {"cases": [{"id": "a", "basis": "guess"}]})


def test_a_problem_is_found_in_its_line() -> None:
    text = "kind: rulebook\nrules:\n  - id: first\n    when: total >\nlevels: [good]\n"

    assert reference.line_of(text, "rules.first.when") == 4
    assert reference.line_of(text, "rules[0].when") == 4
    assert reference.line_of(text, "rules.first.nothing") == 3
    assert reference.line_of(text, "nowhere") is None


def test_more_cases_than_anybody_reads_are_told(neutral: Rulebook, shipped: Cases) -> None:
    many = [
        msgspec.structs.replace(shipped.cases[0], id=f"case_{n}")
        for n in range(cases.CASES_MAX + 1)
    ]

    problem, *_ = cases.try_out(neutral, msgspec.structs.replace(shipped, cases=tuple(many)))

    assert problem == Problem("cases", "too_many_cases", most=cases.CASES_MAX)
