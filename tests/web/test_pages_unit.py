"""Unit and cycle pages: who stands where, who is late, what lies before whom, what is stuck."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.web.saying.names import by_given_name
from tests.support.demo_commune import AUDITOR, DemoCommune
from tests.support.lived_folders import LivedFolders
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import MEMBER, PERIOD, YearWorld

SECRETARY, AUTHORITY, PLAIN = "SG-0042", "SG-0036", "SG-0041"
OF_ONE_CELL = "SG-0022"  # its deputy secretary, with no post above
IN_FEBRUARY = date(2025, 2, 5)  # the commitments were due on the third
IN_DECEMBER = date(2025, 12, 23)  # decided, not announced


@pytest.fixture(scope="module")
def february(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    made = DemoCommune(lived_folders, tmp_path_factory.mktemp("february") / "data", IN_FEBRUARY)
    yield made
    made.system.close()


@pytest.fixture(scope="module")
def december(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    made = DemoCommune(lived_folders, tmp_path_factory.mktemp("december") / "data", IN_DECEMBER)
    yield made
    made.system.close()


def unit_of(commune: DemoCommune, who: str) -> str:
    """Return the address of the unit page that somebody is led to."""
    return commune.read(who, "/unit").headers["Location"]


def cycle_of(commune: DemoCommune, who: str) -> str:
    return commune.read(who, "/cycle").headers["Location"]


def test_whoever_holds_a_post_is_led_to_their_unit(december: DemoCommune) -> None:
    text = december.read(SECRETARY, unit_of(december, SECRETARY)).text

    assert f"/reviews/2025/{december.id_of(PLAIN)}" in text
    assert 'id="stage-announcement"' in text


def test_whoever_holds_none_is_told_that_there_is_no_unit(december: DemoCommune) -> None:
    assert "Không có đơn vị nào" in december.read(PLAIN, "/unit").text


def test_members_of_a_column_stand_by_given_name(december: DemoCommune) -> None:
    text = december.read(SECRETARY, unit_of(december, SECRETARY)).text
    column = text.partition('id="stage-announcement"')[2].partition("</section>")[0]

    called = re.findall(r'<a href="/reviews/[^"]+">([^<]+)</a>', column)

    assert len(called) > 3
    assert called == sorted(called, key=by_given_name)


def test_who_is_late_is_marked_and_counted(february: DemoCommune) -> None:
    text = february.read(SECRETARY, unit_of(february, SECRETARY)).text
    board = text.partition('class="board"')[2].partition('id="missed"')[0]

    late = re.search(r"<li><b>(\d+)</b><span class=\"tag late\">quá hạn", text)

    assert late is not None
    assert int(late[1]) == board.count('class="tag late"') > 0


def test_an_open_escalation_says_who_which_step_before_whom_and_since_when(
    february: DemoCommune,
) -> None:
    text = february.read(SECRETARY, unit_of(february, SECRETARY)).text
    row = text.partition('id="missed"')[2].partition("<tbody>")[2].partition("</tr>")[0]

    assert "Cam kết" in row
    assert "bậc 1: bí thư," in row
    assert "đã nhận" in row
    assert re.search(r"<time[^>]*>0[45]/02/2025 \d\d:\d\d</time>", row)


@pytest.mark.parametrize("address", ["/units/{unit}/1999x", "/units/nobody/2025", "/units/x/2025"])
def test_a_unit_or_year_that_there_is_not_is_not_found(december: DemoCommune, address: str) -> None:
    unit = unit_of(december, SECRETARY).split("/")[2]

    assert december.read(AUDITOR, address.format(unit=unit)).status_code == 404


@pytest.mark.parametrize("who", [OF_ONE_CELL, SECRETARY, AUTHORITY, AUDITOR])
def test_everybody_with_a_post_is_led_to_the_cycle_of_their_units(
    december: DemoCommune, who: str
) -> None:
    answer = december.read(who, cycle_of(december, who))

    assert answer.status_code == 200
    assert "Quy tắc đánh giá chung" in answer.text
    assert "Ngày nghỉ lễ, tết của Việt Nam" in answer.text


def test_whoever_acts_for_one_cell_sees_that_cell_and_the_authority_all(
    december: DemoCommune,
) -> None:
    def units(who: str) -> int:
        text = december.read(who, cycle_of(december, who)).text
        return text.count('<th scope="row"><a href="/units/')

    assert units(OF_ONE_CELL) == 1
    assert units(AUTHORITY) == units(AUDITOR) == 3


def test_a_cycle_says_where_most_are_stuck_and_how_many_are_past_each_step(
    december: DemoCommune,
) -> None:
    text = december.read(AUTHORITY, cycle_of(december, AUTHORITY)).text

    assert re.search(r"Ách tắc nhiều nhất: \d+ hồ sơ đang chờ bí thư đơn vị \(Thông báo\)", text)
    assert re.search(r'<progress max="\d+" value="\d+" aria-label="[^"]+ trên \d+"', text)


def test_levels_of_few_are_not_told(december: DemoCommune) -> None:
    text = december.read(AUTHORITY, cycle_of(december, AUTHORITY)).text
    shown = re.findall(r'<td class="n">(\d+|không nêu)</td>', text.partition("Mức xếp loại")[2])

    assert shown.count("không nêu") >= 2
    assert not [each for each in shown if each.isdecimal() and 0 < int(each) < 5]


def test_levels_of_all_units_are_only_for_whoever_sees_all(december: DemoCommune) -> None:
    text = december.read(OF_ONE_CELL, cycle_of(december, OF_ONE_CELL)).text

    assert "Mức xếp loại" not in text
    assert "<b>14</b>đã có quyết định" in text  # of their own unit: one left it, two came


def test_a_cycle_just_opened_is_shown_before_its_reviews_are(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    form = {"unit": COMMUNE, "year": PERIOD, "rulebook": "neutral"}
    headers = world.headers("authority") | {"Accept": "text/html"}

    opened = world.ask("POST", "/cycles/new", data=form, headers=headers)
    page = world.read("authority", opened.headers["Location"], Accept="text/html")

    assert page.status_code == 200
    assert "tải lại trang" in page.text
    assert world.read("member", f"/cycles/{PERIOD}/{COMMUNE}").status_code == 404
    world.system.close()


def test_without_a_cycle_the_page_says_who_opens_one(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")

    assert "Người giữ chức vụ thay mặt" in world.read("committee", "/cycle").text
    assert '<form class="sheet"' in world.read("authority", "/cycle").text
    assert world.read("authority", f"/cycles/{PERIOD}/{COMMUNE}").status_code == 404
    world.system.close()


def test_a_form_that_opens_no_cycle_keeps_what_was_chosen(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    form = {"unit": "", "year": PERIOD, "rulebook": "neutral"}
    headers = world.headers("authority") | {"Accept": "text/html"}

    answer = world.ask("POST", "/cycles/new", data=form, headers=headers)

    assert answer.status_code == 422
    assert f'<option value="{PERIOD}" selected>' in answer.text
    world.system.close()


def test_the_first_edition_offered_is_the_newest_that_governs_this_year(
    december: DemoCommune,
) -> None:
    offered = december.read(AUTHORITY, "/cycles/new").text.partition('name="rulebook"')[2]

    assert re.findall(r'<option value="([^"]+)"', offered)[:2] == ["qd366_hd43", "neutral"]


@pytest.mark.parametrize("deed", ["closing", "reviews"])
def test_only_who_may_open_a_cycle_acts_on_it(tmp_path: Path, deed: str) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    before = world.size()

    for role in ("member", "secretary", "committee", "auditor", "stranger"):
        headers = world.headers(role) | {"Accept": "text/html"}
        answer = world.ask("POST", f"/cycles/{PERIOD}/{COMMUNE}/{deed}", data={}, headers=headers)
        assert answer.status_code in (403, 404)

    assert world.size() == before
    world.system.close()


def test_a_cycle_is_not_closed_by_who_looked_before_it_changed(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    address = f"/cycles/{PERIOD}/{COMMUNE}"

    def close(key: str) -> int:
        headers = world.headers("authority") | {"Accept": "text/html"}
        form = {"version": "1", "key": key}
        return world.ask("POST", f"{address}/closing", data=form, headers=headers).status_code

    assert (close("first"), close("first"), close("second")) == (303, 303, 412)
    world.system.close()


def test_a_unit_whose_members_are_not_reviewed_says_so(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")

    text = world.read("secretary", f"/units/{CELL}/{PERIOD}").text

    assert "không có ai được kiểm điểm" in text
    assert MEMBER not in text
    world.system.close()
