"""What a page that was overtaken carries, and what it tells of the meantime."""

from tests.support.world import Answer

BETWEEN = {
    "vi": "Những việc đã xảy ra từ lúc bạn mở trang",
    "en": "What happened since you opened this page",
}


def version_on(page: Answer) -> int:
    """Return the version that the form on a page carries."""
    return int(page.text.partition('name="version" value="')[2].partition('"')[0])


def changes_on(page: Answer, language: str = "vi") -> str:
    """Return what a page tells that happened since it was opened; nothing where it does not."""
    return page.text.partition(BETWEEN[language])[2].partition("</ul>")[0]
