"""The pages: Vietnamese first, at a position, light, and whole without script or other sites."""

from html.parser import HTMLParser

import pytest

from tests.support.world import World, commune

PAGE_BYTES_MAX = 100 * 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """What a page is made of; unbalanced elements raise."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.elements: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"href", "src"}]
        assert not {"style", "onclick"} & {name for name, _ in attrs}
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_a_page_is_whole_light_and_its_links_lead_somewhere(world: World, path: str) -> None:
    world.tell(*commune())
    world.system.signer.sign()

    page = Page(world.get(path).text)

    statuses = set()
    for address in page.addresses:
        if not address.startswith("#"):
            with world.get(address) as response:
                statuses.add(response.status_code)
    with world.get("/static/look.css") as style, world.get("/static/keys.js") as script:
        weight = len(world.get(path).data) + len(style.data) + len(script.data)
    assert statuses == {200}
    assert weight < PAGE_BYTES_MAX
    assert not page.elements & {"style", "iframe"}


def test_the_first_page_says_at_which_position_it_is_true(world: World) -> None:
    world.tell(*commune())

    text = world.get("/").text

    assert '<html lang="vi">' in text
    assert "Đúng tại vị trí 5" in text
    assert world.system.verifier_key in text


def test_who_chose_english_reads_english(world: World) -> None:
    chosen = world.ask("POST", "/language", data=b"language=en&next=/api/docs", headers=FORM)

    text = world.get("/", {"Cookie": chosen.headers["Set-Cookie"].partition(";")[0]}).text

    assert chosen.headers["Location"] == "/api/docs"
    assert '<html lang="en">' in text
    assert "True at position 0" in text


def test_a_language_that_there_is_not_changes_nothing(world: World) -> None:
    chosen = world.ask("POST", "/language", data=b"language=xx&next=//evil.example", headers=FORM)

    assert "Set-Cookie" not in chosen.headers
    assert chosen.headers["Location"] == "/"


def test_a_page_that_there_is_not_says_so_to_people_and_to_machines(world: World) -> None:
    page = world.get("/nowhere", {"Accept": "text/html"})
    problem = world.get("/nowhere", {"Accept": "application/json"})

    assert (page.status_code, problem.status_code) == (404, 404)
    assert "Không có trang này" in page.text
    assert problem.json["code"] == "not_found"


def test_the_first_page_of_an_empty_log_says_what_to_do(world: World) -> None:
    text = world.get("/").text

    assert "Sổ còn trống" in text
    assert "tusoi tokens new" in text


def test_the_docs_hold_every_operation(world: World) -> None:
    text = world.get("/api/docs").text
    paths = world.get("/api/openapi.json").json["paths"]

    assert all(path in text for path in paths)
    assert text.count("Needs a token") == 6
