"""Nobody decides what they proposed, or before the first day: on pages, in inboxes, by the API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import COMMUNE
from tests.support.year_world import (
    FIGURES,
    GOOD,
    MEMBER,
    PERIOD,
    REVIEW,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)

HTML = {"Accept": "text/html"}
PAGE = f"/reviews/{PERIOD}/{MEMBER}"
COUNTED = {"points": GOOD, "figures": FIGURES, "text": WORDS}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which An wrote, and the commune has a deputy beside the authority."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("critique")
    world.do("member", f"{REVIEW}/criticisms/{_criticism(world)}/answer", {"text": WORDS})
    world.tell(post_given(STRANGER, COMMUNE, "deputy_secretary"))
    yield world
    world.system.close()


def _criticism(world: YearWorld) -> str:
    return str(world.read("member", REVIEW).json["criticisms"][0]["id"])


def verdict(world: YearWorld) -> dict[str, Any]:
    """Return the body of a decision that follows the proposal."""
    proposal = world.read("stranger", REVIEW).json["proposal"]
    return {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}


def decisions_waiting(world: YearWorld, role: str) -> int:
    found = world.read(role, "/api/v1/inbox").json["waiting"]
    return sum(each["step"] == "decision" for each in found)


def offers_decision(world: YearWorld, role: str) -> bool:
    return f'href="{PAGE}/decision"' in world.read(role, PAGE, **HTML).text


def test_who_proposed_is_offered_no_decision_and_takes_none(year: YearWorld) -> None:
    year.do("authority", f"{REVIEW}/proposal", COUNTED)

    no = year.send("authority", f"{REVIEW}/decision", verdict(year))

    assert (no.status_code, no.json["code"]) == (409, "own_proposal")
    assert no.json["needed"] == "somebody else than who proposed it decides"
    assert decisions_waiting(year, "authority") == 0
    assert not offers_decision(year, "authority")


def test_who_proposed_finds_no_form_on_the_decisions_page_but_why(year: YearWorld) -> None:
    year.do("authority", f"{REVIEW}/proposal", COUNTED)

    barred = year.read("authority", f"{PAGE}/decision", **HTML).text
    free = year.read("stranger", f"{PAGE}/decision", **HTML).text

    assert 'name="level"' not in barred
    assert "Người đã đề xuất thì không quyết định; người khác quyết định." in barred
    assert 'name="level"' in free
    assert "Người đã đề xuất thì" not in free


def test_who_proposed_once_is_offered_no_decision_on_what_replaced_it(year: YearWorld) -> None:
    year.do("authority", f"{REVIEW}/proposal", COUNTED)
    year.do("secretary", f"{REVIEW}/proposal", COUNTED)

    no = year.send("authority", f"{REVIEW}/decision", verdict(year))

    assert (no.status_code, no.json["code"]) == (409, "own_proposal")
    assert [decisions_waiting(year, each) for each in ("authority", "stranger")] == [0, 1]
    assert not offers_decision(year, "authority")
    assert year.do("stranger", f"{REVIEW}/decision", verdict(year)).status_code == 201


def test_somebody_else_in_the_deciding_unit_is_offered_the_decision_and_takes_it(
    year: YearWorld,
) -> None:
    year.do("authority", f"{REVIEW}/proposal", COUNTED)

    assert decisions_waiting(year, "stranger") == 1
    assert offers_decision(year, "stranger")
    assert year.do("stranger", f"{REVIEW}/decision", verdict(year)).status_code == 201


def test_a_year_that_is_ahead_is_written_and_proposed_but_not_decided(year: YearWorld) -> None:
    ahead = f"/api/v1/reviews/2027/{MEMBER}"
    begun = {"period": "2027", "unit_id": COMMUNE, "rulebook": "neutral"}
    year.do("authority", "/api/v1/cycles", begun)
    year.do("member", f"{ahead}/self-critique", {"text": WORDS})
    year.do("secretary", f"{ahead}/proposal", COUNTED)
    proposal = year.read("authority", ahead).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}

    early = year.send("authority", f"{ahead}/decision", body)
    year.clock.set(datetime(2027, 11, 1, 2, tzinfo=UTC))

    assert (early.status_code, early.json["code"]) == (409, "too_early")
    assert early.json["needed"] == "ratings of 2027 are decided from 2027-11-01 on"
    assert year.do("authority", f"{ahead}/decision", body).status_code == 201
