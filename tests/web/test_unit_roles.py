"""Role by endpoint for the review of a unit: who leads it writes, who acts above it rates."""

from http import HTTPStatus
from itertools import product
from pathlib import Path

import pytest

from services.access.roles import Action, may
from tests.support.api_roles import REFUSED, Route, refusal_of, without_account
from tests.support.api_roles import ROUTES as ROUTES_OF_MEMBERS
from tests.support.cases import every_case
from tests.support.unit_world import (
    BOTH,
    COUNTED,
    FORMER,
    MILESTONE,
    PLAN,
    RATING,
    REVIEW,
    TOWARDS,
    UnitWorld,
    towards,
)
from tests.support.world import CELL, OTHER_CELL, Answer, moved
from tests.support.year_world import MEMBER, SECRETARY, TEXT_FILE, WORDS

ROUTES = {
    name: route._replace(path=route.path.replace(MEMBER, CELL))
    for name, route in ROUTES_OF_MEMBERS.items()
    if MEMBER in route.path
}
REOPENING = "POST /reviews/<period>/<member_id>/reopening"
ROUTES[REOPENING] = ROUTES[REOPENING]._replace(  # refused to whoever may: the others need a rating
    body={"ground": "late_discipline", "decision": "1-QĐ"}
)
ROLES = (*TOWARDS, "token", "nobody")


@pytest.fixture
def year(unit_year: UnitWorld) -> UnitWorld:
    return unit_year


def test_a_role_towards_a_unit_may_do_what_the_table_says(year: UnitWorld) -> None:
    with every_case() as case:
        for name, role in product(ROUTES, ROLES):
            with case(name, "by", role):
                _is_as_the_table_says(year, name, role)


def _is_as_the_table_says(year: UnitWorld, name: str, role: str) -> None:
    method, is_command, route = name.partition(" ")[0], name.startswith("POST"), ROUTES[name]
    before = year.size()

    answer = ask(year, method, route, role)

    if role in ("token", "nobody"):
        expected = without_account(route, role, is_command=is_command)
    else:
        expected = refusal_of(route, towards(route.path, role), is_command=is_command)
    if expected is None:
        assert answer.status_code not in REFUSED, answer.json
    else:
        assert answer.status_code == expected, answer.json
        assert year.size() == before


@pytest.mark.parametrize("role", TOWARDS)
def test_who_acts_above_takes_up_what_a_unit_missed(year: UnitWorld, role: str) -> None:
    """The follower of its plan has no part in it."""
    roles = frozenset() if role == "follower" else TOWARDS[role]
    path = f"/api/v1/escalations/{year.cause_of(CELL)}"

    seen = year.read(role, path)
    taken_up = year.send(role, f"{path}/acknowledgement", {})

    assert (seen.status_code == HTTPStatus.OK) == may(Action.SEE_STATE, roles)
    allowed = may(Action.ACKNOWLEDGE, roles)
    assert (taken_up.status_code not in REFUSED) == allowed, taken_up.json


@pytest.mark.parametrize(
    ("units", "status"), [((CELL,), HTTPStatus.OK), ((OTHER_CELL,), HTTPStatus.NOT_FOUND)]
)
@pytest.mark.parametrize("path", [REVIEW, RATING, PLAN, MILESTONE])
def test_a_system_sees_the_units_below_those_it_was_granted(
    year: UnitWorld, path: str, units: tuple[str, ...], status: int
) -> None:
    headers = year.token(states=True, units=units)

    assert year.get(path, headers).status_code == status
    assert year.get(f"{path}/words", headers).status_code != HTTPStatus.OK


@pytest.mark.parametrize("step", ["proposal", "appraisal", "decision", "announcement", "reopening"])
@pytest.mark.parametrize("role", ["secretary", "both", "former"])
def test_nobody_rates_the_unit_that_they_lead_or_led(year: UnitWorld, role: str, step: str) -> None:
    """Not even by an office that they hold in the commune, which decides."""
    route = ROUTES[f"POST /reviews/<period>/<member_id>/{step}"]

    answer = year.send(role, f"{REVIEW}/{step}", route.body)

    assert (answer.status_code, answer.json["code"]) == (HTTPStatus.FORBIDDEN, "on_oneself")


def test_who_led_a_unit_only_then_does_not_write_in_its_name_either(year: UnitWorld) -> None:
    answer = year.send("former", PLAN, ROUTES_OF_MEMBERS["POST /plans/<period>/<member_id>"].body)

    assert (answer.status_code, answer.json["code"]) == (HTTPStatus.CONFLICT, "not_yours")


def test_who_led_a_unit_and_belongs_to_another_now_reads_as_others_do(tmp_path: Path) -> None:
    year = UnitWorld(tmp_path / "data")
    year.open_units()
    year.tell(moved(FORMER, OTHER_CELL))
    year.write()
    before = year.size()

    looked = year.read("former", f"{REVIEW}/words")
    assert (looked.status_code, year.size()) == (HTTPStatus.METHOD_NOT_ALLOWED, before)
    opened = year.send("former", f"{REVIEW}/words")
    seen = year.read("secretary", f"{REVIEW}/readings").json["readings"]
    rates = year.send("former", f"{REVIEW}/proposal", {**COUNTED, "text": WORDS})

    assert opened.status_code == HTTPStatus.OK
    assert [(each["reader_id"], each["right"]) for each in seen] == [(FORMER, "former")]
    assert (rates.status_code, rates.json["code"]) == (HTTPStatus.FORBIDDEN, "on_oneself")
    year.system.close()


def test_who_wrote_for_a_unit_is_told_over_http(year: UnitWorld) -> None:
    reviewed, planned = (year.read("above", each).json for each in (REVIEW, PLAN))
    steps = {each["step"]: each for each in reviewed["steps"]}

    assert steps["commitment"]["by"]["member_id"] == SECRETARY
    assert steps["self_critique"]["by"]["member_id"] == BOTH
    assert "by" not in steps["proposal"]
    assert reviewed["criticisms"][0]["answered_by"]["member_id"] == BOTH
    assert reviewed["points"][0]["answered_by"]["member_id"] == SECRETARY
    assert reviewed["notice_answers"][0]["by"]["member_id"] == BOTH
    assert planned["collective"]
    assert {each["member_id"] for each in planned["leaders"]} == {SECRETARY, BOTH, FORMER}
    assert planned["proposed_by"]["member_id"] == SECRETARY
    assert planned["milestones"][0]["evidence"][0]["by"]["member_id"] == BOTH


def test_leaders_see_who_read_their_units_words(year: UnitWorld) -> None:
    year.send("above", f"{REVIEW}/words")

    told = year.read("both", f"{REVIEW}/readings").json["readings"]

    assert "secretary" in {each["right"] for each in told}
    assert year.read("secretary", f"{REVIEW}/words").status_code == HTTPStatus.OK
    assert year.read("both", f"{REVIEW}/readings").json["readings"] == told


def test_what_waits_for_a_unit_waits_for_its_leaders(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = UnitWorld(tmp_path_factory.mktemp("waiting") / "data")
    world.open_units()

    def waiting(role: str) -> list[str]:
        found = world.read(role, "/api/v1/inbox").json["waiting"]
        return [each["step"] for each in found if each["member_id"] == CELL]

    assert waiting("secretary") == waiting("both") == ["self_critique", "commitment"][::-1]
    assert waiting("former") == waiting("member") == waiting("above") == []
    world.write()
    assert waiting("above") == ["proposal"]
    assert waiting("both") == []
    world.system.close()


def ask(year: UnitWorld, method: str, route: Route, role: str) -> Answer:
    path = route.path
    if "<file>" in path:
        evidence = year.read("secretary", MILESTONE).json["evidence"]
        path = path.replace("<file>", evidence[0]["files"][0]["commitment"])
    if method == "GET":
        return year.read(role, path)
    if route.body == "form":
        return year.hand_in(role, path, ("a.txt", TEXT_FILE))
    return year.send(role, path, route.body)
