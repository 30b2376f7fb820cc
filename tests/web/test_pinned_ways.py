"""How a unit stands is shown by the way up that its reviews were given, not by today's tree."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.roster import UnitMoved
from events.identifiers import UnitId
from services.web.saying.languages import phrases
from tests.support import unit_world
from tests.support.unit_world import FORMER, UnitWorld
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, formed, moved
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    CYCLE,
    PERIOD,
    REVIEW,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)

HTML = {"Accept": "text/html"}
UNIT_PAGE, CYCLE_PAGE = f"/units/{CELL}/{PERIOD}", f"/cycles/{PERIOD}/{COMMUNE}"
OPENINGS = phrases()["history.openings"]["vi"]
NEW = UnitId("newcommuneaaaaaaaaaaaaaaaa")


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A year under way in a cell of the commune; a stranger leads a commune that is new."""
    world = YearWorld(tmp_path / "data")
    world.tell(formed(NEW, DISTRICT), post_given(STRANGER, NEW, "secretary"))
    world.open_cycle()
    world.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    yield world
    world.system.close()


def statuses(year: YearWorld, role: str) -> tuple[int, int]:
    """Return whether the unit's page and the cycle's page are shown to somebody."""
    pages = (year.read(role, each, **HTML) for each in (UNIT_PAGE, CYCLE_PAGE))
    unit, cycle = (each.status_code for each in pages)
    return unit, cycle


def units_listed(year: YearWorld, role: str) -> set[str]:
    found = year.read(role, CYCLE)
    return {each["unit_id"] for each in found.json.get("units", [])}


def test_the_deciding_unit_keeps_sight_of_a_cell_that_moved_away(year: YearWorld) -> None:
    before = units_listed(year, "authority")

    year.tell(UnitMoved(unit_id=CELL, parent_id=NEW))

    assert CELL in before
    assert units_listed(year, "authority") == before
    assert statuses(year, "authority") == (HTTPStatus.OK, HTTPStatus.OK)
    assert f"/reviews/{PERIOD}/" in year.read("authority", UNIT_PAGE, **HTML).text


def test_where_a_cell_moved_nobody_sees_the_year_that_stays_behind(year: YearWorld) -> None:
    year.tell(UnitMoved(unit_id=CELL, parent_id=NEW))

    assert year.read("stranger", REVIEW).status_code == HTTPStatus.NOT_FOUND
    assert statuses(year, "stranger") == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert units_listed(year, "stranger") == set()
    assert year.read("stranger", "/unit", **HTML).status_code == HTTPStatus.OK  # none is shown


def test_the_cells_own_secretary_is_led_to_the_cycle_that_holds_its_year(year: YearWorld) -> None:
    year.tell(UnitMoved(unit_id=CELL, parent_id=NEW))

    assert year.read("secretary", "/cycle", **HTML).headers["Location"] == CYCLE_PAGE
    assert statuses(year, "secretary") == (HTTPStatus.OK, HTTPStatus.OK)


def test_a_mere_post_above_the_deciding_unit_shows_nothing_of_a_unit(year: YearWorld) -> None:
    year.tell(post_given(STRANGER, DISTRICT, "committee_member"))

    assert year.read("stranger", REVIEW).status_code == HTTPStatus.NOT_FOUND
    assert statuses(year, "stranger") == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)


def test_who_led_a_unit_and_left_it_is_not_told_when_its_words_were_read(tmp_path: Path) -> None:
    year = UnitWorld(tmp_path / "data")
    year.open_units()
    year.do("secretary", f"{unit_world.REVIEW}/commitment", {"text": WORDS})
    year.send("above", f"{unit_world.REVIEW}/words")
    year.tell(moved(FORMER, OTHER_CELL))

    pages = {
        role: year.read(role, f"/history/{PERIOD}/{CELL}", **HTML).text
        for role in ("former", "auditor")
    }

    assert {role: OPENINGS in page for role, page in pages.items()} == {
        "former": False,
        "auditor": True,
    }
    year.system.close()
