"""Take the README's two pictures from the demo, in a browser: see `deploy/pictures/make`."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from services.web.saying import languages
from tests.support.sites import browser_program

FOLDER = Path(__file__).parent
SIZE = ViewportSize(width=960, height=520)
BYTES_MAX = 100_000
WORDS = Path(languages.__file__).parents[1] / "words" / "events.yaml"
DECIDED = yaml.safe_load(WORDS.read_text(encoding="utf-8"))["review"]["rating_decided"]
SHOWN = re.compile(r"(\w+) +(\S+) +(\S+) .*: (http\S+)")


class Shown(NamedTuple):
    """Whom the demo shows in a role, as it prints them."""

    login: str
    password: str
    address: str  # of the page on which something waits


class Picture(NamedTuple):
    name: str
    role: str
    language: str
    look: Callable[[Page], None]  # on the page that the demo names


def look_at_what_waits(_page: Page) -> None:
    """Look at the milestones that wait for whoever follows plans."""


def look_at_the_second_decision(page: Page) -> None:
    """Look at the moment at which a year was rated again, as the auditor does."""
    page.get_by_role("link", name=DECIDED["en"]).last.click()


PICTURES = (
    Picture("supervisor.png", "follower", "vi", look_at_what_waits),
    Picture("history.png", "auditor", "en", look_at_the_second_decision),
)


def main() -> None:
    with demo() as shown, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_program(), args=["--no-sandbox"]
        )
        for picture in PICTURES:
            page = signed_in(browser, shown[picture.role], picture.language)
            picture.look(page)
            taken = page.screenshot(path=FOLDER / picture.name, animations="disabled")
            sys.stdout.write(f"{picture.name}: {len(taken)} bytes\n")
            assert len(taken) < BYTES_MAX
        browser.close()


@contextlib.contextmanager
def demo() -> Iterator[Mapping[str, Shown]]:
    """Run the demo in a folder of its own; yield whom it shows, by role."""
    with tempfile.TemporaryDirectory(prefix="tusoi-pictures-") as folder:
        program = subprocess.Popen(
            ["tusoi", "up", "--demo", "--port", "0"],  # noqa: S607 - of this environment
            env=os.environ | {"TUSOI_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield shown_by(program)
        finally:
            program.terminate()
            program.wait()


def shown_by(program: "subprocess.Popen[str]") -> Mapping[str, Shown]:
    """Return what the demo prints once its story is told."""
    shown = {}
    assert program.stdout
    for line in program.stdout:
        if told := SHOWN.match(line):
            shown[told[1]] = Shown(*told.group(2, 3, 4))
        elif line.startswith("Serving on"):
            return shown
    raise SystemExit("the demo ended before it served")


def signed_in(browser: Browser, who: Shown, language: str) -> Page:
    """Return the page that the demo names for somebody, who has signed in."""
    there = urlsplit(who.address)
    site = f"{there.scheme}://{there.netloc}"
    context = browser.new_context(base_url=site, viewport=SIZE)
    context.add_cookies([{"name": languages.COOKIE, "value": language, "url": site}])
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=login]", who.login)
    page.fill("input[name=password]", who.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(who.address)
    return page


if __name__ == "__main__":
    main()
