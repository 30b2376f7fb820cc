"""What is left of the plans of earlier years counts against whoever left it, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.definitions.entry import Recorded
from services.cli.fact_check import check_facts
from services.read_models.states import REVIEWS
from services.read_models.verification import StateCheck
from tests.support.world import COMMUNE
from tests.support.year_world import (
    FIGURES,
    MEMBER,
    MILESTONE,
    PERIOD,
    REVIEW,
    TEXT_FILE,
    WORDS,
    YearWorld,
)

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
    world.reach(datetime(year, 11, 8, 2, tzinfo=UTC))
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

    year.do("authority", *deciding(year, PERIOD))

    assert proposed_in(year, 2027) == (0, "excellent")


def test_what_is_still_open_rolls_on_from_year_to_year(year: YearWorld) -> None:
    year.live("agreed")
    assert proposed_in(year, 2027) == (1, "good")

    assert proposed_in(year, 2028) == (1, "good")

    evidence = year.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE)).json["version"]
    year.do("follower", f"{MILESTONE}/approval", {"evidence_version": evidence})
    assert proposed_in(year, 2029) == (0, "excellent")


def test_verification_counts_the_same_faults(year: YearWorld) -> None:
    year.live("agreed")
    proposed_in(year, 2027)
    year.do("authority", *deciding(year, "2027"))
    proposed_in(year, 2028)
    year.do("authority", *deciding(year, "2028"))
    check = StateCheck(year.system.store)
    for each in year.system.store.read_log(0):
        check.fold(each.position, Recorded(each.entry, each.event))

    assert check_facts(year.system, check.folded_states(REVIEWS)) == ((), ())


def deciding(world: YearWorld, year: str) -> tuple[str, dict[str, Any]]:
    """Return the command that decides on what is proposed for a year, at its level."""
    path = f"/api/v1/reviews/{year}/{MEMBER}"
    proposal = world.read("authority", path).json["proposal"]
    level, version = proposal["outcome"]["level"], proposal["version"]
    return f"{path}/decision", {"level": level, "proposal_version": version}
