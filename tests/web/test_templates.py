"""Templates lay out what pages give them: they decide nothing that the law decides."""

import re
from pathlib import Path

from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step, Turn
from services.access.roles import Role
from services.web.pages.parts import step_pages

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


def test_every_step_is_taken_on_a_page() -> None:
    assert set(Step) - step_pages.PAGES.keys() == set()
