"""Catalogues are judged as a whole, and the local example spells out the resolution's items."""

from typing import Any

import pytest

from events.domain.documents import catalogue
from events.domain.documents.problems import DocumentInvalid
from events.store import reference

SHIPPED = {
    name: catalogue.read(reference.shipped_document("catalogue", name))
    for name in reference.shipped_names("catalogue")
}


def wrong(name: str, **changed: Any) -> dict[str, str]:
    document = reference.shipped_document("catalogue", name) | changed
    with pytest.raises(DocumentInvalid) as refused:
        catalogue.read(document)
    return {problem.path: problem.says.en for problem in refused.value.problems}


def test_the_resolution_has_three_groups_of_nine() -> None:
    assert [len(group.items) for group in SHIPPED["nq04"].groups] == [9, 9, 9]
    assert not SHIPPED["nq04"].verified


def test_the_example_has_65_indicators_for_three_groups_of_subjects() -> None:
    example = SHIPPED["local_example"]

    assert [group.id for group in example.groups] == ["collective", "leader", "member"]
    assert len(example.items) == 65
    assert "made by this project" in example.title.en
    assert not example.verified


def test_every_indicator_of_the_example_spells_out_an_item_of_the_resolution() -> None:
    assert catalogue.mapping_problems(SHIPPED["local_example"], SHIPPED["nq04"]) == ()
    assert all(item.maps_to for item in SHIPPED["local_example"].items)


def test_what_maps_to_nothing_is_told() -> None:
    document = reference.shipped_document("catalogue", "local_example")
    document["groups"][0]["items"][0]["maps_to"] = ["4.1"]

    (problem,) = catalogue.mapping_problems(catalogue.read(document), SHIPPED["nq04"])

    assert problem.path == "groups.collective.items.c01.maps_to"
    assert problem.says.en == "nq04 has no item 4.1; correct its id"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_label_is_told_once_in_both_languages(name: str) -> None:
    items = SHIPPED[name].items

    assert len({item.label.vi for item in items}) == len(items)
    assert len({item.label.en for item in items}) == len(items)


def test_a_catalogue_is_refused_whole() -> None:
    groups = reference.shipped_document("catalogue", "neutral")["groups"]
    empty = {**groups[0], "items": []}
    silent = {"id": "9.9", "label": {"vi": " ", "en": "x"}}
    mapped = {"id": "9.8", "label": {"vi": "a", "en": "b"}, "maps_to": ["1.1"]}

    assert "groups.duty" in wrong("neutral", groups=[groups[0], groups[0]])
    assert "items.1.1" in wrong("neutral", groups=[groups[0], groups[0]])
    assert "groups" in wrong("neutral", groups=[empty])
    assert "citation" in wrong("neutral", citation=" ")
    assert "groups.duty.items.9.9.label" in wrong(
        "neutral", groups=[{**groups[0], "items": [silent]}]
    )
    assert "groups.duty.items.9.8.maps_to" in wrong(
        "neutral", groups=[{**groups[0], "items": [mapped]}]
    )
    many = [{"id": f"{n}", "label": {"vi": "a", "en": "b"}} for n in range(501)]
    assert "groups" in wrong("neutral", groups=[{**groups[0], "items": many}])


def test_a_catalogue_that_spells_out_none_that_is_there_is_told_so() -> None:
    (problem,) = catalogue.mapping_problems(SHIPPED["local_example"], None)

    assert problem.path == "spells_out"
