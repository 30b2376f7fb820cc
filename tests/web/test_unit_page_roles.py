"""Role by page for the review of a unit, and what its pages say to whom."""

from http import HTTPStatus
from itertools import product
from pathlib import Path

import pytest

from services.access.roles import may
from tests.support.cases import every_case
from tests.support.page_roles import DEEDS, HTML, OF_AN, REFUSED, send_empty
from tests.support.unit_world import TOWARDS, UnitWorld, towards
from tests.support.world import CELL
from tests.support.year_world import MEMBER, PERIOD

PAGES = {path.replace(MEMBER, CELL): action for path, action in OF_AN.items()}
FORMS = {path.replace(MEMBER, CELL): action for path, action in DEEDS.items()}
SHOWN, PLANNED = f"/reviews/{PERIOD}/{CELL}", f"/plans/{PERIOD}/{CELL}"


@pytest.fixture
def year(unit_year: UnitWorld) -> UnitWorld:
    return unit_year


def test_a_page_of_a_unit_opens_to_whom_the_table_names(year: UnitWorld) -> None:
    with every_case() as case:
        for path, role in product(PAGES, TOWARDS):
            with case(path, role):
                answer = year.read(role, path, **HTML)

                assert answer.mimetype == "text/html"
                if may(PAGES[path], towards(path, role)):
                    assert answer.status_code == HTTPStatus.OK
                else:
                    assert answer.status_code in REFUSED


def test_a_deed_towards_a_unit_is_refused_to_whom_the_table_does_not_name(
    year: UnitWorld,
) -> None:
    with every_case() as case:
        for path, role in product(FORMS, TOWARDS):
            with case(path, role):
                answer = send_empty(year, role, path)

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


def test_a_units_pages_say_who_wrote_for_it(tmp_path: Path) -> None:
    world = UnitWorld(tmp_path / "data")
    world.live_as_units()

    review, plan = (world.read("above", each, **HTML).text for each in (SHOWN, PLANNED))
    waiting = f"/inbox/plan/{PERIOD}-{CELL}/evidence_review?item=1"
    inbox = world.read("follower", waiting, **HTML).text

    for step in (
        "Cam kết",
        "Tự kiểm điểm",
        "Trả lời góp ý",
        "Trả lời gợi ý",
        "Ý kiến về thông báo xếp loại",
    ):
        assert f"{step}, thay mặt đơn vị: " in review
    assert "Kế hoạch khắc phục, thay mặt đơn vị: " in plan
    for shown in (plan, inbox):
        handed_in = shown.partition("Minh chứng</b>")[2].partition("</p>")[0]
        assert ", phó bí thư" in handed_in
    world.system.close()
