"""What is left of the plans of earlier years counts against whoever left it, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.web.world import COMMUNE
from tests.web.year_world import FIGURES, MEMBER, REVIEW, WORDS, YearWorld

TOP = {"conduct": 30, "results": 70}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year 2026 was opened."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def proposed_in(world: YearWorld, year: int) -> tuple[int, str]:
    """Return An's faults open and level in a later year in which all else went best."""
    world.reach(datetime(year, 1, 6, 2, tzinfo=UTC))
    begun = {"period": str(year), "unit_id": COMMUNE, "rulebook": "neutral"}
    world.do("authority", "/api/v1/cycles", begun)
    review = f"/api/v1/reviews/{year}/{MEMBER}"
    world.do("member", f"{review}/self-critique", {"text": WORDS})
    return proposed(world, review)


def proposed(world: YearWorld, review: str) -> tuple[int, str]:
    """Return the faults open and the level of a proposal with the best of points."""
    body: dict[str, Any] = {"points": TOP, "figures": FIGURES, "text": WORDS}
    world.do("secretary", f"{review}/proposal", body)
    proposal = world.read("authority", review).json["proposal"]
    return proposal["facts"]["earlier_faults_open"], proposal["outcome"]["level"]


@pytest.mark.parametrize("until", ["announced", "agreed"], ids=["silent", "honest"])
def test_silence_about_a_plan_that_was_demanded_beats_no_honest_plan(
    year: YearWorld, until: str
) -> None:
    year.live(until)

    assert proposed_in(year, 2027) == (1, "good")


def test_a_plan_that_nobody_demanded_nor_agreed_to_costs_nothing(year: YearWorld) -> None:
    year.live("planned", TOP)

    assert proposed_in(year, 2027) == (0, "excellent")


@pytest.mark.parametrize("until", ["planned", "handed_in"])
def test_what_the_unit_left_unanswered_is_no_lapse_of_the_member(
    year: YearWorld, until: str
) -> None:
    year.live(until)

    assert proposed_in(year, 2027) == (0, "excellent")


@pytest.mark.parametrize("until", ["announced", "agreed"])
def test_a_rating_corrected_to_a_better_level_demands_its_plan_no_more(
    year: YearWorld, until: str
) -> None:
    year.live(until)
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS})
    assert proposed(year, REVIEW) == (0, "excellent")
    version = year.read("authority", REVIEW).json["proposal"]["version"]
    decision = {"level": "excellent", "proposal_version": version}

    year.do("authority", f"{REVIEW}/decision", decision)

    assert proposed_in(year, 2027) == (0, "excellent")
