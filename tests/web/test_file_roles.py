"""Role by file: what is printed, bundled, handed in or fed goes to whom the role table names."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import product
from typing import NamedTuple

import pytest

from services.access.roles import Action, may
from tests.support.api_roles import TOWARDS, filled
from tests.support.cases import every_case
from tests.support.page_roles import HTML
from tests.support.page_roles import MILESTONE as MILESTONE_PAGE
from tests.support.page_roles import REVIEW as REVIEW_PAGE
from tests.support.world import CELL, OTHER_CELL, Answer
from tests.support.year_world import ACCOUNTS, MEMBER, MILESTONE, RATING, YearWorld

FEED = "/api/v1/events?limit=500"
REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
NOT_ASKED = (HTTPStatus.SEE_OTHER, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)  # of no person


class File(NamedTuple):
    """A file that is asked for, and by which rights it is had: all of them."""

    method: str
    path: str
    rights: tuple[Action, ...]
    mimetype: str
    headers: Mapping[str, str] = {}


FILES = (
    File("GET", f"{REVIEW_PAGE}/notice.pdf", (Action.SEE_STATE,), "application/pdf", HTML),
    File("POST", f"{REVIEW_PAGE}/self-review.pdf", (Action.READ_WORDS,), "application/pdf", HTML),
    File("GET", f"{RATING}/bundle", (Action.AUDIT,), "application/json"),
    File(
        "POST",
        f"{RATING}/bundle?words=true",
        (Action.AUDIT, Action.READ_WORDS),
        "application/json",
    ),
    File("POST", f"{MILESTONE}/evidence/<file>", (Action.READ_PLAN,), "text/plain"),
    File("POST", f"{MILESTONE_PAGE}/files/<file>", (Action.READ_PLAN,), "text/plain", HTML),
    File("GET", "/catalogues/nq04.pdf", (), "application/pdf", HTML),
)


@pytest.fixture
def year(rated_year: YearWorld) -> YearWorld:
    return rated_year


def ask(year: YearWorld, file: File, headers: Mapping[str, str]) -> Answer:
    data = {"words": "open"} if file.method == "POST" and file.headers else None
    path = filled(year, file.path)
    return year.ask(file.method, path, data=data, headers={**headers, **file.headers})


def test_a_file_goes_to_whom_the_table_of_roles_names(year: YearWorld) -> None:
    with every_case() as case:
        for file, role in product(FILES, ACCOUNTS):
            with case(file.method, file.path, role):
                answer = ask(year, file, year.headers(role))

                if all(may(each, TOWARDS[role]) for each in file.rights):
                    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, file.mimetype)
                else:
                    assert answer.status_code in REFUSED


def test_no_system_and_nobody_gets_a_file_of_somebodys_year(year: YearWorld) -> None:
    """Be it limited to a unit or not: files are for people."""
    systems = {
        "nobody": {},
        "of all": year.token(states=True, reads=("all",)),
        "of the cell": year.token(states=True, reads=("all",), units=(CELL,)),
        "of another": year.token(states=True, reads=("all",), units=(OTHER_CELL,)),
    }

    with every_case() as case:
        for file, (name, headers) in product(FILES, systems.items()):
            with case(file.method, file.path, name):
                assert ask(year, file, headers).status_code in NOT_ASKED


def test_the_feed_is_of_systems_and_a_unit_s_tells_of_no_year(year: YearWorld) -> None:
    of_all = year.token(reads=("all",))
    of_the_cell = year.token(reads=("all",), units=(CELL,))
    of_another = year.token(reads=("all",), units=(OTHER_CELL,))

    def streams(token: dict[str, str]) -> set[str]:
        told = year.get(FEED, token).json["events"]
        return {each["subject"].partition("-")[0] for each in told}

    assert {"member", "unit", "review", "plan", "escalation"} <= streams(of_all)
    assert streams(of_the_cell) == {"member", "unit"}
    assert MEMBER in year.get(FEED, of_the_cell).text
    assert MEMBER not in year.get(FEED, of_another).text
    with every_case() as case:
        for role, accept in product(ACCOUNTS, ("application/json", "text/event-stream")):
            with case(role, accept):
                answer = year.read(role, FEED, Accept=accept)
                assert answer.status_code in NOT_ASKED
