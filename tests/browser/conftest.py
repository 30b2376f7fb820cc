"""A browser, and the demo's commune as served on some days of its years."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, sync_playwright

from events.definitions.records import Period
from tests.support.lived_folders import LivedFolders
from tests.support.party_years import (
    AFTER_THE_YEAR,
    AT_MEETINGS,
    AT_POINTS,
    REOPENED,
    SOME_FURTHER,
    PartyYears,
    take,
)
from tests.support.sites import Site, browser_program, close_pages
from tests.support.unit_years import BEFORE_CRITIQUES, take_units_apart

COMMITMENTS_MISSED = date(2025, 2, 5)  # escalations are open
BEFORE_PROPOSALS = date(2025, 12, 5)  # critiques are in, the secretary's turn comes
DECIDED = date(2025, 12, 22)  # the secretary gives notice to everybody
PLANS_WAIT = date(2026, 1, 6)  # for the secretary's agreement
EVIDENCE_WAITS = date(2026, 4, 2)  # a follower has something to decide
OPENS_YEARS = "SG-0036"  # who holds the office of the committee then


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this process."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=browser_program(),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield launched
        launched.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser; what a test opens in it is closed afterwards."""
    yield chromium
    close_pages(chromium)


@pytest.fixture(scope="module")
def in_february(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("february"), COMMITMENTS_MISSED) as site:
        yield site


@pytest.fixture(scope="module")
def in_december(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("december"), BEFORE_PROPOSALS) as site:
        yield site


@pytest.fixture(scope="module")
def decided(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("decided"), DECIDED) as site:
        yield site


@pytest.fixture(scope="module")
def in_january(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("january"), PLANS_WAIT) as site:
        yield site


@pytest.fixture(scope="module")
def in_april(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("april"), EVIDENCE_WAITS) as site:
        yield site


@pytest.fixture(scope="module")
def at_points(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("points"), AT_POINTS, PartyYears) as site:
        yield site


@pytest.fixture(scope="module")
def at_meetings(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(lived_folders, tmp_path_factory.mktemp("meetings"), AT_MEETINGS, PartyYears) as site:
        take(site.year, *SOME_FURTHER)
        yield site


@pytest.fixture(scope="module")
def reopened(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with Site(
        lived_folders, tmp_path_factory.mktemp("reopened"), AFTER_THE_YEAR, PartyYears
    ) as site:
        take(site.year, *REOPENED)
        yield site


@pytest.fixture(scope="module")
def of_units(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Units are reviewed: one writes, one meets, one was rated and has a plan to agree to."""
    with Site(
        lived_folders, tmp_path_factory.mktemp("units"), BEFORE_CRITIQUES, PartyYears
    ) as site:
        assert isinstance(site.year, PartyYears)
        take_units_apart(site.year)
        yield site


@pytest.fixture(scope="module")
def on_forms(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """April again, and 2026 is open under QĐ 366: everybody writes on its forms."""
    with Site(lived_folders, tmp_path_factory.mktemp("forms"), EVIDENCE_WAITS) as site:
        site.year.open_year(Period("2026"), "qd366_hd02", OPENS_YEARS)
        yield site
