"""What units two above do, and are, in a year that somebody else rates: bundles know it too."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from events.definitions.roster import MemberLeft, UnitMoved
from events.identifiers import UnitId
from tests.support.own_editions import COMPETENCE, cases_of, own
from tests.support.sealed import sealed
from tests.support.verified import findings, reason_of_bundle
from tests.support.worked_year import WorkedYear
from tests.support.world import CELL, COMMUNE, DISTRICT, authorised, enrolled, formed, moved
from tests.support.year_world import (
    CYCLE,
    FIGURES,
    FOLLOWER,
    GOOD,
    MEMBER,
    OPENED_AT,
    PERIOD,
    REVIEW,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)

PROVINCE = UnitId("provinceaaaaaaaaaaaaaaaaaa")
NATION = UnitId("nationaaaaaaaaaaaaaaaaaaaa")
FORMER_PROVINCE = UnitId("formerprovinceaaaaaaaaaaaa")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[WorkedYear]:
    """A commune in a district in a province in a nation; a stranger leads the province."""
    made = WorkedYear(tmp_path / "data")
    made.tell(formed(NATION), formed(PROVINCE, NATION), formed(FORMER_PROVINCE, NATION))
    made.tell(UnitMoved(unit_id=DISTRICT, parent_id=PROVINCE), authorised(PROVINCE))
    made.tell(enrolled(STRANGER, PROVINCE), post_given(STRANGER, PROVINCE, "secretary"))
    yield made
    made.system.close()


def open_again(world: YearWorld) -> None:
    asked = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}
    world.do("authority", "/api/v1/cycles", asked)


def deed_from_above(world: YearWorld, deed: str, unit_id: UnitId = COMMUNE) -> None:
    world.do("stranger", f"/api/v1/cycles/{PERIOD}/{unit_id}/{deed}", {"text": WORDS})
    world.advance()


def require_verified(world: YearWorld) -> None:
    assert (findings(world), reason_of_bundle(world)) == ({}, "")


def test_a_year_that_was_voided_from_two_above_is_lived_anew_and_verified(
    world: WorkedYear,
) -> None:
    world.open_cycle()
    deed_from_above(world, "voiding")
    open_again(world)

    world.live("announced", GOOD)

    require_verified(world)


def test_a_year_that_was_taken_over_from_two_above_is_verified(world: WorkedYear) -> None:
    world.open_cycle()
    world.live("announced", GOOD)

    deed_from_above(world, "takeover")

    require_verified(world)


def test_who_was_above_when_it_was_voided_counts_wherever_the_unit_hangs_now(
    world: WorkedYear,
) -> None:
    world.open_cycle()
    deed_from_above(world, "voiding")
    world.tell(UnitMoved(unit_id=DISTRICT, parent_id=FORMER_PROVINCE))
    open_again(world)

    world.live("announced", GOOD)

    require_verified(world)


@pytest.mark.parametrize("came", ["before", "afterwards"])
def test_a_year_that_was_voided_with_the_one_that_took_it_over_is_known_to_whoever_is_rated(
    world: WorkedYear, came: str
) -> None:
    """Whoever came only afterwards was never in the year of who took it over."""
    if came == "afterwards":
        world.tell(moved(MEMBER, DISTRICT))
        world.tell(MemberLeft(member_id=MEMBER, reason=sealed("other")))
    world.open_cycle()
    world.do("superior", f"{CYCLE}/takeover", {"text": WORDS})
    deed_from_above(world, "voiding", DISTRICT)
    if came == "afterwards":
        world.tell(enrolled(MEMBER, CELL))
    open_again(world)
    world.advance()

    world.live("announced", GOOD)

    require_verified(world)


@pytest.mark.parametrize("office_in", [DISTRICT, PROVINCE, NATION])
def test_who_comes_to_hold_an_office_far_above_is_left_to_a_year_above_and_the_log_verifies(
    world: WorkedYear, office_in: UnitId
) -> None:
    world.tell(post_given(FOLLOWER, COMMUNE, "secretary"))
    open_under_competence(world)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    world.tell(post_given(MEMBER, office_in, "secretary"))

    body = {"points": GOOD, "figures": FIGURES, "text": WORDS}
    refused = world.send("authority", f"{REVIEW}/proposal", body)

    assert (refused.status_code, refused.json["code"]) == (409, "ended")
    assert findings(world) == {}


def open_under_competence(world: YearWorld) -> None:
    """Open the year under an edition in which nobody of one's own office rates one."""
    weighed = own(PERIOD) + COMPETENCE
    world.clock.time = max(world.clock.time, OPENED_AT + timedelta(minutes=1))
    published = world.do(
        "authority",
        "/api/v1/rulebooks",
        {"unit_id": COMMUNE, "document": weighed, "cases": cases_of(PERIOD)},
    )
    digest = published.json["digest"]
    world.do(
        "authority", "/api/v1/cycles", {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    )
