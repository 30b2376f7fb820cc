"""Whoever has no part in somebody's year is answered as if there were nobody and no year.

Every address that takes an argument is asked twice, for what is there and for what is not: by
whoever is not signed in, by a secretary of another tree, and by systems of that tree.
"""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import product
from typing import Any

import pytest

from events.identifiers import MemberId, UnitId
from services.web.pages.parts.frame import PUBLIC
from tests.support.cases import every_case
from tests.support.people import give_account
from tests.support.world import COMMUNE, Answer, authorised, enrolled, formed
from tests.support.year_world import MEMBER, MILESTONE, PERIOD, REVIEW, YearWorld, post_given

ELSEWHERE, OUTSIDER = UnitId("elsewhere".ljust(26, "a")), MemberId("outsider".ljust(26, "a"))
# What stands in an address of An's year or of the unit that decides on it, and of nobody's.
NOBODY, NO_UNIT, NO_CAUSE = (f"{each:a<26}" for each in ("nobody", "nounit", "nocause"))
FULL = {
    "text": "x",
    "level": "good",
    "proposal_version": 1,
    "evidence_version": 3,
    "day": "2027-01-01",
}
BODIES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "GET": ({}, {"query_string": {"as_of": "1"}}),
    "HEAD": ({},),
    "POST": ({"json": {}}, {"json": FULL}, {"data": {"text": "x", "open": "words"}}),
}
ASKED_BY = ("nobody", "outsider", "token of another tree", "token that reads no states")


@pytest.fixture(scope="module")
def year(rated_year: YearWorld) -> YearWorld:
    """A year that An lived, beside a tree with an outsider who holds an office in it."""
    rated_year.tell(
        formed(ELSEWHERE, name="Khác"),
        authorised(ELSEWHERE),
        enrolled(OUTSIDER, ELSEWHERE),
        post_given(OUTSIDER, ELSEWHERE, "secretary"),
    )
    rated_year.advance()
    give_account(rated_year.system, "outsider", OUTSIDER, ())
    return rated_year


@pytest.mark.parametrize("who", ASKED_BY)
def test_what_is_there_is_answered_like_what_is_not(year: YearWorld, who: str) -> None:
    headers, there = _headers(year, who), _there(year)
    of_nobody = {MEMBER: NOBODY, COMMUNE: NO_UNIT, there["cause"]: NO_CAUSE}
    nowhere = {name: _replaced(value, of_nobody) for name, value in there.items()}

    with every_case() as case:
        for method, rule in _addresses(year):
            for accepted, body in product(("text/html", "*/*"), BODIES[method]):
                with case(who, method, rule, accepted, body):
                    asking = {"headers": headers | {"Accept": accepted}, **body}

                    found = year.ask(method, _filled(rule, there), **asking)
                    missed = year.ask(method, _filled(rule, nowhere), **asking)

                    assert _told(found, of_nobody) == _told(missed, of_nobody)


def test_every_page_that_is_not_named_as_public_asks_who_reads_it(year: YearWorld) -> None:
    """Before it looks whether what the address names is there: no page need think of it."""
    with every_case() as case:
        for method, rule in _addresses(year, "pages."):
            with case(method, rule):
                answer = year.ask(method, _filled(rule, {}), headers={"Accept": "text/html"})

                signs_in = HTTPStatus.UNAUTHORIZED if method == "POST" else HTTPStatus.SEE_OTHER
                assert answer.status_code == signs_in


def test_public_pages_are_about_nobody(year: YearWorld) -> None:
    rules = [rule for rule in year.app.url_map.iter_rules() if rule.endpoint in PUBLIC]

    assert {rule.endpoint for rule in rules} == PUBLIC
    assert {each for rule in rules for each in rule.arguments} == {"code"}  # of an error


def _addresses(year: YearWorld, of: str = "") -> Iterator[tuple[str, str]]:
    """Iterate over methods and routes with an argument that may name somebody or something."""
    about = _there(year).keys()
    for rule in year.app.url_map.iter_rules():
        if rule.arguments & about and rule.endpoint.startswith(of):
            for method in sorted((rule.methods or set()) & BODIES.keys()):
                yield method, rule.rule


def _there(year: YearWorld) -> dict[str, str]:
    """Return what stands in addresses of what is there."""
    criticism = year.read("member", REVIEW).json["criticisms"][0]["id"]
    files = year.read("member", MILESTONE).json["evidence"][0]["files"]
    return {
        "period": PERIOD,
        "member_id": MEMBER,
        "unit_id": COMMUNE,
        "reference": MEMBER,
        "milestone_id": f"{PERIOD}-{MEMBER}-1",
        "cause": year.cause(),
        "criticism_id": criticism,
        "key": f"{PERIOD}-{MEMBER}",
        "commitment": files[0]["commitment"],
        "name": "self-critique",
        "kind": "review",
        "step": "self_critique",
        "verdict": "approval",
    }


def _filled(rule: str, values: Mapping[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "1"), rule)


def _told(answer: Answer, of_nobody: Mapping[str, str]) -> tuple[int, str, str]:
    """Return what an answer tells, whomever the address named."""
    text = re.sub(r'"correlation_id":"[^"]*"|[0-9a-f-]{36}', "", answer.get_data(as_text=True))
    where = answer.headers.get("Location", "")
    return answer.status_code, _replaced(where, of_nobody), _replaced(text, of_nobody)


def _replaced(text: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        text = text.replace(old, new)
    return text


def _headers(year: YearWorld, who: str) -> dict[str, str]:
    if who in ("nobody", "outsider"):
        return year.headers(who)
    return year.token(states=who != ASKED_BY[-1], reads=("roster.*",), units=(ELSEWHERE,))
