"""Whatever is sent to whichever address, nothing breaks: the answer is a coded problem."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.world import COMMUNE
from tests.support.year_world import MEMBER, PERIOD, REVIEW, YearWorld

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
KNOWN = {"period": PERIOD, "member_id": MEMBER, "unit_id": COMMUNE}
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


def test_a_version_that_is_not_there_is_a_coded_problem_and_any_version_is_taken(
    year: YearWorld,
) -> None:
    told = {each: year.read("secretary", REVIEW, If_Match=each) for each in ('"999"', "*", '"1"')}

    assert (told['"999"'].status_code, told['"999"'].json["code"]) == (412, "precondition_failed")
    assert (told["*"].status_code, told['"1"'].status_code) == (200, 200)
