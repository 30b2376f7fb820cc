"""Whatever is sent to whichever address, nothing breaks: the answer is a coded problem."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from events.definitions.shapes import TEXT_BYTES_MAX
from services.intake.parser import BODY_BYTES_MAX
from services.web.pages import writing
from tests.support import api_roles
from tests.support.api_roles import ROUTES
from tests.support.cases import every_case
from tests.support.page_roles import HTML
from tests.support.world import COMMUNE
from tests.support.year_world import MEMBER, MILESTONE, PERIOD, REVIEW, TEXT_FILE, YearWorld

ODD = ("NaN", "-1", "9" * 400, "%00", "%ED%A0%80", "%F0%9F%98%80", "{}", "..%2f", "a" * 3000)
QUERIES = ("as_of", "at", "n", "after", "limit", "q", "from")
BODIES = (
    b"",
    b"NaN",
    b'{"text": 1e400}',
    b'{"text": "\\ud800"}',
    b'{"text": "a", "text": "b"}',
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"evidence_version": 99999999999999999999}',
    b"\xff\xfe{\x00}\x00",
)
FIELDS = (
    *(
        "text",
        "item",
        "key",
        "version",
        "then",
        "next",
        "undo",
        "q",
        "row",
        "level",
        "day",
        "ground",
    ),
    *("unit", "year", "rulebook", "calendar", "follower", "place", "language", "login", "password"),
    *("form", "catalogue", "proposal_version", "evidence_version", "unopened", "words", "which"),
)
PREFIXES = ("what-", "by-", "points-", "figures-", "section-", "degree-", "sheet-", "seen ")
SWITCHES = ("", "save", "more", "try")  # what else a form's buttons say
TYPED = (
    "a\r\nSet-Cookie: evil=1",
    "9" * 5000,
    "\x00\u2028",
    "a" + "\u0316" * 40,
    "/%" + "25" * 1500,
    "٣",
)
KNOWN = {"period": PERIOD, "member_id": MEMBER, "unit_id": COMMUNE}
ENDING = {"/account/sessions", "/sign-out"}  # forms after which nobody is signed in
ARGUMENT = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[YearWorld]:
    """A world whose year was opened."""
    world = YearWorld(tmp_path_factory.mktemp("odd") / "data")
    world.open_cycle()
    yield world
    world.system.close()


def addresses(year: YearWorld, method: str) -> list[str]:
    return [each.rule for each in year.app.url_map.iter_rules() if method in (each.methods or ())]


def filled(rule: str, **values: str) -> str:
    """Return a rule's address with values in the places of its arguments."""
    return ARGUMENT.sub(lambda found: (KNOWN | values).get(found[1], "x"), rule)


def broken(year: YearWorld, method: str, paths: set[str], role: str, **asked: Any) -> list[str]:
    """Return which addresses answered by anything but a page or a coded problem."""
    wrong = []
    for path in sorted(paths):
        answer = year.client.open(path, method=method, headers=year.headers(role), **asked)
        of_api = path.startswith("/api/v1/") and answer.status_code >= 400
        if answer.status_code >= 500 or (of_api and "code" not in (answer.json or {})):
            wrong.append(f"{answer.status_code} {path[:100]}")
    return wrong


def test_odd_places_in_addresses_break_nothing(year: YearWorld) -> None:
    rules = addresses(year, "GET")
    paths = {
        filled(rule, **{argument: odd})
        for rule in rules
        for argument in ARGUMENT.findall(rule)
        for odd in ODD
    }

    assert len(paths) > 200
    assert broken(year, "GET", paths, "auditor") == []


def test_odd_queries_break_nothing(year: YearWorld) -> None:
    rules = [filled(rule) for rule in addresses(year, "GET")]
    odd = "&".join(f"{name}={value}" for name, value in zip(QUERIES, ODD, strict=False))
    paths = {f"{path}?{query}={value}" for path in rules for query in QUERIES for value in ODD[:2]}
    assert (
        broken(year, "GET", paths | {f"{path}?{odd}&at=1&at=2" for path in rules}, "auditor") == []
    )


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_odd_bodies_break_nothing(year: YearWorld, body: bytes) -> None:
    paths = {filled(rule) for rule in addresses(year, "POST") if "session" not in rule}

    wrong = broken(year, "POST", paths, "secretary", data=body, content_type="application/json")

    assert wrong == []


@pytest.mark.parametrize("odd", TYPED, ids=range(len(TYPED)))
def test_odd_forms_break_nothing(year: YearWorld, odd: str) -> None:
    paths = {filled(rule) for rule in addresses(year, "POST") if "/api/" not in rule} - ENDING
    paths |= {f"/reviews/{PERIOD}/{MEMBER}/write/{name}" for name in writing.FORMS}
    typed = dict.fromkeys(FIELDS, odd) | {f"{each}{odd[:6000]}": "x" for each in PREFIXES}

    wrong = [
        each
        for switch in SWITCHES
        for each in broken(year, "POST", paths, "member", data=typed | {switch: "1"})
    ]

    assert wrong == []


@pytest.mark.parametrize("role", ["member", "nobody"])
def test_a_form_too_large_is_told_and_not_read_once_more(year: YearWorld, role: str) -> None:
    pieces = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' for _ in range(2000)
    )
    large = {"data": {"text": "x" * (BODY_BYTES_MAX + 1)}}
    many = {"data": pieces, "content_type": "multipart/form-data; boundary=B"}

    for path in ("/language", "/sign-in", f"/reviews/{PERIOD}/{MEMBER}/write/commitment"):
        for sent in (large, many):
            answer = year.client.post(path, headers=year.headers(role) | HTML, **sent)

            assert answer.status_code in (401, 413)


@pytest.mark.parametrize("item", ["a\r\nSet-Cookie: evil=1", "a" * 26, "ồ//evil", "1"])
@pytest.mark.parametrize("name", ["answer", "point-answer"])
def test_nothing_is_drafted_for_what_is_not_there(year: YearWorld, name: str, item: str) -> None:
    """Else whoever writes has as many drafts as there are names."""
    data = {"text": "x", "item": item, "save": "1"}

    for way in ("write", "draft"):
        path = f"/reviews/{PERIOD}/{MEMBER}/{way}/{name}"
        answer = year.ask("POST", path, data=data, headers=year.headers("member"))

        assert answer.status_code == 404
    assert drafts_of(year, name) == []


def drafts_of(year: YearWorld, written: str) -> list[str]:
    """Return our names of what somebody is writing of a kind."""
    rows = year.system.store.database.rows("SELECT form FROM drafts")
    return [form for (form,) in rows if form.startswith(f"{written}-{PERIOD}-")]


def test_of_what_is_written_once_there_is_one_draft(year: YearWorld) -> None:
    for item in ("", "a\r\nb", "x" * 26):
        data = {"text": "x", "item": item, "save": "1"}
        path = f"/reviews/{PERIOD}/{MEMBER}/write/commitment"
        answer = year.ask("POST", path, data=data, headers=year.headers("member"))

        assert answer.headers["Location"] == path

    assert drafts_of(year, "commitment") == [f"commitment-{PERIOD}-{MEMBER}-"]


def test_a_version_that_is_not_there_is_a_coded_problem_and_any_version_is_taken(
    year: YearWorld,
) -> None:
    told = {each: year.read("secretary", REVIEW, If_Match=each) for each in ('"999"', "*", '"1"')}

    assert (told['"999"'].status_code, told['"999"'].json["code"]) == (412, "precondition_failed")
    assert (told["*"].status_code, told['"1"'].status_code) == (200, 200)


@pytest.mark.parametrize("role", ["member", "secretary", "authority"])
def test_words_are_measured_by_their_bytes_wherever_they_are_sent(
    rated_year: YearWorld, role: str
) -> None:
    year, words = rated_year, "ệ" * (TEXT_BYTES_MAX // 2)  # three bytes each
    texts = [e for e in ROUTES.values() if isinstance(e.body, dict) and "text" in e.body]

    with every_case() as case:
        for each in texts:
            with case(each.path):
                sent = year.send(
                    role, api_roles.filled(year, each.path), {**each.body, "text": words}
                )
                assert (sent.status_code, sent.json["pointer"]) == (422, "/text")


def test_words_beside_files_are_measured_by_their_bytes(rated_year: YearWorld) -> None:
    words = "ệ" * (TEXT_BYTES_MAX // 2)

    sent = rated_year.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE), text=words)

    assert (sent.status_code, sent.json["pointer"]) == (422, "/text")
