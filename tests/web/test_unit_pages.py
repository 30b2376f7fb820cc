"""What pages say of a unit's review, to those who lead it and to those who act above it."""

from collections.abc import Iterator
from datetime import date

import pytest

from events.replay.verdict import verify
from tests.support.demo_commune import AUDITOR, DemoCommune
from tests.support.lived_folders import LivedFolders
from tests.support.party_years import PartyYears
from tests.support.unit_years import (
    ABOVE,
    BEFORE_CRITIQUES,
    DECIDES,
    FOLLOWS,
    HEAD_OF_MEETS,
    HEAD_OF_WRITES,
    ITS_DEPUTY,
    ITS_HEAD,
    MEETS,
    PEER_OF_WRITES,
    UNIT,
    WRITES,
    dissolve,
    take_units_apart,
)

OPENED, LATE = date(2025, 1, 20), date(2025, 2, 5)  # nobody commits themselves meanwhile


@pytest.fixture(scope="module")
def commune(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    """One unit writes, one meets, one was rated and proposed a plan."""
    made = DemoCommune(
        lived_folders, tmp_path_factory.mktemp("units"), BEFORE_CRITIQUES, PartyYears
    )
    assert isinstance(made.year, PartyYears)
    take_units_apart(made.year)
    yield made
    made.system.close()


def review_of(commune: DemoCommune, unit: str) -> str:
    return f"/reviews/2025/{commune.id_of(unit)}"


def test_a_leader_finds_the_units_review_by_name_and_reads_it_unasked(
    commune: DemoCommune,
) -> None:
    own = commune.read(HEAD_OF_WRITES, review_of(commune, HEAD_OF_WRITES)).text
    page = commune.read(HEAD_OF_WRITES, review_of(commune, WRITES)).text

    assert f'href="{review_of(commune, WRITES)}"' in own
    assert "Kiểm điểm tập thể Chi bộ khu Gò Thông · năm 2025" in page
    assert "Cam kết, thay mặt đơn vị: Trần Đình Khoát, bí thư" in page
    assert "Chưa ai đọc nội dung của đơn vị." in page
    for of_a_person in ("người này", "Kiểm điểm của tôi", "người được kiểm điểm"):
        assert of_a_person not in page


def test_those_above_are_asked_to_open_a_units_words(commune: DemoCommune) -> None:
    of_writing = commune.read(DECIDES, review_of(commune, WRITES)).text

    assert "những người lãnh đạo đơn vị nhìn thấy" in of_writing
    assert "Gợi ý kiểm điểm cho tập thể này" in of_writing
    assert "Đang chờ đơn vị được kiểm điểm: Tự kiểm điểm." in of_writing


@pytest.mark.parametrize(
    ("who", "form", "title"),
    [
        (HEAD_OF_WRITES, "self-critique", "Tự kiểm điểm của Chi bộ khu Gò Thông"),
        (PEER_OF_WRITES, "criticism", "Góp ý cho tập thể Chi bộ khu Gò Thông"),
        (DECIDES, "point", "Gợi ý kiểm điểm cho tập thể Chi bộ khu Gò Thông"),
    ],
)
def test_a_form_says_of_which_unit_it_is(
    commune: DemoCommune, who: str, form: str, title: str
) -> None:
    page = commune.read(who, f"{review_of(commune, WRITES)}/write/{form}").text

    assert f"<h1>{title}" in page


def test_form_01_stands_beside_the_units_commitment_and_points(commune: DemoCommune) -> None:
    page = commune.read(HEAD_OF_WRITES, f"{review_of(commune, WRITES)}/write/self-critique").text

    assert "Báo cáo kiểm điểm tập thể (Mẫu 01)" in page
    assert "Cam kết của tập thể" in page
    assert "Những điểm được gợi ý và trả lời của tập thể" in page


def test_a_leader_tells_the_units_meeting_beside_its_words(commune: DemoCommune) -> None:
    page = commune.read(HEAD_OF_MEETS, f"{review_of(commune, MEETS)}/meeting").text

    assert "Ghi sau khi tập thể đã họp tự kiểm điểm." in page
    assert 'name="open" value="words"' not in page


def test_an_inbox_tells_a_units_work_from_ones_own(commune: DemoCommune) -> None:
    page = commune.read(HEAD_OF_WRITES, "/inbox").text

    assert "Việc của Chi bộ khu Gò Thông: Trả lời góp ý" in page
    assert "Tự kiểm điểm · năm 2025 · kiểm điểm tập thể" in page
    assert "Tự kiểm điểm · năm 2025 · Chi bộ khu Gò Thông" in page


def test_a_plan_is_agreed_to_above_and_followed_by_nobody_who_leads_the_unit(
    commune: DemoCommune,
) -> None:
    address = f"/plans/2025/{commune.id_of(UNIT)}"
    of_leader = commune.read(ITS_DEPUTY, address).text
    of_above = commune.read(ABOVE, address).text

    assert "Kế hoạch khắc phục của tôi" not in of_leader
    assert "Đang chờ cấp trên duyệt." in of_leader
    assert "Kế hoạch khắc phục, thay mặt đơn vị: " in of_above
    assert f'action="{address}/agreement"' not in of_leader
    assert f'<option value="{commune.id_of(FOLLOWS)}"' in of_above
    for leader in (ITS_HEAD, ITS_DEPUTY):
        assert f'<option value="{commune.id_of(leader)}"' not in of_above


def test_a_units_page_and_its_cycle_say_where_it_stands_itself(commune: DemoCommune) -> None:
    unit = commune.read(ITS_HEAD, f"/units/{commune.id_of(UNIT)}/2025").text
    cycle = commune.read(DECIDES, "/cycles/2025/" + commune.id_of("SG-DU")).text

    assert "Tập thể đang ở bước: Đã thông báo." in unit
    assert "Mức: Hoàn thành nhiệm vụ." in unit
    assert cycle.count(f'href="{review_of(commune, UNIT)}"') == 1
    assert "51</b>được kiểm điểm" in cycle  # members; units stand in a table of their own


def test_a_late_unit_is_told_so_on_its_page(
    lived_folders: LivedFolders,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = DemoCommune(lived_folders, tmp_path_factory.mktemp("late"), OPENED, PartyYears)
    made.reach(LATE)
    page = made.read(ITS_HEAD, f"/units/{made.id_of(UNIT)}/2025").text
    made.system.close()

    told = page.partition("Tập thể đang ở bước: Cam kết.")[2].partition("</p>")[0]
    assert "quá hạn" in told


def test_an_auditor_sees_why_a_unit_has_its_level_and_verifies_it(commune: DemoCommune) -> None:
    unit = commune.id_of(UNIT)
    page = commune.read(AUDITOR, f"/history/2025/{unit}?verify=1").text
    bundle = commune.read(AUDITOR, f"/api/v1/ratings/2025/{unit}/bundle")

    assert "Lịch sử của Chi bộ khu Đồng Mít" in page
    assert "Vì sao mức này?" in page
    assert "trùng khớp" in page
    assert "Đã họp đủ ở mọi nơi phải họp" in page
    verdict = verify(bundle.data, commune.system.verifier_key)
    assert (verdict.verified, verdict.level) == (True, "fair")


@pytest.mark.parametrize("paper", ["notice", "self-review"])
@pytest.mark.parametrize("who", [ITS_HEAD, DECIDES])
def test_a_units_notice_and_self_review_are_printed(
    commune: DemoCommune, who: str, paper: str
) -> None:
    path = f"{review_of(commune, UNIT)}/{paper}.pdf"
    opens = who == DECIDES and paper == "self-review"
    printed = commune.send(who, path) if opens else commune.read(who, path)

    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    assert printed.data.startswith(b"%PDF-")


@pytest.mark.parametrize(("who", "offered"), [(PEER_OF_WRITES, True), (HEAD_OF_WRITES, False)])
def test_members_are_led_to_criticise_their_unit_and_leaders_are_not(
    commune: DemoCommune, who: str, *, offered: bool
) -> None:
    page = commune.read(who, "/peers/2025").text

    assert (f'href="{review_of(commune, WRITES)}/write/criticism"' in page) is offered


def test_the_review_of_a_dissolved_unit_says_that_it_ended_and_why(
    lived_folders: LivedFolders,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = DemoCommune(lived_folders, tmp_path_factory.mktemp("dissolved"), OPENED, PartyYears)
    assert isinstance(made.year, PartyYears)

    dissolve(made.year, UNIT, WRITES)
    page = made.read(DECIDES, review_of(made, UNIT)).text
    of_year = made.read(DECIDES, f"/cycles/2025/{made.id_of('SG-DU')}").text

    assert "Kết thúc ngày 20/01/2025: đơn vị đã giải thể." in page
    assert "Đã kết thúc" in of_year
    for deed in ("/write/criticism", "/write/point", "/deadline", "/reopening"):
        assert f'href="{review_of(made, UNIT)}{deed}"' not in page
    made.system.close()
