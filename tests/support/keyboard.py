"""What somebody does who has a keyboard and no mouse."""

from playwright.sync_api import Page

TABS_MAX = 80


def press(page: Page, *keys: str) -> None:
    """Press keys, once the page's script listens."""
    page.wait_for_selector("html.keys", state="attached")
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the element with a text has the focus."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        focused = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
        if page.evaluate(focused).startswith(text):
            return
    raise AssertionError(f"Tab never reached {text}")


def write(page: Page, field: str, text: str) -> None:
    """Press Tab until a field has the focus, and type into it, in place of what was there."""
    _tab_to_field(page, field)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)


def tick(page: Page, field: str) -> None:
    """Press Tab until a box has the focus, and tick it."""
    _tab_to_field(page, field)
    page.keyboard.press("Space")


def _tab_to_field(page: Page, field: str) -> None:
    page.wait_for_selector("html.keys", state="attached")
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(f"Tab never reached the field {field}")


def press_on(page: Page, text: str) -> None:
    """Press Tab until the element with a text has the focus, then Enter; the next page came."""
    page.wait_for_selector("html.keys", state="attached")
    tab_to(page, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")
