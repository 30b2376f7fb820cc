"""The fields of a form on a page: made of its document, with what the writer is to speak to."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from flask import request
from markupsafe import Markup

from events.definitions.records import Period
from events.definitions.shapes import TEXT_BYTES_MAX
from events.domain.documents.catalogue import Catalogue, ItemGroup
from events.domain.documents.form import Form, FormStep, Shows
from events.domain.documents.periods import year_before
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from services.access.roles import Action, Role
from services.commands import plans
from services.queries import answers
from services.queries import forms as documents
from services.queries.answers import Answers, AnswersInvalid, PartName, Wrong
from services.queries.forms import Chosen, ChosenCatalogue
from services.safekeeping.drafts import SECTION
from services.subject import Subject
from services.web.asking import sealed_words
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.forms import FormInvalid
from services.web.saying.languages import reader_language, say

FIELD = "form"  # the hidden one that says on which form somebody writes
THROUGH = "catalogue"  # the hidden one that says through which catalogue its sheet goes
PREFIXES: dict[PartName, str] = {"sections": SECTION, "degrees": "degree-", "sheet": "sheet-"}


class Blank(NamedTuple):
    """A form that somebody fills in."""

    chosen: Chosen
    through: ChosenCatalogue | None

    @property
    def form(self) -> Form:
        return self.chosen.form

    @property
    def catalogue(self) -> Catalogue | None:
        return self.through.catalogue if self.through else None

    @property
    def groups(self) -> tuple[ItemGroup, ...]:
        """Return the groups of items of its sheet; none without one."""
        sheet = self.form.sheet
        return sheet.groups_of(self.catalogue) if sheet and self.catalogue else ()

    @property
    def names(self) -> frozenset[str]:
        """Return what its fields are called."""
        parts: tuple[PartName, ...] = ("sections", "degrees", "sheet")
        named = (_name(part, each) for part in parts for each in self.ids(part))
        return frozenset((FIELD, THROUGH, *named))

    def ids(self, part: PartName) -> list[str]:
        """Return of what there are fields: of sections, or of items of the sheet."""
        if part == "sheet":
            return [item.id for group in self.groups for item in group.items]
        return [each.id for each in self.form.sections]


class Beside(NamedTuple):
    """Something that the writer sees beside a section."""

    label: Markup
    text: str
    tag: Markup = Markup()


def blank_for(state: review.State, step: str, typed: Mapping[str, str]) -> Blank | None:
    """Return the form on which a step is written; None where there is one field for all of it.

    What was typed before says on which edition it was begun.
    """
    if step not in set(FormStep):
        return None
    found = documents.form_for(system(), state, step, begun_on=typed.get(FIELD, ""))
    if found is None:
        return None
    begun_on = typed.get(THROUGH, "")
    return Blank(found, documents.catalogue_of(system(), found.form, begun_on=begun_on))


def read_answers(blank: Blank) -> Answers:
    """Return what was typed and chosen. Raises FormInvalid for a text that is too long."""
    wrong: dict[str, Markup] = {}
    sections = {each: _read_text(_name("sections", each), wrong) for each in blank.ids("sections")}
    if wrong:
        raise FormInvalid(wrong)
    return Answers(
        sections=sections,
        degrees=_read_choices("degrees", blank),
        sheet=_read_choices("sheet", blank),
    )


def compose(blank: Blank, given: Answers) -> str:
    """Return the one text of what was answered. Raises FormInvalid by its fields."""
    try:
        return answers.compose(blank.form, blank.catalogue, given, reader_language())
    except AnswersInvalid as error:
        signs = {each.id: each.sign for each in blank.form.sections}
        wrong = {_name(each.part, each.id): _complaint(each, signs) for each in error.wrong}
        raise FormInvalid(wrong) from None


def sources_of(
    form: Form, state: review.State, subject: Subject, roles: Collection[Role]
) -> dict[str, list[Beside]]:
    """Return by section what its writer is to speak to."""
    wanted = {each.shows for each in form.sections if each.shows}
    found: dict[Shows, list[Beside]] = {}
    if Shows.FAULTS in wanted:
        found[Shows.FAULTS] = list(_milestones(subject, roles))
    if wanted - {Shows.FAULTS}:
        places = [each for each in sealed_words.of_review(state) if each.of in _SHOWN]
        opened = sealed_words.open_places(subject, places, roles=roles)
        for word in opened:
            text = word.text or say("year.erased")
            found.setdefault(_SHOWN[word.of], []).append(Beside(_label(word.of), text))
    return {each.id: found.get(each.shows, []) for each in form.sections if each.shows}


_SHOWN = {
    Step.COMMITMENT: Shows.COMMITMENT,
    "point": Shows.POINTS,
    "point_answer": Shows.POINTS,
}
_LABELS = {"point": "review.point", "point_answer": "review.answer"}


def _label(of: str) -> Markup:
    """Return what something beside a section is called; a commitment stands there alone."""
    return say(_LABELS[of]) if of in _LABELS else Markup()


def _milestones(subject: Subject, roles: Collection[Role]) -> Iterator[Beside]:
    """Iterate over what was to be put right since the year before, and how far it was."""
    before = Subject(Period(year_before(subject.period)), subject.member_id)
    state = plan.fold(system().store.read_stream(plans.stream_of(before)).events)
    places = [each for each in sealed_words.of_plan(state) if each.of == "milestone"]
    opened = sealed_words.open_places(before, places, roles=roles, action=Action.READ_PLAN)
    said = {word.item: word.text for word in opened}
    for each in state.milestones:
        text = said.get(each.id) or say("year.erased")
        tag = say(f"year.statuses.{each.status}")
        yield Beside(say("plan.milestone", id=each.id), text, tag)


def _name(part: PartName, of: str) -> str:
    """Return what the field of a section or item is called."""
    return f"{PREFIXES[part]}{of}"


def _read_text(name: str, wrong: dict[str, Markup]) -> str:
    try:
        return forms.read_text(name, needed=False)
    except FormInvalid as error:
        wrong |= error.fields
        return ""


def _read_choices(part: PartName, blank: Blank) -> dict[str, str]:
    """Return what was chosen of a part; what was left open is left out."""
    found = {each: request.form.get(_name(part, each), "") for each in blank.ids(part)}
    return {each: degree for each, degree in found.items() if degree}


def _complaint(wrong: Wrong, signs: Mapping[str, str]) -> Markup:
    match wrong.why:
        case "needed" if wrong.part == "sections":
            return say("forms.needed_section", sign=signs[wrong.id])
        case "too_long":
            return say("forms.all_too_long", limit=TEXT_BYTES_MAX // 1024)
        case _:
            return say("forms.choice")
