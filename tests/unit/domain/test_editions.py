"""What holds of every edition that we ship, whatever it says."""

from typing import Any

import celpy
import msgspec
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.event import Code
from events.definitions.records import Facts
from events.domain import cases, conditions, explanation, rating, rulebook_validity
from events.domain.rulebook import COUNTED, Rulebook
from events.store import reference

EDITIONS = {
    name: rulebook_validity.read(reference.shipped_document("rulebook", name))
    for name in reference.shipped("rulebook")
}
ENVIRONMENT = celpy.Environment()
SECOND_OPINION = {
    (name, clause.id): ENVIRONMENT.program(ENVIRONMENT.compile(clause.when))
    for name, rulebook in EDITIONS.items()
    for clause in (*rulebook.rules, *rulebook.limits)
}
by_edition = pytest.mark.parametrize("name", EDITIONS)


def groups_of(rulebook: Rulebook) -> list[str]:
    return [each.id for each in rulebook.groups if each.reviewed] or [""]


@st.composite
def facts_of(draw: st.DrawFn, rulebook: Rulebook) -> Facts:
    """Facts that an edition could be told of somebody."""
    group = draw(st.sampled_from(groups_of(rulebook)))
    points = {
        each.id: draw(
            st.sampled_from([degree.points for degree in each.degrees])
            if each.degrees
            else st.integers(0, each.points_max)
        )
        for each in rulebook.criteria_for(group)
    }
    figures: dict[str, int] = {}
    for each in rulebook.figures_for(group):
        most = figures[each.at_most] if isinstance(each.at_most, str) else min(each.at_most, 40)
        figures[each.id] = draw(st.integers(each.at_least, most) | st.just(most))
    counted = {name: draw(st.integers(0, 3) | st.integers(80, 100)) for name in COUNTED}
    return Facts(
        points=points,
        figures=figures,
        disciplined=draw(st.booleans()),
        earlier_faults_open=draw(st.integers(0, 2)),
        group=Code(group) if group else UNSET,
        counted=counted,
    )


@by_edition
@given(data=st.data())
def test_more_points_never_lower_a_level(name: str, data: st.DataObject) -> None:
    rulebook = EDITIONS[name]
    before = data.draw(facts_of(rulebook))
    criterion = data.draw(st.sampled_from(rulebook.criteria_for(before.group or "")))
    more = min(before.points[criterion.id] + 1, criterion.points_max)
    after = msgspec.structs.replace(before, points={**before.points, criterion.id: more})

    assert rank(rulebook, after) <= rank(rulebook, before)


@by_edition
@given(data=st.data())
def test_a_second_cel_implementation_finds_the_same(name: str, data: st.DataObject) -> None:
    rulebook = EDITIONS[name]
    told = data.draw(facts_of(rulebook))
    seen = rating.values_of(told)
    values: Any = {each: json_to_cel(value) for each, value in seen.items()}
    group = told.group or ""

    for clause in (*rulebook.rules_for(group), *rulebook.limits_for(group)):
        second = bool(SECOND_OPINION[name, clause.id].evaluate(values))
        assert second == conditions.holds(clause.id, clause.when, seen)


@by_edition
@given(data=st.data())
def test_every_level_is_explained_in_both_languages(name: str, data: st.DataObject) -> None:
    rulebook = EDITIONS[name]
    told = data.draw(facts_of(rulebook))
    outcome = rating.outcome(rulebook, told)

    vietnamese = explanation.explain(rulebook, told, outcome, "vi")
    english = explanation.explain(rulebook, told, outcome, "en")

    assert [each.rule for each in vietnamese.grounds] == [each.rule for each in english.grounds]
    assert bool(english.needed) is bool(rulebook.rank(outcome.level))
    assert len(explanation.in_words(english, "en")) >= 1 + len(english.grounds)


@by_edition
def test_what_was_not_compared_says_so(name: str) -> None:
    rulebook = EDITIONS[name]

    assert rulebook.verified is (rulebook.id == "neutral")
    assert rulebook.note


@pytest.mark.parametrize("name", ["qd366_hd43", "qd366_hd02"])
def test_exemplary_conduct_is_told_by_its_name_and_weak_conduct_is_no_good_year(name: str) -> None:
    rulebook = EDITIONS[name]
    (case,) = [
        each
        for each in cases.read(reference.shipped_cases(name)).cases
        if each.id == "leader_weak_example"
    ]

    why = explanation.explain(rulebook, case.facts, rating.outcome(rulebook, case.facts), "vi")

    (ground,) = [each for each in why.grounds if each.rule == "weak_example"]
    assert why.level == "Hoàn thành nhiệm vụ"
    assert [(each.label, each.value) for each in ground.seen] == [("Kết quả nêu gương", "Yếu kém")]


def test_the_years_of_the_editions_of_one_issuer_follow_each_other() -> None:
    party = [rulebook for rulebook in EDITIONS.values() if rulebook.id.startswith("qd")]

    governing = [[r.edition for r in party if r.governs(year)] for year in range(2019, 2028)]

    assert governing == [["hd21"]] * 4 + [["hd25"]] * 2 + [["hd43"]] + [["hd02"]] * 2


def rank(rulebook: Rulebook, facts: Facts) -> int:
    return rulebook.rank(rating.outcome(rulebook, facts).level)
