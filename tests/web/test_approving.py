"""Nobody approves unawares what they never opened: the page says so and asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.page_forms import PLAN, REASON, evidence_version, send
from tests.support.year_world import MEMBER, MILESTONE, PERIOD, TEXT_FILE, YearWorld

APPROVAL = f"/milestones/{PERIOD}-{MEMBER}-1/approval"
ITEM = f"/inbox/plan/{PERIOD}-{MEMBER}/evidence_review?item=1"
BOX = 'name="unopened"'


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which a report and a file wait for the follower."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("agreed")
    world.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE), text=REASON)
    yield world
    world.system.close()


def status(year: YearWorld) -> str:
    return str(year.read("follower", MILESTONE).json["status"])


def open_all(year: YearWorld) -> None:
    file = year.read("follower", MILESTONE).json["evidence"][-1]["files"][0]["commitment"]
    year.open_words("follower", f"{PLAN}/words")
    year.open_words("follower", f"/milestones/{PERIOD}-{MEMBER}-1/files/{file}")


def test_what_was_never_opened_is_approved_only_when_that_is_said(year: YearWorld) -> None:
    seen = evidence_version(year, MILESTONE)

    asked = send(year, "follower", APPROVAL, evidence_version=seen, text="")
    before = status(year)
    send(year, "follower", APPROVAL, evidence_version=seen, text="", unopened="1")

    assert (asked.status_code, before) == (422, "handed_in")
    assert "Bạn chưa mở đọc 2 mục" in asked.text
    assert BOX in asked.text
    assert status(year) == "approved"


def test_the_report_without_its_file_is_not_all_that_was_handed_in(year: YearWorld) -> None:
    seen = evidence_version(year, MILESTONE)
    year.open_words("follower", f"{PLAN}/words")

    asked = send(year, "follower", APPROVAL, evidence_version=seen, text="")

    assert asked.status_code == 422
    assert "Bạn chưa mở đọc 1 mục" in asked.text


def test_what_was_opened_is_approved_without_a_question(year: YearWorld) -> None:
    seen = evidence_version(year, MILESTONE)
    open_all(year)

    pages = [year.read("follower", each, Accept="text/html").text for each in (PLAN, ITEM)]
    send(year, "follower", APPROVAL, evidence_version=seen, text="")

    assert not any(BOX in page for page in pages)
    assert status(year) == "approved"


def test_newer_evidence_is_not_what_was_opened(year: YearWorld) -> None:
    open_all(year)
    year.hand_in("member", MILESTONE, text=REASON)

    page = year.read("follower", ITEM, Accept="text/html").text

    assert BOX in page


def test_to_ask_for_more_needs_nothing_opened(year: YearWorld) -> None:
    seen = evidence_version(year, MILESTONE)

    send(year, "follower", APPROVAL.replace("approval", "request"), evidence_version=seen, text="?")

    assert status(year) == "more_asked"


def test_of_many_at_once_the_summary_says_what_was_never_opened(year: YearWorld) -> None:
    before = send(year, "follower", "/inbox/many", row=[ITEM]).text
    open_all(year)
    after = send(year, "follower", "/inbox/many", row=[ITEM]).text

    assert "Bạn chưa mở đọc 2 mục" in before
    assert "Bạn chưa mở đọc" not in after


def test_a_review_in_which_nothing_waits_leads_to_what_waits_elsewhere(year: YearWorld) -> None:
    page = year.read("member", f"/reviews/{PERIOD}/{MEMBER}", Accept="text/html").text

    assert "Trong kỳ kiểm điểm này chưa có việc nào chờ bạn." in page
    assert '<a href="/inbox">Các việc khác đang chờ bạn</a>' in page
