"""Other organisations live a year under their own editions, with their own words on pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.other_worlds import CivilService, OfficersService
from tests.support.verified import findings, reason_of_bundle
from tests.support.year_world import FOLLOWER, MEMBER, PERIOD, PLAN, RATING, REVIEW, WORDS

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
WELL = {"duty": 9, "leadership": 8, "judgement": 8, "character": 8, "growth": 7}  # 82 of 100
WORSE = {"duty": 6, "leadership": 6, "judgement": 6, "character": 6, "growth": 6}  # 60
ALL_MET = dict.fromkeys(("results", "deadlines", "integrity", "cooperation", "learning"), 1)


@pytest.fixture
def officers(tmp_path: Path) -> Iterator[OfficersService]:
    world = OfficersService(tmp_path / "data")
    yield world
    world.system.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CivilService]:
    world = CivilService(tmp_path / "data")
    yield world
    world.system.close()


# A service of officers


def rated(world: OfficersService) -> None:
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    world.propose(WORSE, fitness_failed=0)
    world.appraise()
    world.decide()


def test_officers_report_review_and_accept_with_a_grade_and_it_verifies(
    officers: OfficersService,
) -> None:
    rated(officers)

    shown = officers.page("member", PAGE)
    for said in (
        "Báo cáo của sĩ quan nhận xét",
        "Xem xét báo cáo",
        "Chấp nhận báo cáo",
        "<h3>Bản tự báo cáo</h3>",
        "Đạt yêu cầu",
        "Điểm nhận xét: <b>6,40</b>",  # 1 and nine tenths of 60 of 100
    ):
        assert said in shown
    told = officers.read("member", RATING).json["explanation"]["grade"]
    assert (told["numerator"], told["denominator"]) == (32, 5)
    assert findings(officers) == {}
    assert reason_of_bundle(officers) == ""


def test_an_officer_represents_against_a_report_within_fifteen_days(
    officers: OfficersService,
) -> None:
    rated(officers)
    officers.do("member", f"{REVIEW}/notice-answer", {"text": WORDS})
    upheld = {"ground": "representation", "text": WORDS}
    officers.do("decides", f"{REVIEW}/reopening", upheld)
    officers.propose(WELL, fitness_failed=0)
    officers.appraise()
    officers.decide()

    assert officers.read("member", RATING).json["decision"]["level"] == "above"
    assert findings(officers) == {}
    assert reason_of_bundle(officers) == ""


def test_whoever_moves_a_deadline_is_told_its_bounds(officers: OfficersService) -> None:
    form = officers.page("decides", f"{PAGE}/deadline")

    assert "tối đa 2 lần, mỗi lần không quá 20 ngày làm việc" in form


def test_after_fifteen_days_a_report_stands(officers: OfficersService) -> None:
    rated(officers)
    officers.reach(officers.clock.now() + timedelta(days=16))

    upheld = {"ground": "representation", "text": WORDS}
    refused = officers.send("decides", f"{REVIEW}/reopening", upheld)
    assert (refused.status_code, refused.json["code"]) == (409, "reopened_too_late")


# A civil service


def test_whoever_missed_a_critical_element_improves_in_ninety_days_and_is_rated_again(
    service: CivilService,
) -> None:
    service.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    service.propose(ALL_MET | {"deadlines": 0})
    service.appraise()
    service.decide()
    assert service.read("member", RATING).json["decision"]["level"] == "unacceptable"
    assert "Kế hoạch cải thiện 90 ngày" in service.page("member", "/inbox")
    in_ninety_days = (service.clock.now() + timedelta(days=90)).date().isoformat()
    milestones = [{"words": WORDS, "due_on": in_ninety_days}]
    service.do("member", PLAN, {"text": WORDS, "milestones": milestones})
    version = service.read("proposes", PLAN).json["proposal_version"]
    agreed = {"proposal_version": version, "follower_id": FOLLOWER}
    service.do("proposes", f"{PLAN}/agreement", agreed)

    service.reach(service.clock.now() + timedelta(days=91))
    service.do("decides", f"{REVIEW}/reopening", {"ground": "improved", "text": WORDS})
    service.do("member", f"{REVIEW}/statement", {"text": WORDS})
    service.propose(ALL_MET)
    service.appraise()
    service.decide()

    assert service.read("member", RATING).json["decision"]["level"] == "successful"
    shown = service.page("member", PAGE)
    assert "hết thời hạn cải thiện 90 ngày" in shown
    assert '<h2 id="plan">Kế hoạch cải thiện 90 ngày</h2>' in shown
    assert findings(service) == {}
    assert reason_of_bundle(service) == ""


def test_forms_are_headed_as_the_edition_calls_their_steps(service: CivilService) -> None:
    own = service.page("member", f"{PAGE}/write/self-critique")
    assert f"<h1>Báo cáo kết quả: {PERIOD}</h1>" in own
    service.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    proposing = service.page("proposes", f"{PAGE}/proposal")
    service.propose(ALL_MET | {"integrity": 0})
    appraising = service.page("appraises", f"{PAGE}/appraisal")
    service.appraise()
    service.do("decides", f"{REVIEW}/decision", service.as_proposed("decides"))
    telling = service.page("proposes", f"{PAGE}/announcement")
    service.do("proposes", f"{REVIEW}/announcement")
    planning = service.page("member", PLAN.removeprefix("/api/v1"))

    for page, called in (
        (proposing, "Đánh giá của người quản lý"),
        (appraising, "Xem xét đánh giá"),
        (telling, "Thông báo bằng văn bản"),
        (planning, "Kế hoạch cải thiện 90 ngày"),
    ):
        assert f"<h1>{called}: " in page


def test_an_edition_says_whose_posts_take_its_steps(
    officers: OfficersService,
) -> None:
    shown = officers.page("decides", "/rulebooks/officers")

    for called, taker in (
        ("Báo cáo của sĩ quan nhận xét", "sĩ quan nhận xét"),
        ("Đưa báo cáo cho người được nhận xét", "sĩ quan nhận xét, sĩ quan xem xét"),
    ):
        assert f"{called}<br><small>{taker}" in shown.replace("\n", "")
    assert "bí thư" not in shown


def test_elements_are_met_or_not_and_have_no_total(service: CivilService) -> None:
    form = service.page("proposes", f"{PAGE}/proposal")

    assert "Đánh giá của người quản lý" in form
    assert "Chưa đạt" in form
    service.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    service.propose(ALL_MET | {"learning": 0})
    shown = service.page("member", PAGE)
    assert "Hoàn thành tối thiểu" in shown
    assert "Tổng điểm" not in shown
