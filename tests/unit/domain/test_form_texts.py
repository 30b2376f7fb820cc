"""A self-review is one text; by the headings of its form it falls into sections again."""

from events.domain.documents import form
from events.store import reference

FORM_2B = form.read(reference.shipped_document("form", "form_2b"))


def test_a_text_falls_into_sections_and_what_stands_above_them_has_no_heading() -> None:
    answers = {"limitations": "Chậm hai việc.\n\nThiếu kiểm tra.", "measures": "Xong trước 30/6."}

    found = list(FORM_2B.divide(f"Kính gửi chi bộ.\n\n{FORM_2B.compose(answers, 'vi')}"))

    assert found == [
        ("", "Kính gửi chi bộ."),
        (
            "II. Hạn chế, khuyết điểm và nguyên nhân",
            "Chậm hai việc.\n\nThiếu kiểm tra.",
        ),
        ("VI. Phương hướng, biện pháp và thời gian khắc phục", "Xong trước 30/6."),
    ]


def test_a_heading_over_no_words_is_kept_and_nothing_is_made_of_an_empty_text() -> None:
    (first, *_) = FORM_2B.sections
    title = form.heading(first, "vi")

    assert list(FORM_2B.divide(title)) == [(title, "")]
    assert list(FORM_2B.divide("")) == []
