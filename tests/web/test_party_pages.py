"""Pages of a party year: what is offered to whom, what is said where nothing waits, quarters."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from events.definitions.records import Period
from tests.support.demo_commune import DemoCommune
from tests.support.lived_folders import LivedFolders
from tests.support.party_years import (
    AFTER_THE_YEAR,
    AT_MEETINGS,
    DECISION,
    QUARTER,
    REOPENED,
    SOME_FURTHER,
    PartyYears,
    take,
)
from tests.support.world import Answer

QUARTER_OVER = date(2026, 4, 1)
UNITS_WROTE, AFTER_THEIR_MEETINGS = date(2025, 11, 16), date(2025, 12, 12)
MEMBER, PEER, SECRETARY = "SG-0026", "SG-0028", "SG-0022"  # of one cell
SUPERIOR, AUTHORITY = "SG-0043", "SG-0036"


@pytest.fixture(scope="module")
def at_meetings(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    commune = DemoCommune(
        lived_folders, tmp_path_factory.mktemp("meetings"), AT_MEETINGS, PartyYears
    )
    take(commune.year, *SOME_FURTHER)
    yield commune
    commune.system.close()


@pytest.fixture(scope="module")
def after(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    commune = DemoCommune(
        lived_folders, tmp_path_factory.mktemp("after"), AFTER_THE_YEAR, PartyYears
    )
    take(commune.year, *REOPENED)
    yield commune
    commune.system.close()


@pytest.fixture(scope="module")
def units_late(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    """The commune in which no unit held its own meeting in time."""
    commune = DemoCommune(lived_folders, tmp_path_factory.mktemp("units"), UNITS_WROTE, PartyYears)
    commune.reach(AFTER_THEIR_MEETINGS)
    yield commune
    commune.system.close()


def read(commune: DemoCommune, who: str, of: str, page: str = "") -> Answer:
    return commune.read(who, f"/reviews/2025/{commune.id_of(of)}{page}")


def test_whose_meeting_waits_and_whose_rating_was_proposed_a_peer_sees_alike(
    at_meetings: DemoCommune,
) -> None:
    peers = at_meetings.read(PEER, "/peers/2025").text

    for who in (MEMBER, "SG-0024"):
        assert f'href="/reviews/2025/{at_meetings.id_of(who)}/write/criticism"' in peers


def test_only_who_acts_above_is_offered_to_suggest_a_point(at_meetings: DemoCommune) -> None:
    of_secretary = read(at_meetings, SECRETARY, MEMBER)
    of_superior = read(at_meetings, SUPERIOR, MEMBER)

    assert "/write/point" in of_superior.text
    assert "/write/point" not in of_secretary.text


def test_what_a_unit_missed_as_a_collective_stands_on_its_own_page(
    units_late: DemoCommune,
) -> None:
    cell = units_late.id_of("SG-CB02")

    page = units_late.read(SECRETARY, f"/units/{cell}/2025")
    over_http = units_late.read(SECRETARY, f"/api/v1/reviews/2025/{cell}").json

    called = page.text.partition("<h1>")[2].partition(" · ")[0]
    assert f'">{called}</a></th>' in page.text.partition('id="missed"')[2]
    (meeting,) = (each for each in over_http["steps"] if each["step"] == "meeting")
    assert (meeting["who"], meeting["late"]) == ("member", True)


def test_a_notice_before_the_decision_says_that_there_is_none(at_meetings: DemoCommune) -> None:
    page = read(at_meetings, SECRETARY, MEMBER, "/announcement")

    assert "Chưa có quyết định để thông báo." in page.text
    assert f'action="/reviews/2025/{at_meetings.id_of(MEMBER)}/announcement"' not in page.text


def test_a_meeting_that_was_told_is_late_for_nobody(at_meetings: DemoCommune) -> None:
    page = read(at_meetings, SECRETARY, PEER, "/meeting")

    assert "Không còn buổi họp nào chờ bạn ghi." in page.text
    assert "quá hạn" not in page.text


def test_a_comment_on_a_meeting_that_somebody_else_told_is_not_lost(
    at_meetings: DemoCommune,
) -> None:
    address = f"/reviews/2025/{at_meetings.id_of(PEER)}/meeting"
    comment = "Chi bộ nhất trí với bản tự kiểm điểm."
    typed = {"place": at_meetings.id_of("SG-CB02"), "text": comment, "version": "1"}

    answer = at_meetings.send(SECRETARY, address, **typed)

    assert answer.status_code == 412
    assert comment in answer.text
    assert "Họp kiểm điểm" in answer.text.partition("từ lúc bạn mở trang")[2].partition("</ul>")[0]


def test_whoever_may_not_read_the_words_is_told_who_does(at_meetings: DemoCommune) -> None:
    page = read(at_meetings, "SG-0027", PEER)  # a committee member of that cell

    assert page.status_code == 200
    assert "Chỉ người được kiểm điểm, bí thư đơn vị và cấp quyết định được đọc" in page.text


def test_a_number_that_is_wrong_is_named_by_its_field(at_meetings: DemoCommune) -> None:
    address = f"/reviews/2025/{at_meetings.id_of(MEMBER)}/proposal"

    refused = at_meetings.send(SECRETARY, address, **{"try": "1", "points-conduct": "31"})

    assert refused.status_code == 422
    assert "Nhóm tiêu chí chung: Hãy ghi một số nguyên từ 0 đến 30." in refused.text
    assert "Hãy ghi một số nguyên, từ 0 trở lên." in refused.text  # of the figures left out


def test_a_reopened_review_shows_what_was_decided_before(after: DemoCommune) -> None:
    page = read(after, "SG-0046", "SG-0046")
    history = after.read(AUTHORITY, f"/history/2025/{after.id_of('SG-0046')}?verify=1")

    assert "Quyết định trước khi mở lại: Hoàn thành tốt nhiệm vụ" in page.text
    assert "Hồ sơ đang được xếp loại lại" in history.text


def test_without_a_discipline_no_review_is_reopened_for_one(after: DemoCommune) -> None:
    without = read(after, AUTHORITY, PEER, "/reopening")
    with_one = read(after, AUTHORITY, "SG-0041", "/reopening")

    assert 'value="late_discipline"' in with_one.text
    assert 'value="late_discipline"' not in without.text
    assert 'name="decision"' in with_one.text
    assert DECISION not in with_one.text  # to look is no deed: a number is a word like others


def test_reopening_for_a_discipline_needs_its_decision(after: DemoCommune) -> None:
    address = f"/reviews/2025/{after.id_of('SG-0041')}/reopening"

    refused = after.send(AUTHORITY, address, ground="late_discipline", decision="", text="")

    assert refused.status_code == 422
    assert 'id="decision-wrong"' in refused.text


def test_a_quarter_is_called_as_people_call_it_and_leads_to_the_year(after: DemoCommune) -> None:
    at = f"/reviews/2026-q1/{after.id_of(SUPERIOR)}"

    quarter, inbox = after.read(SUPERIOR, at), after.read(SUPERIOR, "/inbox")

    assert "<h1>Kiểm điểm của tôi · quý I/2026</h1>" in quarter.text
    assert f'<a href="/reviews/2025/{after.id_of(SUPERIOR)}">năm 2025</a>' in quarter.text
    assert "Tự kiểm điểm · quý I/2026 ·" in inbox.text


def test_a_date_that_differs_is_written_as_people_write_it(after: DemoCommune) -> None:
    page = after.read(PEER, "/rulebooks/qd366_hd02/differences?from=qd366_hd43")

    assert "<del>31/10/2025</del>" in page.text
    assert "<ins>22/05/2026</ins>" in page.text


def test_a_quarter_comes_before_its_year_until_it_is_over(
    lived_folders: LivedFolders, tmp_path: Path
) -> None:
    commune = DemoCommune(lived_folders, tmp_path, AFTER_THE_YEAR, PartyYears)
    commune.year.open_year(Period("2026"), "qd366_hd02", AUTHORITY)
    commune.year.settle()

    def led_to() -> list[str]:
        return [commune.read(SUPERIOR, page).headers["Location"] for page in ("/my", "/cycle")]

    under_way = led_to()
    commune.year.live(until=QUARTER_OVER)
    commune.reach(QUARTER_OVER)
    over = led_to()
    commune.system.close()

    assert all(QUARTER in each for each in under_way)
    assert all("/2026/" in each for each in over)


def test_a_unit_has_a_column_for_each_step_of_the_period(after: DemoCommune) -> None:
    unit = after.id_of("SG-CB03")

    year, quarter = (
        re.findall(r'id="stage-([a-z_]+)"', after.read(AUTHORITY, f"/units/{unit}/{each}").text)
        for each in ("2025", QUARTER)
    )

    rated = ["proposal", "decision", "announcement", "announced"]
    assert quarter == ["self_critique", *rated]
    assert year == ["commitment", "self_critique", "meeting", "proposal", "appraisal", *rated[1:]]
