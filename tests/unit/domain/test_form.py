"""Forms are judged as a whole; what is answered becomes one text and falls into its parts again."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.domain.documents import catalogue, form
from events.domain.documents.document import Language
from events.domain.documents.form import Shows
from events.domain.documents.problems import DocumentInvalid, Problem
from events.store import reference

SHIPPED = {
    name: form.read(reference.shipped_document("form", name))
    for name in reference.shipped_names("form")
}
FORM_2B = SHIPPED["form_2b"]


def wrong(name: str, **changed: Any) -> dict[str, str]:
    document = reference.shipped_document("form", name) | changed
    with pytest.raises(DocumentInvalid) as refused:
        form.read(document)
    return {problem.path: problem.says.en for problem in refused.value.problems}


def fitting(step: str, rulebook: str, group: str, period: str) -> list[str]:
    return [
        name
        for name, each in SHIPPED.items()
        if each.fits(step, rulebook=rulebook, group=group, period=period)
    ]


@pytest.mark.parametrize(
    ("rulebook", "group", "period", "name"),
    [
        ("qd132", "leader", "2021", "form_02"),
        ("qd124", "member", "2024", "form_2a"),
        ("qd124", "leader", "2024", "form_2b"),
        ("qd366", "member", "2025", "form_2a"),
        ("qd366", "leader", "2026", "form_2b"),
        ("qd366", "outside", "2026", "form_2c"),
        ("qd124", "collective", "2024", "form_01"),
        ("qd366", "collective", "2025", "form_01"),
        ("neutral", "", "2026", "neutral"),
        ("neutral", "member", "2026", "neutral"),
    ],
)
def test_everybody_has_one_form_for_the_self_review(
    rulebook: str, group: str, period: str, name: str
) -> None:
    assert fitting("self_critique", rulebook, group, period) == [name]


@pytest.mark.parametrize("rulebook", ["qd132", "qd124", "qd366"])
def test_everybody_has_one_form_for_the_commitment(rulebook: str) -> None:
    assert fitting("commitment", rulebook, "member", "2024") == ["commitment"]


@pytest.mark.parametrize("step", ["commitment", "self_critique"])
@pytest.mark.parametrize(
    ("rulebook", "units"),
    [
        ("qd132", "collective"),
        ("qd124", "collective"),
        ("qd366", "collective"),
        ("neutral", "team"),
    ],
)
def test_units_have_one_form_made_for_them(step: str, rulebook: str, units: str) -> None:
    found = fitting(step, rulebook, units, "2026")

    assert [SHIPPED[name].groups for name in found if SHIPPED[name].groups] == [(units,)]


def test_a_form_is_not_for_years_before_it() -> None:
    assert fitting("self_critique", "neutral", "", "2025") == []


@pytest.mark.parametrize("name", ["form_01", "form_02", "form_2a", "form_2b", "form_2c"])
def test_the_party_forms_have_sections_one_to_seven(name: str) -> None:
    signs = [each.sign.partition(".")[0] for each in SHIPPED[name].sections]

    assert list(dict.fromkeys(signs)) == ["I", "II", "III", "IV", "V", "VI", "VII"]
    assert not SHIPPED[name].verified


@pytest.mark.parametrize(
    "name",
    ["form_01", "form_02", "form_2a", "form_2b", "form_2c", "neutral", "neutral_team"],
)
def test_a_self_review_speaks_to_the_commitment_the_points_and_the_earlier_faults(
    name: str,
) -> None:
    shown = [each.shows for each in SHIPPED[name].sections if each.shows]

    assert set(shown) == set(Shows)


def test_exemplary_conduct_has_four_levels_of_its_own() -> None:
    (section,) = [each for each in FORM_2B.sections if each.id == "exemplary"]

    degrees = [each.label.vi for each in FORM_2B.degrees_of(section)]
    assert degrees == ["Tốt", "Khá", "Trung bình", "Yếu kém"]


def test_the_sheet_has_three_degrees_with_points() -> None:
    sheet = FORM_2B.sheet

    assert sheet
    assert [each.points for each in sheet.degrees] == [0, 1, 2]
    assert sheet.catalogue in reference.shipped_names("catalogue")


def test_a_text_composed_of_answers_names_their_sections() -> None:
    text = FORM_2B.compose({"limitations": "Chậm hai việc.", "measures": "Xong trước 30/6."}, "vi")

    assert text == (
        "II. Hạn chế, khuyết điểm và nguyên nhân\nChậm hai việc.\n\n"
        "VI. Phương hướng, biện pháp và thời gian khắc phục\nXong trước 30/6."
    )


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1).map(
    lambda text: text.strip()
)
ANSWERS = st.dictionaries(st.sampled_from([each.id for each in FORM_2B.sections]), WORDS)


@given(answers=ANSWERS, language=st.sampled_from(["vi", "en"]))
def test_a_composed_text_falls_into_the_same_answers(
    answers: dict[str, str], language: Language
) -> None:
    found = dict(FORM_2B.divide(FORM_2B.compose(answers, language)))

    told = {each.id: answers[each.id] for each in FORM_2B.sections if answers.get(each.id)}
    headings = {each.id: form.heading(each, language) for each in FORM_2B.sections}
    assert found == {headings[name]: words for name, words in told.items()}


def test_a_text_that_was_never_composed_has_no_heading() -> None:
    assert list(FORM_2B.divide("Một đoạn.\n\nHai đoạn.")) == [("", "Một đoạn.\n\nHai đoạn.")]


def _section(**changed: Any) -> dict[str, Any]:
    return {"id": "a", "sign": "I", "label": {"vi": "a", "en": "a"}} | changed


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"citation": " "}, "citation"),
        ({"rulebooks": []}, "rulebooks"),
        ({"first_year": 2026, "last_year": 2025}, "last_year"),
        ({"title": {"vi": "", "en": "a"}}, "title"),
        ({"sections": []}, "sections"),
        ({"sections": [_section(), _section(sign="II")]}, "sections.a"),
        ({"sections": [_section(), _section(id="b")]}, "sections.I"),
        ({"sections": [_section(scale="other")]}, "sections.a.scale"),
        ({"sections": [_section(label={"vi": "a", "en": " "})]}, "sections.a.label"),
        ({"sections": [_section(label={"vi": "a\nb", "en": "a"})]}, "sections.a.label"),
        ({"sections": [_section(id=f"s{n}", sign=f"{n}") for n in range(41)]}, "sections"),
        ({"sections": [_section()]}, "scales.block"),
        ({"step": "commitment"}, "step"),
    ],
)
def test_a_form_is_refused_whole(changed: dict[str, Any], path: str) -> None:
    assert path in wrong("form_2a", **changed)


def test_degrees_are_a_choice_among_few_in_both_languages() -> None:
    one = [{"id": "a", "label": {"vi": "a", "en": ""}}]
    found = wrong("form_2a", scales=[{"id": "block", "degrees": one}])

    assert {"scales.block.degrees", "scales.block.degrees.a.label"} <= found.keys()
    twice = [{"id": "a", "points": 1, "label": {"vi": "a", "en": "b"}}] * 2
    assert "sheet.degrees.a" in wrong("form_2a", sheet={"catalogue": "nq04", "degrees": twice})


NQ04 = catalogue.read(reference.shipped_document("catalogue", "nq04"))


def test_a_sheet_goes_through_a_catalogue_or_some_of_its_groups() -> None:
    assert FORM_2B.sheet
    some = msgspec.structs.replace(FORM_2B.sheet, groups=("morals",))

    assert sum(len(group.items) for group in FORM_2B.sheet.groups_of(NQ04)) == 27
    assert [group.id for group in some.groups_of(NQ04)] == ["morals"]


def test_a_sheet_comes_to_the_points_of_its_degrees() -> None:
    assert FORM_2B.sheet

    assert FORM_2B.sheet.total(["slight", "marked", "none", "slight", "unheard_of"]) == 4


def test_a_sheet_of_no_catalogue_or_of_no_group_does_not_fit() -> None:
    assert FORM_2B.sheet
    sheet = msgspec.structs.replace(FORM_2B.sheet, groups=("morals", "manners"))
    of_manners = msgspec.structs.replace(FORM_2B, sheet=sheet)

    assert [each.path for each in form.misfits(FORM_2B, None)] == ["sheet.catalogue"]
    assert form.misfits(of_manners, NQ04) == (
        Problem("sheet.groups", "no_item_group", catalogue="nq04", group="manners"),
    )
    assert form.misfits(FORM_2B, NQ04) == ()
    assert form.misfits(SHIPPED["commitment"], None) == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_form_fits_the_catalogue_that_it_names(name: str) -> None:
    sheet = SHIPPED[name].sheet
    document = reference.shipped_document("catalogue", sheet.catalogue) if sheet else None

    assert form.misfits(SHIPPED[name], catalogue.read(document) if document else None) == ()
