"""What somebody filled in on a form: judged by the form, and made into what is sealed.

Pages and HTTP hand in the same and hear the same no. Words become one text with a heading over each
part; degrees and sheet go into the marks, from which no rating is computed.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from events.definitions.shapes import TEXT_BYTES_MAX
from events.domain.documents.catalogue import Catalogue
from events.domain.documents.document import Language
from events.domain.documents.form import Form
from events.errors import TusoiError

PartName = Literal["sections", "degrees", "sheet"]
Why = Literal["needed", "unknown", "no_degree", "too_long"]

SAYS: Mapping[Why, str] = {
    "needed": "is needed: fill it in",
    "unknown": "is not on this form: leave it out",
    "no_degree": "is none of its degrees",
    "too_long": f"all sections together take more than {TEXT_BYTES_MAX} bytes: shorten this one",
}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the fields of a form, by section and by item of the sheet."""

    sections: Mapping[str, str]
    degrees: Mapping[str, str] = {}  # of sections
    sheet: Mapping[str, str] = {}  # degrees of items


class Marks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody gave themselves, as the JSON that is sealed holds it."""

    points: Mapping[str, int] = {}  # by criterion
    level: str = ""
    degrees: Mapping[str, str] = {}
    sheet: Mapping[str, str] = {}


class Wrong(NamedTuple):
    """One answer that does not fit the form."""

    part: PartName
    id: str
    why: Why


class AnswersInvalid(TusoiError):
    """Answers that do not fit their form: all of them, so that one correction is enough."""

    code = "answers_invalid"

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        self.wrong = wrong
        super().__init__("; ".join(f"{part}.{of}: {SAYS[why]}" for part, of, why in wrong))


def compose(form: Form, catalogue: Catalogue | None, answers: Answers, language: Language) -> str:
    """Return the words of a form as the one text that is sealed.

    Raises:
        AnswersInvalid: with everything that does not fit the form and its catalogue.
    """
    if wrong := (*_wrong_sections(form, answers), *_wrong_sheet(form, catalogue, answers)):
        raise AnswersInvalid(wrong)
    sections = {name: words.strip() for name, words in answers.sections.items()}
    text = form.compose(sections, language)
    if len(text.encode()) > TEXT_BYTES_MAX:
        longest = max(sections, key=lambda each: len(sections[each].encode()))
        raise AnswersInvalid((Wrong("sections", longest, "too_long"),))
    return text


def in_json(marks: Marks) -> str | None:
    """Return marks as the JSON that is sealed; None where there are none."""
    if marks == Marks():
        return None
    return msgspec.json.encode(marks, order="sorted").decode()


def read_marks(text: str) -> Marks | None:
    """Return the marks that a JSON text holds; None of any other text, such as erased one."""
    try:
        return msgspec.json.decode(text.encode(), type=Marks)  # Markup is no plain str
    except msgspec.MsgspecError:
        return None


def _wrong_sections(form: Form, answers: Answers) -> Iterator[Wrong]:
    known = {each.id: each for each in form.sections}
    for each in form.sections:
        if each.needed and not answers.sections.get(each.id, "").strip():
            yield Wrong("sections", each.id, "needed")
        if each.needed and form.degrees_of(each) and each.id not in answers.degrees:
            yield Wrong("degrees", each.id, "needed")
    for name in answers.sections:
        if name not in known:
            yield Wrong("sections", name, "unknown")
    for name, degree in answers.degrees.items():
        degrees = form.degrees_of(known[name]) if name in known else ()
        if not degrees:
            yield Wrong("degrees", name, "unknown")
        elif degree not in {each.id for each in degrees}:
            yield Wrong("degrees", name, "no_degree")


def _wrong_sheet(form: Form, catalogue: Catalogue | None, answers: Answers) -> Iterator[Wrong]:
    groups = form.sheet.groups_of(catalogue) if form.sheet and catalogue else ()
    items = {item.id for group in groups for item in group.items}
    degrees = {each.id for each in form.sheet.degrees} if form.sheet else set()
    for item, degree in answers.sheet.items():
        if item not in items:
            yield Wrong("sheet", item, "unknown")
        elif degree not in degrees:
            yield Wrong("sheet", item, "no_degree")
