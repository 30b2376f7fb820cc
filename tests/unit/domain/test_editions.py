"""What holds of every edition that we ship, whatever it says."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.documents.document import LANGUAGES
from events.domain.review import explanation
from events.domain.rulebook import cases, rating
from events.store import reference
from tests.support.editions import EDITIONS, facts_of

RELEASED = {"nd90", "nd335", "kl198_hd02", "neutral"}  # their notes stay in one language

by_edition = pytest.mark.parametrize("name", EDITIONS)


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


OUR_OWN = ("civil_service", "neutral", "officers")  # texts of this project: there is no other


@by_edition
def test_what_was_not_compared_says_so(name: str) -> None:
    rulebook = EDITIONS[name]

    assert rulebook.verified is (rulebook.id in OUR_OWN)
    assert rulebook.note


def notes(part: Any) -> Iterator[Any]:
    """Iterate over every note in a document's plain values."""
    if isinstance(part, dict):
        if "note" in part:
            yield part["note"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from notes(each)


@pytest.mark.parametrize("name", sorted(EDITIONS.keys() - RELEASED))
def test_notes_are_written_in_both_languages(name: str) -> None:
    found = list(notes(reference.shipped_document("rulebook", name)))

    assert found
    assert [each for each in found if set(each) != set(LANGUAGES)] == []


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

    governing = [[r.edition for r in party if r.governs(str(year))] for year in range(2019, 2028)]

    assert governing == [["hd21-2"]] * 4 + [["hd25-2"]] * 2 + [["hd43-4"]] + [["hd02-3"]] * 2
