"""The service as people meet it: the demo's commune on one day of its year, served over HTTP."""

import os
import shutil
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page

from events.identifiers import MemberId
from services.access import accounts, sessions
from services.bootstrap import open_system
from services.cli.serving import EmbeddedServer
from services.commands import rights
from services.settings import from_environment
from services.web.asking import session
from services.web.saying import languages
from tests.support.databases import hasty
from tests.support.fakes import FixedClock
from tests.support.lived_folders import LivedFolders
from tests.support.living import BEFORE, MORNING, Year
from workers.main import Workplace

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PASSWORD = "of-everybody-in-the-tests"
AUDITOR, ADMINISTRATOR = "kiemtra", "quantri"
GIVEN = {AUDITOR: "auditor", ADMINISTRATOR: "administrator"}  # roles of accounts of nobody
PHONE, DESK = 360, 1280
PATIENCE = 20_000  # milliseconds that a page may take here
AXE = """([options]) => axe.run(document, options).then(found => found.violations.map(
    each => [each.id, each.nodes.map(node => node.html.slice(0, 200))]))"""
EVERY_RULE: dict[str, Any] = {"resultTypes": ["violations"]}
KEPT: WeakSet[BrowserContext] = WeakSet()  # those that looks are taken in, until their site ends


class Site:
    """A running service; everybody signs in with the same password, by HR's number."""

    def __init__(
        self, lived: LivedFolders, folder: Path, day: date, years: type[Year] = Year
    ) -> None:
        reached = lived.copy(years, day, folder)
        self.clock = FixedClock(BEFORE)
        self.system = open_system(from_environment(hasty(folder)), clock=self.clock)
        self.year = years(self.system, self.clock)
        self.year.arrive(reached)
        self.clock.time = datetime.combine(day, MORNING).astimezone(UTC)
        self._accounts: dict[str, str] = {}
        self._kept: dict[bool, Page] = {}  # by whether scripts run in it
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(closing(self.system))
        workplace = Workplace(self.system)
        workplace.start()
        self._running.callback(workplace.stop)
        self._server = EmbeddedServer(self.system, host="127.0.0.1", port=0)
        self._server.start()
        self._running.callback(self._server.stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for page in self._kept.values():
            page.context.close()
        self._running.close()

    @property
    def address(self) -> str:
        return self._server.address

    def id_of(self, number: str) -> str:
        return self.year.id_of(number)

    def account(self, login: str) -> str:
        """Return the account of a member, by HR's number, or of whom a role was given."""
        if login not in self._accounts:
            self._accounts[login] = self._account_with_password(login)
        return self._accounts[login]

    def _account_with_password(self, login: str) -> str:
        if login in GIVEN:
            roles = (GIVEN[login],)
            return rights.make_account(self.system, login.lower(), PASSWORD, roles=roles).id
        member_id = MemberId(self.id_of(login))
        known = accounts.find_member(self.system, member_id)  # by which they lived the year
        if known is None:
            made = rights.make_account(self.system, login.lower(), PASSWORD, member_id=member_id)
            return made.id
        accounts.set_password(self.system, known.id, PASSWORD)
        return known.id

    def page(
        self,
        browser: Browser,
        login: str | None = None,
        *,
        width: int = DESK,
        language: str = "vi",
        **options: Any,
    ) -> Page:
        """Return a page of a new browser context in which somebody is signed in already."""
        viewport = {"width": width, "height": 800}
        context = browser.new_context(base_url=self.address, viewport=viewport, **options)  # type: ignore[arg-type]
        context.add_cookies(self._cookies(login, language))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", _raise)
        return page

    def kept_page(
        self, browser: Browser, login: str | None, *, language: str, scripted: bool = True
    ) -> Page:
        """Return the page in which somebody only looks; whoever looks next takes the same one.

        To make a new one for each look costs a seventh of the time. With scripts, axe is there too.
        """
        if scripted not in self._kept:
            self._kept[scripted] = self.page(browser, java_script_enabled=scripted)
            KEPT.add(self._kept[scripted].context)
            if scripted:  # said once, and not sent again for each page: a fifth of a look's time
                self._kept[scripted].context.add_init_script(AXE_SCRIPT)
        page = self._kept[scripted]
        page.context.clear_cookies()
        page.context.add_cookies(self._cookies(login, language))
        return page

    def _cookies(self, login: str | None, language: str) -> list[Any]:
        """Return what the browser of somebody who is signed in sends, in their language."""
        cookies = {languages.COOKIE: language}
        if login:
            account = accounts.find(self.system, self.account(login))
            cookies[session.COOKIE] = sessions.begin(self.system, account)
        return [
            {"name": name, "value": value, "url": self.address} for name, value in cookies.items()
        ]


def close_pages(browser: Browser) -> None:
    """Close what a test opened: each context is a process. What looks are taken in is kept."""
    for context in browser.contexts:
        if context not in KEPT:
            context.close()


def browser_program() -> str:
    """Return the browser that pages are tested in; `deploy/test` sees to it that there is one."""
    wanted = os.environ.get("TUSOI_BROWSER")
    names = (wanted,) if wanted else BROWSERS
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, "no Chromium on PATH: install it, or name a browser in TUSOI_BROWSER"
    return found


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong with a page, with the elements concerned."""
    page.evaluate(AXE_SCRIPT)
    return [(name, html) for name, html in page.evaluate(AXE, [EVERY_RULE])]


def scrolls_sideways(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


def _raise(error: Exception) -> None:
    raise AssertionError(f"a script failed: {error}")
