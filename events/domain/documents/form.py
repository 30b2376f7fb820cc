"""A form: the questions that somebody answers in writing, section by section, as a document.

What is answered becomes one text with a heading over each part, so that it is read, proven and
erased like any other words. No rating is computed from a form: marks in it are somebody's own.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import Annotated, Any

import msgspec

from events.domain.documents.catalogue import Catalogue, ItemGroup
from events.domain.documents.conversion import convert
from events.domain.documents.document import Bilingual, Document, Language, Name, Named, Part, Year
from events.domain.documents.periods import year_of
from events.domain.documents.problems import (
    DocumentInvalid,
    Problem,
    first_problems,
    repetitions,
)

SECTIONS_MAX = 40
DEGREES_MAX = 10
DEGREES_LEAST = 2  # or there is nothing to choose
SIGN_CHARACTERS_MAX = 10

Sign = Annotated[str, msgspec.Meta(min_length=1, max_length=SIGN_CHARACTERS_MAX)]


class FormStep(StrEnum):
    """What is written on a form."""

    COMMITMENT = "commitment"
    SELF_CRITIQUE = "self_critique"


class Shows(StrEnum):
    """What the writer sees beside a section, because they are to speak to it."""

    COMMITMENT = "commitment"  # theirs of the year
    POINTS = "points"  # suggested to them, with what they answered
    FAULTS = "faults"  # the plan of the year before


class Scale(Part, frozen=True, kw_only=True):
    """Degrees in which somebody marks themselves, best first."""

    id: Name
    degrees: tuple[Named, ...]


class Section(Named, frozen=True, kw_only=True):
    """One part of what is written."""

    sign: Sign  # "I.1"
    hint: Bilingual | None = None
    scale: Name | None = None  # in which it is marked as well
    shows: Shows | None = None
    needed: bool = True


class SheetDegree(Named, frozen=True, kw_only=True):
    """How far an item of a catalogue fits, and how many points that is."""

    points: Annotated[int, msgspec.Meta(ge=0, le=100)]


class Sheet(Part, frozen=True, kw_only=True):
    """Items of a catalogue that somebody goes through, one after the other.

    The catalogue is named only, and may have further editions later: what is written on the form
    pins by its digest the one that was gone through.
    """

    catalogue: Name
    groups: tuple[Name, ...] = ()  # of the catalogue; all where there are none
    degrees: tuple[SheetDegree, ...]

    def groups_of(self, catalogue: Catalogue) -> tuple[ItemGroup, ...]:
        """Return the groups of the catalogue that somebody goes through."""
        return tuple(each for each in catalogue.groups if not self.groups or each.id in self.groups)

    def total(self, chosen: Iterable[str]) -> int:
        """Return how many points degrees come to, of whichever items they were chosen."""
        points = {each.id: each.points for each in self.degrees}
        return sum(points.get(each, 0) for each in chosen)


class Form(Document, frozen=True, kw_only=True, tag="form"):
    """One edition of a form of one issuer."""

    step: FormStep
    rulebooks: tuple[Name, ...]  # the ids of those whose reviews it is for
    groups: tuple[Name, ...] = ()  # of subjects; everybody where there are none
    first_year: Year | None = None
    last_year: Year | None = None
    scales: tuple[Scale, ...] = ()
    sections: tuple[Section, ...]
    sheet: Sheet | None = None

    def fits(self, step: str, *, rulebook: str, group: str, period: str) -> bool:
        """Tell whether somebody of a group writes a step of a period's review on this form."""
        year = year_of(period)
        return (
            self.step == step
            and rulebook in self.rulebooks
            and (not self.groups or group in self.groups)
            and (self.first_year or year) <= year <= (self.last_year or year)
        )

    def degrees_of(self, section: Section) -> tuple[Named, ...]:
        """Return in which degrees a section is marked; none where it is not."""
        return next((each.degrees for each in self.scales if each.id == section.scale), ())

    def compose(self, answers: Mapping[str, str], language: Language) -> str:
        """Return the answers, by section, as one text; a section without words is left out."""
        return "\n\n".join(
            f"{heading(each, language)}\n{answers[each.id]}"
            for each in self.sections
            if answers.get(each.id)
        )

    def divide(self, text: str) -> Iterator[tuple[str, str]]:
        """Iterate over the headings of a text that was composed, with the words below each.

        What stands above the first heading, or in a text that was never composed, has no heading.
        """
        signs = {heading(each, language) for each in self.sections for language in ("vi", "en")}
        title, lines = "", list[str]()
        for line in text.split("\n"):
            if line in signs:
                yield from _block(title, lines)
                title, lines = line, []
            else:
                lines.append(line)
        yield from _block(title, lines)


def heading(section: Section, language: Language) -> str:
    """Return what stands over the words of a section."""
    return f"{section.sign}. {section.label.of(language)}"


def read(document: Any) -> Form:
    """Return a form from a document's plain values.

    Raises:
        DocumentInvalid: it has not the shape of a form, or `validate` found problems.
    """
    form: Form = convert(document, Form)
    if problems := validate(form):
        raise DocumentInvalid(problems)
    return form


def validate(form: Form) -> tuple[Problem, ...]:
    """Return what is wrong in a form, in the order of its parts, up to PROBLEMS_MAX."""
    parts = (_of_head(form), _of_sections(form), _of_scales(form), _of_sheet(form))
    return first_problems(chain.from_iterable(parts))


def misfits(form: Form, catalogue: Catalogue | None) -> tuple[Problem, ...]:
    """Return in what a form's sheet does not fit the catalogue it names; None: there is none."""
    if form.sheet is None:
        return ()
    named = form.sheet.catalogue
    if catalogue is None:
        return (Problem("sheet.catalogue", "no_catalogue", catalogue=named),)
    known = {each.id for each in catalogue.groups}
    return first_problems(
        Problem("sheet.groups", "no_item_group", catalogue=named, group=each)
        for each in form.sheet.groups
        if each not in known
    )


def _block(title: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    words = "\n".join(lines).strip("\n")
    if title or words:
        yield title, words


def _of_head(form: Form) -> Iterator[Problem]:
    if not form.citation.strip():
        yield Problem("citation", "no_citation")
    if not form.rulebooks:
        yield Problem("rulebooks", "no_rulebooks")
    if form.first_year and form.last_year and form.first_year > form.last_year:
        yield Problem("last_year", "years_backwards", first=form.first_year, last=form.last_year)
    if form.step is FormStep.COMMITMENT and (form.scales or form.sheet):
        yield Problem("step", "commitment_of_words")
    yield from _of_label("title", form.title)


def _of_sections(form: Form) -> Iterator[Problem]:
    yield from repetitions((each.id for each in form.sections), "sections")
    yield from repetitions((each.sign for each in form.sections), "sections")
    if not form.sections:
        yield Problem("sections", "nothing_to_answer")
    if len(form.sections) > SECTIONS_MAX:
        yield Problem("sections", "too_many_sections", most=SECTIONS_MAX)
    known = {each.id for each in form.scales}
    for each in form.sections:
        yield from _of_label(f"sections.{each.id}.label", each.label)
        if each.scale and each.scale not in known:
            yield Problem(f"sections.{each.id}.scale", "no_scale", scale=each.scale)


def _of_scales(form: Form) -> Iterator[Problem]:
    yield from repetitions((each.id for each in form.scales), "scales")
    used = {each.scale for each in form.sections}
    for each in form.scales:
        yield from _of_degrees(f"scales.{each.id}.degrees", each.degrees)
        if each.id not in used:
            yield Problem(f"scales.{each.id}", "unused_scale")


def _of_sheet(form: Form) -> Iterator[Problem]:
    if form.sheet:
        yield from _of_degrees("sheet.degrees", form.sheet.degrees)


def _of_degrees(path: str, degrees: tuple[Named, ...]) -> Iterator[Problem]:
    yield from repetitions((each.id for each in degrees), path)
    if not DEGREES_LEAST <= len(degrees) <= DEGREES_MAX:
        yield Problem(path, "count_of_degrees", least=DEGREES_LEAST, most=DEGREES_MAX)
    for each in degrees:
        yield from _of_label(f"{path}.{each.id}.label", each.label)


def _of_label(path: str, label: Bilingual) -> Iterator[Problem]:
    if not (label.vi.strip() and label.en.strip()):
        yield Problem(path, "empty_label")
    if "\n" in label.vi or "\n" in label.en:
        yield Problem(path, "label_of_lines")
