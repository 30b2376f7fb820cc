"""Every page as people see it: nothing for axe to find, no sideways scrolling, clean in print.

The list of pages comes from the routes: a page that nobody looks at fails here.
"""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from werkzeug.routing import Map

from services.bootstrap import open_system
from services.settings import from_environment
from services.web.app import create_app
from tests.support.databases import hasty
from tests.support.looking import wrongs
from tests.support.looks import ADDRESSES, APRIL, DECEMBER, FEBRUARY, JANUARY
from tests.support.sites import Site

ANY_ID = "a" * 26


@pytest.mark.parametrize("name", FEBRUARY)
def test_a_page_of_february_is_fit_for_everybody(
    browser: Browser, in_february: Site, name: str
) -> None:
    assert wrongs(browser, in_february, FEBRUARY[name]) == []


@pytest.mark.parametrize("name", DECEMBER)
def test_a_page_of_december_is_fit_for_everybody(
    browser: Browser, in_december: Site, name: str
) -> None:
    assert wrongs(browser, in_december, DECEMBER[name]) == []


@pytest.mark.parametrize("name", JANUARY)
def test_a_page_of_january_is_fit_for_everybody(
    browser: Browser, in_january: Site, name: str
) -> None:
    assert wrongs(browser, in_january, JANUARY[name]) == []


@pytest.mark.parametrize("name", APRIL)
def test_a_page_of_april_is_fit_for_everybody(browser: Browser, in_april: Site, name: str) -> None:
    assert wrongs(browser, in_april, APRIL[name]) == []


def test_every_page_that_is_served_is_looked_at(tmp_path: Path) -> None:
    with closing(open_system(from_environment(hasty(tmp_path)))) as system:
        routes = create_app(system).url_map

    looked_at = {_page_at(routes, each) for each in ADDRESSES}

    served = {each.endpoint for each in routes.iter_rules() if "GET" in (each.methods or ())}
    assert {each for each in served if each.startswith("pages.")} - looked_at == set()


def _page_at(routes: Map, address: str) -> str:
    """Return which page an address names; the one that is nowhere has none."""
    path = re.sub(r"\{[^}]*\}", ANY_ID, address).partition("?")[0]
    adapter = routes.bind("localhost")
    return str(adapter.match(path)[0]) if adapter.test(path, "GET") else ""
