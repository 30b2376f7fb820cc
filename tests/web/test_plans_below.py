"""A plan that a unit below judges, as an edition says, follows the year that it is of."""

from pathlib import Path

import pytest

from tests.support.own_editions import cases_of, own
from tests.support.verified import findings
from tests.support.worked_year import WorkedYear
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import (
    CYCLE,
    FIGURES,
    FOLLOWER,
    OPENED_AT,
    PERIOD,
    PLAN,
    POOR,
    REVIEW,
    WORDS,
    post_given,
)

TERMS = """
competence:
  - {proposes: {seat: own}, decides: {seat: own}, at_the_end: colleagues, citation: Điều 1}
"""


@pytest.mark.parametrize("what", ["takeover", "voiding"])
def test_a_plan_that_the_own_cell_judges_goes_with_the_year_of_the_commune(
    tmp_path: Path, what: str
) -> None:
    world = WorkedYear(tmp_path / "data")
    world.tell(post_given(FOLLOWER, CELL, "deputy_secretary"))
    world.clock.set(OPENED_AT)
    edition = {"document": own(PERIOD) + TERMS, "cases": cases_of(PERIOD)}
    published = world.do("authority", "/api/v1/rulebooks", {"unit_id": COMMUNE, **edition}).json
    year = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": published["digest"]}
    world.do("authority", "/api/v1/cycles", year)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    rated = {"points": POOR, "figures": FIGURES, "text": WORDS}
    world.do("secretary", f"{REVIEW}/proposal", rated)
    proposal = world.read("auditor", REVIEW).json["proposal"]
    seen = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    world.do("follower", f"{REVIEW}/decision", seen)
    world.do("secretary", f"{REVIEW}/announcement")
    path = world.read("auditor", PLAN).json["path"]

    world.do("superior", f"{CYCLE}/{what}", {"text": WORDS})

    assert path == [CELL]
    assert findings(world) == {}
    world.system.close()
