"""What is filled in on a form is judged by the form, all at once, and made into what is sealed."""

from typing import Any

import pytest

from events.definitions.shapes import TEXT_BYTES_MAX
from events.domain.documents import catalogue, form
from events.store import reference
from services.queries import answers
from services.queries.answers import Answers, AnswersInvalid, Marks, Wrong

FORM_2B = form.read(reference.shipped_document("form", "form_2b"))
NQ04 = catalogue.read(reference.shipped_document("catalogue", "nq04"))
NEEDED = {each.id: f"Về {each.id}." for each in FORM_2B.sections if each.needed}
DEGREES = {each.id: "good" for each in FORM_2B.sections if each.needed and each.scale}


def composed(**given: Any) -> str:
    filled = Answers(**({"sections": NEEDED, "degrees": DEGREES} | given))
    return answers.compose(FORM_2B, NQ04, filled, "vi")


def wrong(**given: Any) -> set[Wrong]:
    with pytest.raises(AnswersInvalid) as refused:
        composed(**given)
    return set(refused.value.wrong)


def test_answers_that_fit_become_one_text_with_its_headings() -> None:
    text = composed(degrees=DEGREES | {"exemplary": "rather_good"}, sheet={"1.5": "slight"})

    assert list(dict(FORM_2B.divide(text)).values()) == list(NEEDED.values())


def test_blanks_around_an_answer_are_not_sealed() -> None:
    text = composed(sections=NEEDED | {"duties": "\n  Xong việc. \n"})

    assert "\nXong việc.\n\n" in text


def test_every_answer_that_does_not_fit_is_told_at_once() -> None:
    sections = NEEDED | {"duties": " \n ", "hobbies": "Câu cá."}
    degrees = DEGREES | {"qualities": "rather_good", "limitations": "good", "hobbies": "good"}
    sheet = {"1.5": "terrible", "4.1": "slight"}

    assert wrong(sections=sections, degrees=degrees, sheet=sheet) == {
        Wrong("sections", "duties", "needed"),
        Wrong("sections", "hobbies", "unknown"),
        Wrong("degrees", "qualities", "no_degree"),
        Wrong("degrees", "limitations", "unknown"),
        Wrong("degrees", "hobbies", "unknown"),
        Wrong("sheet", "1.5", "no_degree"),
        Wrong("sheet", "4.1", "unknown"),
    }


def test_a_section_that_is_needed_wants_its_degree_where_it_has_a_scale() -> None:
    assert wrong(degrees={}) == {Wrong("degrees", each, "needed") for each in DEGREES}


def test_all_sections_together_have_a_limit_that_is_told_at_the_longest() -> None:
    half = "a" * (TEXT_BYTES_MAX // 2)
    sections = NEEDED | {"duties": half, "measures": f"{half}a"}

    assert wrong(sections=sections) == {Wrong("sections", "measures", "too_long")}


def test_a_form_without_a_sheet_takes_none() -> None:
    neutral = form.read(reference.shipped_document("form", "neutral_commitment"))
    filled = Answers(sections={"tasks": "Ba việc."}, sheet={"1.1": "none"})

    with pytest.raises(AnswersInvalid, match=r"sheet\.1\.1: is not on this form"):
        answers.compose(neutral, None, filled, "en")


def test_marks_are_read_as_they_were_sealed_also_the_older_ones_without_degrees() -> None:
    marks = Marks(points={"conduct": 27}, degrees={"duties": "good"}, sheet={"1.5": "none"})
    sealed = answers.in_json(marks)

    assert sealed
    assert answers.read_marks(sealed) == marks
    assert answers.read_marks('{"level":"good","points":{}}') == Marks(points={}, level="good")
    assert answers.read_marks("đã xóa") is None
    assert answers.in_json(Marks()) is None
