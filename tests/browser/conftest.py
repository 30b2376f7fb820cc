"""A browser, and the demo's commune as served on some days of its years."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.party_years import party_site
from tests.support.sites import Site, browser_program

COMMITMENTS_MISSED = date(2025, 2, 5)  # escalations are open
BEFORE_PROPOSALS = date(2025, 12, 5)  # critiques are in, the secretary's turn comes
PLANS_WAIT = date(2026, 1, 6)  # for the secretary's agreement
EVIDENCE_WAITS = date(2026, 4, 2)  # a follower has something to decide
POINTS_WAIT = date(2025, 11, 25)  # for their answers
MEETINGS_WAIT = date(2025, 12, 16)  # for some; others are proposed
QUARTER_OPEN = date(2026, 3, 18)

# At the meetings: where some are, while others wait for the meeting, the appraisal, the notice.
SOME_FURTHER: tuple[dict[str, str], ...] = (
    {"does": "self_critique", "who": "SG-0026"},
    {"does": "self_critique", "who": "SG-0045"},
    {"does": "appraise", "who": "SG-0043", "whom": "SG-0046"},
    {"does": "appraise", "who": "SG-0043", "whom": "SG-0053"},
    {"does": "decide", "who": "SG-0036", "whom": "SG-0053"},
)
DISCIPLINE = {"does": "discipline", "decision": "05-QĐ/UBKT", "says": "Chi sai quỹ năm 2025."}
REOPENING = {
    "does": "reopen",
    "who": "SG-0036",
    "whom": "SG-0046",
    "decision": "05-QĐ/UBKT",
    "says": "Kết luận kiểm tra tháng 3/2026.",
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=browser_program(),
            args=["--no-sandbox", "--disable-background-networking"],
        )


@pytest.fixture(scope="module")
def in_february(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("february"), COMMITMENTS_MISSED) as site:
        yield site


@pytest.fixture(scope="module")
def in_december(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("december"), BEFORE_PROPOSALS) as site:
        yield site


@pytest.fixture(scope="module")
def in_january(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("january"), PLANS_WAIT) as site:
        yield site


@pytest.fixture(scope="module")
def in_april(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("april"), EVIDENCE_WAITS) as site:
        yield site


@pytest.fixture(scope="module")
def at_points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with party_site(tmp_path_factory.mktemp("points"), POINTS_WAIT) as site:
        yield site


@pytest.fixture(scope="module")
def at_meetings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with party_site(tmp_path_factory.mktemp("meetings"), MEETINGS_WAIT, *SOME_FURTHER) as site:
        yield site


@pytest.fixture(scope="module")
def reopened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    steps = (*(DISCIPLINE | {"whom": each} for each in ("SG-0046", "SG-0041")), REOPENING)
    with party_site(tmp_path_factory.mktemp("reopened"), QUARTER_OPEN, *steps) as site:
        yield site
