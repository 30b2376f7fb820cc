"""The pages of a party year as people see them: points, meetings, appraisals, quarters, papers."""

import pytest
from playwright.sync_api import Browser

from tests.support.looking import wrongs
from tests.support.looks import MEETINGS, PAPERS, POINTS, REOPENED, UNITS, address_at
from tests.support.sites import Site


@pytest.mark.parametrize("name", POINTS)
def test_a_page_while_points_wait_is_fit_for_everybody(
    browser: Browser, at_points: Site, name: str
) -> None:
    assert wrongs(browser, at_points, POINTS[name]) == []


@pytest.mark.parametrize("name", MEETINGS)
def test_a_page_from_the_meeting_to_the_notice_is_fit_for_everybody(
    browser: Browser, at_meetings: Site, name: str
) -> None:
    assert wrongs(browser, at_meetings, MEETINGS[name]) == []


@pytest.mark.parametrize("name", REOPENED)
def test_a_page_after_the_year_and_in_a_quarter_is_fit_for_everybody(
    browser: Browser, reopened: Site, name: str
) -> None:
    assert wrongs(browser, reopened, REOPENED[name]) == []


@pytest.mark.parametrize("name", UNITS)
def test_a_page_of_a_units_review_is_fit_for_everybody(
    browser: Browser, of_units: Site, name: str
) -> None:
    assert wrongs(browser, of_units, UNITS[name]) == []


@pytest.mark.parametrize("name", PAPERS)
def test_what_a_page_links_to_for_printing_is_a_pdf(
    browser: Browser, reopened: Site, name: str
) -> None:
    paper = PAPERS[name]
    page = reopened.page(browser, paper.login)
    page.goto(address_at(reopened, paper.page))

    link = page.locator(f"a[href='{address_at(reopened, paper.address)}']")
    printed = page.request.get(link.get_attribute("href") or "")

    assert link.is_visible()
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF-")
