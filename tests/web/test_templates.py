"""Templates lay out what pages give them: they decide nothing that the law decides."""

import re
from pathlib import Path

from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step, Turn
from services.access.roles import Role
from services.web.asking import sealed_words
from services.web.pages import writing
from services.web.pages.parts import step_pages
from tests.support.law import records
from tests.support.year_examples import YEAR

TEMPLATES = Path("services/web/templates")
COMPARED = re.compile(r"""(?:[!=]=|\bin)\s*\(?\s*((?:["']\w+["'],?\s*)+)""")
STAGES = {review.ANNOUNCED, review.ENDED, *plan.Status, "agreement", "under_way", "finished"}


def test_no_template_asks_which_step_role_or_stage_it_is() -> None:
    of_the_law = {*Step, *Turn, *STAGES, *Role}
    asked = [
        (file.name, name)
        for file in sorted(TEMPLATES.glob("*.html"))
        for found in COMPARED.findall(file.read_text("utf-8"))
        for name in re.findall(r"\w+", found)
    ]

    assert ("review.html", "late") in asked  # a tone, which is the page's own
    assert [each for each in asked if each[1] in of_the_law] == []


def test_whatever_words_a_review_holds_have_a_place_on_its_page() -> None:
    """Commitment, self-critique and marks are laid out section by section, by `own_words`."""
    by_section = {Step.COMMITMENT, Step.SELF_CRITIQUE, "marks"}
    page = (TEMPLATES / "review.html").read_text("utf-8")
    facts = [each for each in YEAR if each.definition.about == "review"]
    states = [review.fold(records(*facts[:end])) for end in range(len(facts) + 1)]

    held = {place.of for state in states for place in sealed_words.of_review(state)}

    assert len(held) > len(by_section)
    assert [of for of in sorted(held - by_section) if f'("{of}", ' not in page] == []


def test_every_step_is_taken_on_a_page() -> None:
    assert set(Step) - step_pages.PAGES.keys() == set()


def test_whatever_is_written_to_take_a_step_has_a_form() -> None:
    named = (re.search(r"/write/([\w-]+)", page) for page in step_pages.PAGES.values())

    assert {found[1] for found in named if found} <= writing.FORMS.keys()
