"""Role by endpoint: every route of the year lets through exactly whom the one role table names."""

from http import HTTPStatus
from itertools import product
from pathlib import Path

import pytest

from services.access.roles import MAY, Action, Role
from services.web.app import YEAR
from tests.support.api_roles import (
    GRANTED_TO_TOKENS,
    REFUSED,
    ROUTES,
    TOWARDS,
    TOWARDS_THE_TOP,
    Route,
    ask_route,
    filled,
    refusal_of,
    without_account,
)
from tests.support.cases import every_case
from tests.support.world import CELL, COMMUNE, OTHER_CELL
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    CYCLE,
    FIGURES,
    MEMBER,
    PERIOD,
    POOR,
    REVIEW,
    ROLES,
    SECRETARY,
    STRANGER,
    YearWorld,
    post_given,
)

OF_THEIR_YEAR = "GET /cycles/<period>/<unit_id>"  # which holds the cell of another branch as well


@pytest.fixture
def year(rated_year: YearWorld) -> YearWorld:
    return rated_year


def test_every_route_of_the_year_is_in_the_table(year: YearWorld) -> None:
    blueprints = {each.blueprint.name for each in YEAR}
    rules = {
        f"{method} {rule.rule.removeprefix('/api/v1').replace('<milestone_id>', '<id>')}"
        for rule in year.app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.endpoint.partition(".")[0] in blueprints
    }

    assert rules == set(ROUTES)


def test_every_right_is_asked_by_a_route() -> None:
    assert set(Action) == {route.action for route in ROUTES.values() if route.action}


def test_a_role_may_do_what_the_table_of_roles_says(year: YearWorld) -> None:
    with every_case() as case:
        for name, role in product(ROUTES, ROLES):
            with case(name, "by", role):
                _is_as_the_table_says(year, name, role)


def _is_as_the_table_says(year: YearWorld, name: str, role: str) -> None:
    route = ROUTES[name]
    before = year.size()

    answer = ask_route(year, name, role)

    is_command = name.startswith("POST")
    if role in ("token", "nobody"):
        expected = without_account(route, role, is_command=is_command)
    else:
        expected = refusal_of(route, _towards(route, role), is_command=is_command)
    if expected is None:
        assert answer.status_code not in REFUSED, answer.json
        if route.listed:
            assert filled(year, route.listed) in answer.text
    elif route.listed and role not in ("token", "nobody"):
        assert filled(year, route.listed) not in answer.text
    else:
        assert answer.status_code == expected, answer.json
        assert year.size() == before


def test_an_office_in_another_branch_opens_no_route(tmp_path: Path) -> None:
    """Not even for who leads a cell of the same commune."""
    year = YearWorld(tmp_path / "data")
    year.tell(post_given(STRANGER, OTHER_CELL, "secretary"))
    year.open_cycle()
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    year.live()

    with every_case() as case:
        for name in ROUTES.keys() - {OF_THEIR_YEAR}:
            with case(name):
                _is_as_the_table_says(year, name, "stranger")
    told = year.read("stranger", CYCLE)
    assert not any(each in told.text for each in (MEMBER, CELL))
    year.system.close()


def test_a_token_of_another_branch_reads_nothing_of_an(year: YearWorld) -> None:
    of_the_branch = year.token(states=True, reads=("all",), units=(OTHER_CELL,))
    of_all = year.token(states=True, reads=("all",))
    reading = {name: route for name, route in ROUTES.items() if name.startswith("GET")}

    with every_case() as case:
        for name, route in reading.items():
            with case(name):
                path = filled(year, route.path)
                answer, answers_all = year.get(path, of_the_branch), year.get(path, of_all)
                assert MEMBER not in answer.text
                if route.listed:
                    assert filled(year, route.listed) not in answer.text
                elif route.action in GRANTED_TO_TOKENS and name != OF_THEIR_YEAR:
                    assert answers_all.status_code == HTTPStatus.OK
                    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_the_table_of_roles_gives_every_action_to_somebody() -> None:
    assert set(MAY) == set(Action)
    assert all(MAY.values())


def _towards(route: Route, role: str) -> frozenset[Role]:
    """Return the roles of somebody towards what a route is about."""
    if route.of_top:
        return TOWARDS_THE_TOP.get(role, frozenset())
    if role == "follower" and "/escalations" in route.path:
        return frozenset()  # a plan's follower has no part in what was missed
    return TOWARDS[role]


def test_who_would_judge_themselves_hears_that_it_is_their_own(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.open_cycle()

    own = year.send(
        "secretary",
        f"/api/v1/reviews/{PERIOD}/{SECRETARY}/proposal",
        {"points": POOR, "figures": FIGURES},
    )
    others = year.send("peer", f"{REVIEW}/proposal", {"points": POOR, "figures": FIGURES})

    assert [(each.status_code, each.json["code"]) for each in (own, others)] == [
        (403, "on_oneself"),
        (403, "forbidden"),
    ]
    year.system.close()


def test_a_period_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")

    body = {"period": "2026-q4", "unit_id": COMMUNE, "rulebook": "neutral"}
    answer = year.send("authority", "/api/v1/cycles", body)

    assert "a year such as 2026 or a quarter such as 2026-q1" in answer.json["detail"]
    year.system.close()
