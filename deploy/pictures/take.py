"""Take the README's two pictures from the demo, in a browser: see `deploy/pictures/make`."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from services.web.saying import languages
from tests.support.sites import browser_program

FOLDER = Path(__file__).parent
SIZE = {"width": 960, "height": 520}
BYTES_MAX = 100_000
SIGN_IN = re.compile(r"(\S+)/sign-in; the password is (\S+)")
LOGIN = re.compile(r"^(follower|auditor) +(\S+)")
RATED_AGAIN = "Lưu Văn Bách"  # whose 2024 was; nobody of that name lives in the commune besides


def main() -> None:
    with demo() as (address, password, logins), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_program(), args=["--no-sandbox"]
        )
        for role, language, look, name in (
            ("follower", "vi", look_at_the_inbox, "supervisor.png"),
            ("auditor", "en", look_at_a_history, "history.png"),
        ):
            page = new_page(browser, address, language)
            sign_in(page, logins[role], password)
            look(page)
            taken = page.screenshot(path=FOLDER / name, animations="disabled")
            sys.stdout.write(f"{name}: {len(taken)} bytes\n")
            assert len(taken) < BYTES_MAX
        browser.close()


@contextlib.contextmanager
def demo() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Run the demo; yield its address, the password, and a login for each role."""
    with tempfile.TemporaryDirectory(prefix="tusoi-pictures-") as folder:
        program = subprocess.Popen(
            ["tusoi", "up", "--demo", "--port", "0"],  # noqa: S607 - of this environment
            env=os.environ | {"TUSOI_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield sign_ins(program)
        finally:
            program.terminate()
            program.wait()


def sign_ins(program: "subprocess.Popen[str]") -> tuple[str, str, dict[str, str]]:
    """Return what the demo prints once its story is told."""
    address = password = ""
    logins: dict[str, str] = {}
    assert program.stdout
    for line in program.stdout:
        if told := SIGN_IN.search(line):
            address, password = told[1].split()[-1], told[2]
        elif told := LOGIN.match(line):
            logins[told[1]] = told[2]
        elif line.startswith("Serving on"):
            return address, password, logins
    raise SystemExit("the demo ended before it served")


def new_page(browser: Browser, address: str, language: str) -> Page:
    context = browser.new_context(base_url=address, viewport=SIZE)
    context.add_cookies([{"name": languages.COOKIE, "value": language, "url": address}])
    return context.new_page()


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def look_at_the_inbox(page: Page) -> None:
    """Look at what waits for somebody who follows plans."""
    page.goto("/inbox")


def look_at_a_history(page: Page) -> None:
    """Look at the moment at which a year was rated again, as the auditor does."""
    page.goto(f"/history?q={quote(RATED_AGAIN)}")
    page.get_by_role("link", name="2024").first.click()
    page.get_by_role("link", name="Rating decided").last.click()


if __name__ == "__main__":
    main()
