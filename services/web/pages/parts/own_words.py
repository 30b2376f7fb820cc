"""What somebody wrote of themselves, as the form has it: by section, with degrees and sheet."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from events.definitions.records import Digest
from events.domain.documents import form as forms
from events.domain.documents.form import Form, Section, Shows
from events.domain.review import review
from events.domain.steps import Step
from events.store import reference
from services.queries import answers
from services.queries.answers import Marks
from services.web.context import system
from services.web.saying.languages import reader_language

Said = Mapping[tuple[str, str], str]  # words by what they are, and which


class Block(NamedTuple):
    """The words of one section; without a heading where they were written on no form."""

    heading: str
    text: str
    degree: str = ""  # in which it was marked
    kept: bool = False  # that the commitment is compared with it


class Line(NamedTuple):
    """One item of the sheet."""

    id: str
    label: str
    degree: str  # the id; empty where none was chosen
    points: int


class SheetFilled(NamedTuple):
    """A sheet that somebody went through."""

    title: str
    degrees: Mapping[str, str]  # what each is called, by its id
    lines: tuple[Line, ...]  # every item
    total: int
    chosen: int  # of how many items a degree was chosen

    @property
    def counted_lines(self) -> tuple[Line, ...]:
        """Return the items that count for something."""
        return tuple(each for each in self.lines if each.points)


class OwnWords(NamedTuple):
    """A commitment and a self-critique, as far as they were opened."""

    commitment: tuple[Block, ...]
    critique: tuple[Block, ...]
    title: str  # of the self-critique's form; empty without one
    sheet: SheetFilled | None

    @property
    def results(self) -> tuple[Block, ...]:
        """Return what the commitment is compared with; none before both are there."""
        return tuple(each for each in self.critique if each.kept and self.commitment)


def own_words(state: review.State, said: Said | None) -> OwnWords:
    """Return what a member wrote of themselves; nothing as long as it was not opened."""
    given = said or {}
    told = str(given.get(("marks", ""), ""))  # what says that they were erased is Markup
    marks = answers.read_marks(told) or Marks(points={})
    made, submitted = state.commitment, state.self_critique
    committed = _form(made.fact.form) if made else None
    critique = _form(submitted.fact.form) if submitted else None
    return OwnWords(
        commitment=tuple(_blocks(committed, given.get((Step.COMMITMENT, ""), ""), {})),
        critique=tuple(_blocks(critique, given.get((Step.SELF_CRITIQUE, ""), ""), marks.degrees)),
        title=critique.title.of(reader_language()) if critique else "",
        sheet=(
            _sheet(critique, submitted.fact.catalogue, marks.sheet)
            if submitted and critique and marks.sheet
            else None
        ),
    )


def _form(digest: Digest | UnsetType) -> Form | None:
    if digest is UNSET:
        return None
    return reference.form_of(system().store.database, digest)


def _blocks(form: Form | None, text: str, degrees: Mapping[str, str]) -> Iterator[Block]:
    """Iterate over the sections of a text, in the form's order; each has words or a degree."""
    if form is None:
        yield from (Block("", each) for each in (text,) if each)
        return
    found: dict[str, str] = {}
    for title, words in form.divide(text):
        found[title] = f"{found[title]}\n\n{words}" if title in found else words
    if "" in found:
        yield Block("", found[""])
    for each in form.sections:
        headings = [forms.heading(each, language) for language in ("vi", "en")]
        words = next((found[heading] for heading in headings if heading in found), "")
        degree = _degree(form, each, degrees)
        if words or degree:
            kept = each.shows is Shows.COMMITMENT
            yield Block(forms.heading(each, reader_language()), words, degree, kept)


def _degree(form: Form, section: Section, degrees: Mapping[str, str]) -> str:
    known = {each.id: each.label for each in form.degrees_of(section)}
    given = degrees.get(section.id, "")
    return known[given].of(reader_language()) if given in known else ""


def _sheet(form: Form, pinned: Digest | UnsetType, given: Mapping[str, str]) -> SheetFilled | None:
    if form.sheet is None or not pinned:
        return None
    catalogue = reference.catalogue_of(system().store.database, pinned)
    lines = tuple(
        Line(item.id, item.label.of(reader_language()), degree, form.sheet.total([degree]))
        for group in form.sheet.groups_of(catalogue)
        for item in group.items
        for degree in (given.get(item.id, ""),)
    )
    return SheetFilled(
        title=catalogue.title.of(reader_language()),
        degrees={each.id: each.label.of(reader_language()) for each in form.sheet.degrees},
        lines=lines,
        total=form.sheet.total(given.values()),
        chosen=len(given),
    )
