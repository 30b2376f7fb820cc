"""Role by page for the review of a unit, and what its pages say to whom."""

from http import HTTPStatus
from pathlib import Path

import pytest

from services.access.roles import may
from tests.web.test_page_roles import DEEDS, HTML, OF_AN, REFUSED, send
from tests.web.unit_world import TOWARDS, UnitWorld, towards
from tests.web.world import CELL
from tests.web.year_world import MEMBER, PERIOD

PAGES = {path.replace(MEMBER, CELL): action for path, action in OF_AN.items()}
FORMS = {path.replace(MEMBER, CELL): action for path, action in DEEDS.items()}
SHOWN = f"/reviews/{PERIOD}/{CELL}"


@pytest.fixture
def year(unit_year: UnitWorld) -> UnitWorld:
    return unit_year


@pytest.mark.parametrize("role", TOWARDS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_unit_opens_to_whom_the_table_names(
    year: UnitWorld, path: str, role: str
) -> None:
    answer = year.read(role, path, **HTML)

    assert answer.mimetype == "text/html"
    if may(PAGES[path], towards(path, role)):
        assert answer.status_code == HTTPStatus.OK
    else:
        assert answer.status_code in REFUSED


@pytest.mark.parametrize("role", TOWARDS)
@pytest.mark.parametrize("path", FORMS)
def test_a_deed_towards_a_unit_is_refused_to_whom_the_table_does_not_name(
    year: UnitWorld, path: str, role: str
) -> None:
    answer = send(year, role, path)

    allowed = may(FORMS[path], towards(path, role))
    assert (answer.status_code not in REFUSED) == allowed


def test_a_units_review_offers_its_leaders_what_they_may_do(tmp_path: Path) -> None:
    world = UnitWorld(tmp_path / "data")
    world.open_units()

    of_leader = world.read("secretary", SHOWN, **HTML).text
    of_above = world.read("above", SHOWN, **HTML).text

    assert f'href="{SHOWN}/write/commitment"' in of_leader
    for step in ("/write/criticism", "/write/point", "/deadline", "/reopening"):
        assert f'href="{SHOWN}{step}"' not in of_leader
    assert f'href="{SHOWN}/write/commitment"' not in of_above
    for step in ("/write/criticism", "/write/point", "/deadline"):
        assert f'href="{SHOWN}{step}"' in of_above
    world.system.close()
