"""Live the demo's year with every commitment and self-critique written on a form, not freely."""

from collections.abc import Callable, Mapping

from events.domain.steps import Step
from services.commands import answers, forms, reviews
from services.commands.answers import Answers, Marks
from services.commands.forms import Chosen
from tests.support.living import DOES, Act, Year

COMMITMENT, SELF_CRITIQUE = "commitment", "form_2b"  # our names for them; the latter has a sheet
ITEM, DEGREE = "1.5", "slight"


class OnForms(Year):
    def do(self, act: Act) -> None:
        (WRITTEN.get(act["does"]) or DOES[act["does"]])(self, act)

    def commit(self, act: Act) -> None:
        for asking, subject in self._doers(act, Step.COMMITMENT):
            chosen = forms.shipped()[COMMITMENT]
            text = answers.composed(chosen.form, None, self._sections(chosen, "commitments"), "vi")
            form = forms.keep(self.context, chosen.digest)
            reviews.commit(self.context, asking, subject, text, form)

    def self_critique(self, act: Act) -> None:
        for asking, subject in self._doers(act, Step.SELF_CRITIQUE):
            chosen = forms.shipped()[SELF_CRITIQUE]
            through = forms.catalogue_of(self.context, chosen.form)
            assert through is not None
            given = self._sections(chosen, "self_critiques")
            reviews.submit_self_critique(
                self.context,
                asking,
                subject,
                answers.composed(chosen.form, through.catalogue, given, "vi"),
                Marks(degrees=given.degrees, sheet={ITEM: DEGREE}),
                form=forms.keep(self.context, chosen.digest),
                catalogue=forms.keep(self.context, through.digest),
            )

    def _sections(self, chosen: Chosen, words: str) -> Answers:
        """Return an answer in every section, and the best degree."""
        form = chosen.form
        return Answers(
            sections={each.id: next(self._deal[words]) for each in form.sections},
            degrees={each.id: form.degrees_of(each)[0].id for each in form.sections if each.scale},
        )


WRITTEN: Mapping[str, Callable[[OnForms, Act], None]] = {
    "commit": OnForms.commit,
    "self_critique": OnForms.self_critique,
}
