"""States and histories: what holds, what held, and how it came to be."""

from datetime import timedelta

import pytest

from events.definitions.event import Code
from events.definitions.roster import PostGiven, UnitRenamed
from events.store.sequencing import sequence
from tests.support.world import (
    AN,
    BINH,
    CELL,
    COMMUNE,
    OTHER_CELL,
    World,
    commune,
    enrolled,
    formed,
    moved,
)

V1 = "/api/v1"
NOBODY = "nobodyaaaaaaaaaaaaaaaaaaaa"


def renamed(name: str) -> UnitRenamed:
    return UnitRenamed(unit_id=CELL, name=name)


def test_a_member_is_shown_with_place_and_posts(world: World) -> None:
    world.tell(*commune(), PostGiven(member_id=AN, unit_id=CELL, post=Code("secretary")))

    body = world.get(f"{V1}/members/{AN}", world.token(states=True)).json

    assert body["id"] == AN
    assert (body["version"], body["as_of"], body["incomplete"]) == (2, 6, False)
    assert (body["membership"], body["unit_id"]) == ("enrolled", CELL)
    assert body["posts"][0]["post"] == "secretary"


def test_a_unit_is_shown_with_its_name_and_parent(world: World) -> None:
    world.tell(*commune(), renamed("Chi bộ Mông Phụ"))

    body = world.get(f"{V1}/units/{CELL}", world.token(states=True)).json

    assert (body["name"], body["parent_id"]) == ("Chi bộ Mông Phụ", COMMUNE)
    assert (body["version"], body["as_of"]) == (2, 6)


def test_as_of_a_position_shows_what_was_known_then(world: World) -> None:
    world.tell(*commune(), moved(AN, OTHER_CELL))
    token = world.token(states=True)

    before = world.get(f"{V1}/members/{AN}?as_of=5", token).json
    after = world.get(f"{V1}/members/{AN}?as_of=6", token).json

    assert (before["unit_id"], before["as_of"]) == (CELL, 5)
    assert (after["unit_id"], after["as_of"]) == (OTHER_CELL, 6)


def test_as_of_a_recorded_time_is_as_of_the_last_position_given_by_then(world: World) -> None:
    world.tell(*commune())
    then = world.clock.now() + timedelta(minutes=30)
    world.clock.tick(3600)
    world.tell(moved(AN, OTHER_CELL))
    token = world.token(states=True)

    path = f"{V1}/members/{AN}?as_of={then:%Y-%m-%dT%H:%M:%SZ}"
    in_hanoi = f"{V1}/members/{AN}?as_of={then + timedelta(hours=7):%Y-%m-%dT%H:%M:%S}%2B07:00"

    assert world.get(path, token).json["as_of"] == 5
    assert world.get(in_hanoi, token).json == world.get(path, token).json


@pytest.mark.parametrize("as_of", ["0", "3", "2025-12-31T00:00:00Z"])
def test_before_anything_was_told_nothing_is_known(world: World, as_of: str) -> None:
    world.tell(*commune())

    response = world.get(f"{V1}/members/{AN}?as_of={as_of}", world.token(states=True))

    assert (response.status_code, response.json["code"]) == (404, "unknown_member")


@pytest.mark.parametrize(
    "as_of",
    [
        *("yesterday", "-1", "2026-01-05", "2026-02-30T00:00:00Z", "2026-01-05T01:00:00+07:00"),
        *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00%2B14:00", "1899-12-31T00:00:00Z"),
    ],
)
def test_an_as_of_that_is_no_point_in_the_log_is_refused(world: World, as_of: str) -> None:
    response = world.get(f"{V1}/members/{AN}?as_of={as_of}", world.token(states=True))

    assert response.status_code == 422
    assert response.json["problems"][0]["parameter"] == "as_of"


def test_a_position_that_is_not_reached_has_no_state_yet(world: World) -> None:
    world.tell(*commune())

    response = world.get(f"{V1}/members/{AN}?as_of=6", world.token(states=True))

    assert (response.status_code, response.json["code"]) == (422, "position_ahead")


def test_the_etag_is_the_version_and_spares_a_second_transfer(world: World) -> None:
    world.tell(*commune())
    token = world.token(states=True)
    path = f"{V1}/members/{AN}"

    first = world.get(path, token)
    again = world.get(path, token, {"If-None-Match": first.headers["ETag"]})
    world.tell(moved(AN, OTHER_CELL))
    changed = world.get(path, token, {"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"] == '"1"'
    assert (again.status_code, again.data) == (304, b"")
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')


def test_the_etag_of_an_earlier_state_names_its_position(world: World) -> None:
    world.tell(*commune())

    response = world.get(f"{V1}/units/{CELL}?as_of=4", world.token(states=True))

    assert response.headers["ETag"] == '"1@4"'


@pytest.mark.parametrize("subject", [NOBODY, "x", "%00", AN.upper()])
@pytest.mark.parametrize("what", ["", "/history"])
def test_nobody_is_known_under_another_id(world: World, subject: str, what: str) -> None:
    world.tell(*commune())
    token = world.token(states=True, reads=("roster.*",))

    response = world.get(f"{V1}/members/{subject}{what}", token)

    assert (response.status_code, response.json["code"]) == (404, "unknown_member")


def test_nothing_is_known_before_a_worker_has_begun(world: World) -> None:
    world.append(*commune())

    response = world.get(f"{V1}/units/{CELL}", world.token(states=True))

    assert response.status_code == 404


@pytest.mark.parametrize("what", ["", "/history"])
def test_whom_a_subtree_does_not_hold_is_as_unknown_as_nobody(world: World, what: str) -> None:
    """No answer tells a token of one unit who is in another."""
    world.tell(*commune())
    token = world.token(states=True, reads=("roster.*",), units=(CELL,))

    seen = world.get(f"{V1}/members/{AN}{what}", token)
    elsewhere = world.get(f"{V1}/members/{BINH}{what}", token)
    nobody = world.get(f"{V1}/members/{NOBODY}{what}", token)
    unit_above = world.get(f"{V1}/units/{COMMUNE}{what}", token)

    assert seen.status_code == 200
    assert elsewhere.json["detail"] == nobody.json["detail"].replace(NOBODY, BINH)
    assert (elsewhere.status_code, nobody.status_code, unit_above.status_code) == (404, 404, 404)


def test_a_state_of_a_parked_stream_is_shown_as_incomplete(world: World) -> None:
    world.tell(*commune())
    world.clock.tick()
    database = world.system.store.database
    database.transact(
        lambda t: t.run(
            "INSERT INTO parked (name, build, position, stream, error, parkedat) "
            "VALUES ('member_states', 1, 4, ?, 'Poison', 0)",
            (f"member-{AN}",),
        )
    )

    response = world.get(f"{V1}/members/{AN}", world.token(states=True))

    assert response.json["incomplete"] is True
    assert response.headers["ETag"] == '"1!"'


def test_a_history_is_the_streams_entries_with_their_positions(world: World) -> None:
    world.tell(*commune(), moved(AN, OTHER_CELL))

    body = world.get(f"{V1}/members/{AN}/history", world.token(reads=("roster.*",))).json

    told = [(each["type"], each["streamversion"], each["position"]) for each in body["events"]]
    assert told == [("roster.member_enrolled", 1, 4), ("roster.member_moved", 2, 6)]
    assert body["after"] == 2


def test_a_history_goes_on_behind_the_link(world: World) -> None:
    world.tell(formed(CELL), *(renamed(f"Chi bộ {number}") for number in range(4)))
    token = world.token(reads=("roster.*",))

    path, versions = f"{V1}/units/{CELL}/history?limit=2", []
    while path:
        response = world.get(path, token)
        versions += [each["streamversion"] for each in response.json["events"]]
        path = response.headers.get("Link", "").partition(">")[0].lstrip("<")

    assert versions == [1, 2, 3, 4, 5]


def test_a_history_leaves_out_types_that_are_not_granted(world: World) -> None:
    world.tell(formed(CELL), renamed("Chi bộ 2"))

    token = world.token(reads=("roster.unit_renamed",))
    body = world.get(f"{V1}/units/{CELL}/history", token).json

    assert [each["streamversion"] for each in body["events"]] == [2]


def test_a_history_shows_only_what_has_a_position(world: World) -> None:
    world.tell(formed(CELL))
    world.append(renamed("Chi bộ 2"))
    token = world.token(reads=("roster.*",))

    before = world.get(f"{V1}/units/{CELL}/history", token).json
    sequence(world.system.store.database, world.clock)
    after = world.get(f"{V1}/units/{CELL}/history", token).json

    assert (len(before["events"]), len(after["events"])) == (1, 2)


def test_states_hold_no_words(world: World) -> None:
    """Names and numbers of members are sealed; the API gives not even their commitments."""
    world.tell(formed(CELL), enrolled(AN, CELL))

    text = world.get(f"{V1}/members/{AN}", world.token(states=True)).text

    assert "a" * 42 not in text
