"""An inbox that is longer than a page, as `deploy/bench` measures it."""

import re
from pathlib import Path

from tests.support import large_commune, large_deeds


def test_a_long_inbox_is_shown_in_parts_the_urgent_first(tmp_path: Path) -> None:
    members = 6 * large_commune.CELL_SIZE  # half wait to be rated, the reader is one of them
    with large_commune.commune(tmp_path / "pages", members) as commune:
        authority = commune.browser(large_deeds.AUTHORITY)

        first, rest = (authority.get(path).text for path in ("/inbox", "/inbox?from=50"))
        beyond = authority.get("/inbox?from=9999999999").text
        last = authority.get(_items(rest)[-1]).text

    assert len(_items(first)) == 50
    assert len(_items(rest)) == 9
    assert not set(_items(first)) & set(_items(rest))
    assert "Đang hiện việc 1 đến 50 trong 59 việc." in first
    assert 'href="/inbox?from=50" rel="next">9 việc tiếp theo' in first
    assert 'href="/inbox?from=0" rel="prev">50 việc gấp hơn' in rest
    assert _items(last) == _items(beyond) == _items(rest)


def _items(page: str) -> list[str]:
    """Return the addresses of what waits, in a page's order."""
    return re.findall(r'<a href="(/inbox/[^"]+)"', page)
