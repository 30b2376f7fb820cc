"""Members, units and the feed are asked for by the system's own numbers, as by our ids."""

from typing import Any
from urllib.parse import quote

import pytest

from services.web.api.schemas import queries
from tests.support import intake
from tests.support.intake import SENDS_ALL, send
from tests.support.world import World

V1 = "/api/v1"
READS = {"reads": ("roster.*",), "states": True}
MEMBER = "SỐ 7/2"
UNITS = {"CB-001": None, "CB-002": "CB-001", "CB-003": None}


def formed(number: str, parent: str | None) -> dict[str, Any]:
    data = {"number": number, "name": f"Chi bộ {number}", "kind": "cell"}
    more = {"parent_id": parent} if parent else {}
    return intake.event(0, id=f"formed-{number}", data=data | more)


def enrolled(number: str, unit: str) -> dict[str, Any]:
    data = {"number": number, "name": f"Nguyễn Thị {number}", "unit_id": unit}
    return intake.event(
        0, id=f"enrolled-{number.encode().hex()}", type="roster.member_enrolled", data=data
    )


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    """Return our ids by the numbers of HR, which told of three units and three members."""
    told = [formed(number, parent) for number, parent in UNITS.items()]
    told += [enrolled(MEMBER, "CB-001"), enrolled("CB-002", "CB-002"), enrolled("9", "CB-003")]
    receipts = send(world, world.token(**SENDS_ALL), told).json["receipts"]
    world.advance()
    names = [f"formed-{each}" for each in UNITS] + [
        f"enrolled-{e}" for e in (MEMBER, "CB-002", "9")
    ]
    streams = [each["stream"].partition("-")[2] for each in receipts]
    return dict(zip(names, streams, strict=True))


@pytest.mark.parametrize("what", ["", "/history"])
def test_somebody_is_asked_for_by_every_form(world: World, ids: dict[str, str], what: str) -> None:
    token, our_id = world.token(**READS), ids[f"enrolled-{MEMBER}"]
    forms = (our_id, f"id:{our_id}", f"member-{our_id}", quote(MEMBER, safe=""))

    answers = [world.get(f"{V1}/members/{form}{what}", token) for form in forms]
    unit = world.get(f"{V1}/units/CB-002{what}", token).json

    assert [each.status_code for each in answers] == [200] * 4
    assert all(each.json == answers[0].json for each in answers)
    assert unit == world.get(f"{V1}/units/{ids['formed-CB-002']}{what}", token).json


def test_pages_of_a_history_lead_on_by_number(world: World, ids: dict[str, str]) -> None:
    assert ids
    token = world.token(**READS)

    first = world.get(f"{V1}/members/{quote(MEMBER, safe='')}/history?limit=1", token)
    following = first.headers["Link"].partition(">")[0].lstrip("<")

    assert world.get(following, token).json == {"events": [], "after": 1}


@pytest.mark.parametrize("number", [MEMBER, "CB-002", "9"])
def test_the_feed_by_number_is_the_feed_by_id(
    world: World, ids: dict[str, str], number: str
) -> None:
    token, our_id = world.token(**READS), ids[f"enrolled-{number}"]

    by_number = world.get(f"{V1}/events?subject={quote(f'member-{number}')}", token).json
    by_id = world.get(f"{V1}/events?subject=member-{our_id}", token).json

    assert by_number == by_id
    assert [each["subject"] for each in by_number["events"]] == [f"member-{our_id}"]


def test_who_got_a_number_is_who_it_names(world: World, ids: dict[str, str]) -> None:
    sender, token, swapped = world.token(**SENDS_ALL), world.token(**READS), []
    for number, right, unit in (("9", "CB-002", "CB-003"), ("CB-002", "9", "CB-002")):
        wrong = enrolled(number, unit)
        data = wrong["data"] | {"number": right}
        fact = {"type": wrong["type"], "time": wrong["time"], "data": data}
        told = {"corrects": wrong["id"], "fact": fact}
        swapped.append(
            intake.event(0, id=f"right-{number}", type="roster.fact_corrected", data=told)
        )

    assert send(world, sender, swapped).status_code == 201
    world.advance()
    state = world.get(f"{V1}/members/9", token).json
    feed = world.get(f"{V1}/events?subject=member-9", token).json

    assert state["id"] == ids["enrolled-CB-002"]
    assert [each["subject"] for each in feed["events"]] == [f"member-{state['id']}"] * 2
    assert feed["events"][-1]["streamversion"] == state["version"]


@pytest.mark.parametrize("what", ["", "/history"])
def test_a_number_outside_ones_units_is_as_one_that_nobody_has(
    world: World, ids: dict[str, str], what: str
) -> None:
    limited = world.token(**READS, units=(ids["formed-CB-001"],))

    outside, nobody = (world.get(f"{V1}/members/{each}{what}", limited) for each in ("9", "8"))
    inside = world.get(f"{V1}/members/CB-002{what}", limited)
    feeds = [world.get(f"{V1}/events?subject=member-{each}", limited).json for each in ("9", "8")]

    assert (outside.status_code, inside.status_code) == (404, 200)
    assert outside.json["detail"].replace("9", "8") == nobody.json["detail"]
    assert ids["enrolled-9"] not in outside.text
    assert feeds[0] == feeds[1]
    assert feeds[0]["events"] == []


def test_a_number_is_one_of_the_tokens_numbering(world: World, ids: dict[str, str]) -> None:
    assert ids
    other = world.token(**READS, numbering="other")

    assert world.get(f"{V1}/members/9", other).status_code == 404
    assert world.get(f"{V1}/units/CB-001", other).json["code"] == "unknown_unit"


def test_look_alikes_of_a_number_name_the_same(world: World, ids: dict[str, str]) -> None:
    answer = world.get(f"{V1}/units/{quote('CB–００1')}", world.token(**READS))

    assert answer.json["id"] == ids["formed-CB-001"]


def test_a_subject_of_neither_kind_is_refused(world: World) -> None:
    for word in ("review-2026-x", "9", "member-", f"unit-{'9' * 101}"):
        answer = world.get(f"{V1}/events?subject={word}", world.token(**READS))
        assert (answer.status_code, word) == (422, word)
    assert queries.SUBJECTS_MAX >= 2
