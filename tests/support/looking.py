"""Look at a page as everybody does: in both languages, light and dark, wide and narrow, on paper.

And in a browser that runs no script.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response

from tests.support.looks import Look, address_at
from tests.support.sites import AXE, DESK, EVERY_RULE, PHONE, Site

Scheme = Literal["light", "dark"]
LANGUAGES: Mapping[str, tuple[Scheme, Scheme]] = {  # with the colours of the wide and narrow page,
    "vi": ("light", "dark"),  # which hang on no language: what one does not show, the other does
    "en": ("dark", "light"),
}
PAGE = "document"  # as the browser calls it among all that it loads
OPENS_WORDS = "form:has(input[name=open]) button"
PAPER = 718  # pixels: A4 without its margins
PAGE_BYTES_MAX = 100 * 1024
APPEARANCE: dict[str, Any] = EVERY_RULE | {  # what colours and width may change
    "runOnly": ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]
}
UNBROKEN = "Bao_cao_ket_qua_khac_phuc_han_che_khuyet_diem_sau_kiem_diem_nam_2026_da_ky_so.pdf"
LENGTHEN = """word => {  // as if every name, number, link and code had a word without a break in it
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const own = "script, style, title, option, textarea";
    for (let each; (each = texts.nextNode());)
        if (each.nodeValue.trim() && !each.parentElement.closest(own)) each.nodeValue += " " + word;
}"""
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"
UNSENDABLE = """() => [...document.querySelectorAll("form[method=post]")]
    .filter(form => [...form.elements].some(each => each.type !== "hidden"))
    .filter(form => ![...form.elements].some(
        each => each.type === "submit" && each.checkVisibility()))
    .map(form => form.action)"""


def wrongs(browser: Browser, site: Site, look: Look) -> list[Any]:
    """Return everything that is wrong with a page, and where it is."""
    wrong: list[Any] = []
    for language, schemes in LANGUAGES.items():
        page = site.kept_page(browser, look.login, language=language)
        with _complaints(page) as complaints:
            wrong += [(language, *each) for each in _find_faults(page, site, look, schemes)]
        wrong += [(language, "script", each) for each in complaints]
    page = site.kept_page(browser, look.login, language="vi", scripted=False)
    wrong += [("without script", each) for each in _without_script(page, site, look)]
    return wrong


def open_page(page: Page, site: Site, look: Look) -> Response:
    """Return the answer with the page that is looked at."""
    answer = page.goto(address_at(site, look.address))
    if look.opens:
        with page.expect_navigation() as pressed:
            page.locator(OPENS_WORDS).first.click()
        answer = pressed.value
    if look.types:
        page.locator("input[type=search]").fill(look.types)
    if look.presses:
        for each in page.locator(look.picks).all() if look.picks else ():
            each.check()
        for form in page.locator("form").all():
            form.evaluate("each => { each.noValidate = true }")
        with page.expect_navigation() as pressed:
            page.locator(look.presses).first.click()
        answer = pressed.value
    assert answer is not None
    return answer


def _find_faults(
    page: Page, site: Site, look: Look, schemes: tuple[Scheme, Scheme]
) -> Iterator[tuple[Any, ...]]:
    """Iterate over what is wrong in one language."""
    page.emulate_media(media="screen")
    answer = open_page(page, site, look)
    if answer.status != look.status:
        yield ("status", answer.status)
    if len(answer.body()) > PAGE_BYTES_MAX:
        yield ("bytes", len(answer.body()))
    rules = EVERY_RULE
    for width, scheme in zip((DESK, PHONE), schemes, strict=True):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        yield from ((width, "sideways", each) for each in _too_wide(page))
        yield from ((width, scheme, *each) for each in page.evaluate(AXE, [rules]))
        rules = APPEARANCE
    yield from (("print", each) for each in _on_paper(page))
    yield from (("long words", *each) for each in _with_long_words(page))


@contextmanager
def _complaints(page: Page) -> Iterator[list[str]]:
    """Give a list in which the browser writes down errors of scripts, styles and pictures."""
    found: list[str] = []

    def failed(error: Error) -> None:
        found.append(str(error))

    def written(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            found.append(message.text)

    def loaded(response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST and response.request.resource_type != PAGE:
            found.append(f"{response.status} {response.url}")

    heard = {"pageerror": failed, "console": written, "response": loaded}
    for name, listener in heard.items():
        page.on(name, listener)  # type: ignore[call-overload]
    yield found
    for name, listener in heard.items():
        page.remove_listener(name, listener)


def _too_wide(page: Page) -> list[str]:
    """Return what stands out to the right of a page that scrolls sideways."""
    return list(
        page.evaluate("""() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("main *, header *")]
                .filter(each => each.getBoundingClientRect().right > width)
                .map(each => each.outerHTML.slice(0, 100)).slice(-3);
        }""")
    )


def _with_long_words(page: Page) -> Iterator[tuple[int, str]]:
    """Iterate over what stands out where file names, numbers and codes have no break."""
    page.evaluate(UNFOLD)
    page.evaluate(LENGTHEN, UNBROKEN)
    for width, media in ((PHONE, "screen"), (PAPER, "print")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media=media)  # type: ignore[arg-type]
        yield from ((width, each) for each in _too_wide(page))


def _on_paper(page: Page) -> Iterator[str]:
    """Iterate over what is wrong where a page is printed."""
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.emulate_media(media="print")
    yield from (f"sideways: {each}" for each in _too_wide(page))
    if page.locator("h1").count() != 1:
        yield "not one heading"
    for each in ("header.bar", ".acts", "[data-print]"):
        if any(found.is_visible() for found in page.locator(each).all()):
            yield f"{each} is printed"


def _without_script(page: Page, site: Site, look: Look) -> Iterator[str]:
    """Iterate over what cannot be read or sent where no script runs."""
    page.set_viewport_size({"width": PHONE, "height": 800})
    open_page(page, site, look)
    if page.locator("html.keys").count():
        yield "a script ran"
    if not page.locator("main h1").is_visible():
        yield "no heading"
    page.evaluate(UNFOLD)
    yield from (f"cannot be sent: {each}" for each in page.evaluate(UNSENDABLE))
    yield from (f"sideways: {each}" for each in _too_wide(page))
    hints = [each.inner_text() for each in page.locator("kbd").all() if each.is_visible()]
    yield from (f"a key that does nothing: {each}" for each in hints)
