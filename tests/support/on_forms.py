"""Live the demo's year with every commitment and self-critique written on a form, not freely."""

from itertools import cycle
from typing import Any

from events.domain.documents.form import FormStep
from services.cli.rehearsal.by_commands import ByCommands, OnForm
from services.cli.rehearsal.driver import Written
from services.cli.rehearsal.stories import read_stories
from services.commands import rulebooks
from services.queries import answers, forms
from services.queries.answers import Answers, Marks
from services.subject import Subject
from tests.support.living import DEMO, Year

FORMS = {FormStep.COMMITMENT: "commitment", FormStep.SELF_CRITIQUE: "form_2b"}  # with a sheet
ITEM, DEGREE = "1.5", "slight"


class WritesOnForms(ByCommands):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        (story,) = read_stories((DEMO / "year.yaml").read_text("utf-8"))
        words = {FormStep.COMMITMENT: "commitments", FormStep.SELF_CRITIQUE: "self_critiques"}
        self._deal = {step: cycle(story.words[name]) for step, name in words.items()}

    def on_form(self, subject: Subject, step: FormStep, _written: Written) -> OnForm:  # noqa: ARG002
        """Return words in every section of a form, dealt out in turn, with the best degrees."""
        chosen = forms.shipped_forms()[FORMS[step]]
        through = forms.catalogue_of(self.context, chosen.form)
        sections = chosen.form.sections
        given = Answers(
            sections={each.id: next(self._deal[step]) for each in sections},
            degrees={
                each.id: chosen.form.degrees_of(each)[0].id for each in sections if each.scale
            },
        )
        text = answers.compose(chosen.form, through.catalogue if through else None, given, "vi")
        form = rulebooks.keep(self.context, chosen.digest)
        if through is None:
            return OnForm(text, form=form)
        marks = Marks(degrees=given.degrees, sheet={ITEM: DEGREE})
        return OnForm(text, marks, form, rulebooks.keep(self.context, through.digest))


class OnForms(Year):
    drives = WritesOnForms
