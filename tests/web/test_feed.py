"""The feed: everything one may see, nothing else, nothing twice, from wherever one was."""

import threading
from typing import Any

import msgspec
import pytest

from events.store import histories
from events.store.sequencing import sequence
from services.access import tokens
from services.web import tail
from services.web.api.parts import feed
from services.web.seats import Busy, Seats, places_among
from tests.support.world import (
    AN,
    BINH,
    CELL,
    COMMUNE,
    OTHER_CELL,
    Answer,
    World,
    commune,
    formed,
    moved,
)

FEED = "/api/v1/events"
READS_ALL = {"reads": ("roster.*",)}


def positions(body: dict[str, Any]) -> list[int]:
    return [event["position"] for event in body["events"]]


def test_a_reader_who_follows_after_misses_nothing(world: World) -> None:
    world.tell(*commune())
    token = world.token(**READS_ALL)

    seen, after = [], 0
    while page := positions(world.get(f"{FEED}?after={after}&limit=2", token).json):
        seen += page
        after = page[-1]

    assert seen == [1, 2, 3, 4, 5]


def test_the_link_leads_on_with_the_same_filters(world: World) -> None:
    world.tell(*commune())
    token = world.token(**READS_ALL)

    first = world.get(f"{FEED}?limit=1&type=roster.member_enrolled", token)
    second = world.get(first.headers["Link"].partition(">")[0].lstrip("<"), token)

    assert first.headers["Link"].endswith('; rel="next"')
    assert positions(first.json) + positions(second.json) == [4, 5]


def test_an_entry_comes_as_it_is_stored(world: World) -> None:
    world.tell(formed(COMMUNE, name="Đảng bộ xã"))
    (row,) = histories.page(world.system.store.database, f"unit-{COMMUNE}", 0, 1)

    (event,) = world.get(FEED, world.token(**READS_ALL)).json["events"]

    assert event.pop("position") == 1
    assert event.pop("sequencedat") == "2026-01-05T01:00:00Z"
    assert msgspec.json.encode(event, order="sorted") == row[3]


def test_what_is_not_numbered_yet_is_not_shown(world: World) -> None:
    world.append(formed(COMMUNE))

    body = world.get(FEED, world.token(**READS_ALL)).json

    assert body == {"events": [], "after": 0, "head": 0}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=roster.unit_formed", [1, 2, 3]),
        ("type=roster.unit_formed,roster.member_enrolled", [1, 2, 3, 4, 5]),
        ("type=roster.unit_formed&type=roster.member_enrolled", [1, 2, 3, 4, 5]),
        ("type=roster.*", [1, 2, 3, 4, 5]),
        ("type=review.*", []),
        (f"subject=member-{AN}", [4]),
        (f"subject=member-{AN}&type=roster.unit_formed", []),
    ],
)
def test_filters_leave_gaps_and_never_renumber(
    world: World, query: str, expected: list[int]
) -> None:
    world.tell(*commune())

    body = world.get(f"{FEED}?{query}", world.token(**READS_ALL)).json

    assert positions(body) == expected
    assert body["after"] == body["head"] == 5


def test_a_token_sees_its_types_only(world: World) -> None:
    world.tell(*commune())

    body = world.get(FEED, world.token(reads=("roster.member_enrolled",))).json

    assert positions(body) == [4, 5]
    assert body["after"] == 5


def test_asking_for_a_type_that_is_not_granted_is_refused(world: World) -> None:
    token = world.token(reads=("roster.member_enrolled",))

    response = world.get(f"{FEED}?type=roster.unit_formed", token)

    assert (response.status_code, response.json["code"]) == (403, "forbidden")


def test_a_misspelt_type_is_told_and_not_waited_for(world: World) -> None:
    response = world.get(f"{FEED}?type=roster.unit_fromed", world.token(**READS_ALL))

    assert (response.status_code, response.json["code"]) == (422, "unknown_type")


def test_a_token_of_a_subtree_sees_its_units_and_members_only(world: World) -> None:
    world.tell(*commune())

    body = world.get(FEED, world.token(**READS_ALL, units=(CELL,))).json

    assert positions(body) == [2, 4]


def test_a_subtree_is_as_it_is_now(world: World) -> None:
    world.tell(*commune(), moved(BINH, CELL))

    body = world.get(FEED, world.token(**READS_ALL, units=(CELL,))).json

    assert positions(body) == [2, 4, 5, 6]


def test_a_subtree_holds_what_hangs_below_at_any_depth(world: World) -> None:
    world.tell(*commune())

    body = world.get(FEED, world.token(**READS_ALL, units=(COMMUNE,))).json

    assert positions(body) == [1, 2, 3, 4, 5]


def test_a_token_of_a_subtree_waits_for_the_projections(world: World) -> None:
    """Else a fact of somebody who is about to appear would be passed over for good."""
    world.tell(*commune())
    world.append(moved(BINH, CELL))
    sequence(world.system.store.database, world.clock)
    token = world.token(**READS_ALL, units=(CELL,))

    before = world.get(f"{FEED}?after=5", token).json
    world.advance()
    after = world.get(f"{FEED}?after={before['after']}", token).json

    assert (positions(before), before["after"]) == ([], 5)
    assert positions(after) == [6]


def test_a_token_of_a_subtree_sees_nothing_before_anything_is_projected(world: World) -> None:
    world.append(*commune())

    body = world.get(FEED, world.token(**READS_ALL, units=(CELL,))).json

    assert (body["events"], body["after"]) == ([], 0)


def test_one_answer_looks_at_a_bounded_stretch_and_says_how_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCAN_MAX", 3)
    world.tell(*commune())
    token = world.token(reads=("roster.member_enrolled",))

    first = world.get(f"{FEED}?wait=30", token).json
    second = world.get(f"{FEED}?after={first['after']}", token).json

    assert (positions(first), first["after"]) == ([], 3)
    assert positions(second) == [4, 5]


def test_one_answer_holds_a_bounded_number_of_bytes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE_BYTES_MAX", 1)
    world.tell(*commune())

    body = world.get(FEED, world.token(**READS_ALL)).json

    assert (positions(body), body["after"]) == ([1], 1)


def test_a_position_that_the_log_never_reached_is_refused(world: World) -> None:
    """A reader who has seen more than there is must hear that the log was rolled back."""
    world.tell(*commune())

    response = world.get(f"{FEED}?after=6", world.token(**READS_ALL))

    assert (response.status_code, response.json["code"]) == (422, "position_ahead")


def test_a_waiting_reader_is_answered_as_soon_as_something_comes(world: World) -> None:
    token = world.token(**READS_ALL)
    telling = threading.Timer(0.3, world.tell, [formed(COMMUNE)])

    telling.start()
    body = world.get(f"{FEED}?wait=30", token).json
    telling.join()

    assert positions(body) == [1]


def test_a_reader_who_waited_in_vain_is_told_where_to_go_on(world: World) -> None:
    world.tell(*commune())

    body = world.get(f"{FEED}?after=5&wait=1", world.token(**READS_ALL)).json

    assert body == {"events": [], "after": 5, "head": 5}


def stream(world: World, token: dict[str, str]) -> Answer:
    return world.get(FEED, token, {"Accept": "text/event-stream"})


def test_no_more_requests_wait_than_leave_threads_for_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 2)
    token, seats = world.token(**READS_ALL), world.system.settings.threads // 2
    others = [world.token(**READS_ALL) for _ in range(seats)]

    streams = [stream(world, each) for each in others]
    refused = world.get(f"{FEED}?wait=1", token)
    for each in streams:
        each.close()
    answered = {world.get(f"{FEED}?wait=1", token).status_code for _ in range(seats + 1)}

    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert answered == {200}


def test_one_system_that_waits_much_leaves_half_of_the_places_to_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 2)
    greedy, modest = world.token(**READS_ALL), world.token(**READS_ALL)
    seats = world.system.settings.threads // 2

    streams = [stream(world, greedy) for _ in range(seats)]
    taken = [each.status_code for each in streams]
    theirs = world.get(f"{FEED}?wait=1", modest).status_code
    for each in streams:
        each.close()

    assert taken == [200] * (seats - seats // 2) + [503] * (seats // 2)
    assert theirs == 200


@pytest.mark.parametrize(("threads", "places"), [(1, 0), (2, 1), (3, 2), (4, 2), (8, 4)])
def test_no_system_that_waits_takes_the_last_place_of_several(threads: int, places: int) -> None:
    """And one thread stays free for whoever does not wait, however few there are."""
    assert places_among(threads) == places < threads
    seats = Seats(places)

    taken = [takes(seats, "greedy") for _ in range(threads)].count(True)

    assert taken == min(places, max(1, places // 2))
    assert takes(seats, "modest") is (places > 1)


def takes(seats: Seats, who: str) -> bool:
    try:
        seats.take(who)
    except Busy:
        return False
    return True


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that end after two looks."""
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(feed, "SSE_SECONDS_MAX", 0.02)


@pytest.mark.usefixtures("short_streams")
def test_a_stream_sends_each_entry_with_its_position_as_id(world: World) -> None:
    world.tell(*commune())

    response = world.get(FEED, world.token(**READS_ALL), {"Accept": "text/event-stream"})
    messages = response.text.split("\n\n")

    assert response.mimetype == "text/event-stream"
    assert [each.partition("\n")[0] for each in messages[1:-1]] == [f"id: {n}" for n in range(1, 6)]
    assert msgspec.json.decode(messages[1].partition("data: ")[2])["type"] == "roster.unit_formed"


@pytest.mark.usefixtures("short_streams")
def test_a_token_that_is_revoked_ends_the_streams_and_waits_that_it_began(world: World) -> None:
    streaming, waiting = world.token(**READS_ALL), world.token(**READS_ALL)
    began = world.get(FEED, streaming, {"Accept": "text/event-stream"})
    revokes = threading.Timer(0.05, lambda: _revoke_all(world))
    revokes.start()

    waited = world.get(f"{FEED}?wait=30", waiting)
    world.tell(*commune())

    assert (waited.status_code, waited.json["code"]) == (401, "not_authenticated")
    assert "data" not in began.text


def _revoke_all(world: World) -> None:
    for each in tokens.every(world.system.store.database):
        tokens.revoke(world.system, each.id)


@pytest.mark.usefixtures("short_streams")
def test_a_stream_goes_on_behind_the_last_message(world: World) -> None:
    world.tell(*commune())
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "4"}

    stream = world.get(f"{FEED}?after=1", world.token(**READS_ALL), headers).text

    assert [line for line in stream.splitlines() if line.startswith("id")] == ["id: 5"]


@pytest.mark.usefixtures("short_streams")
def test_a_stream_moves_on_over_what_it_may_not_show(world: World) -> None:
    world.tell(*commune())
    token = world.token(reads=("review.*",))

    stream = world.get(FEED, token, {"Accept": "text/event-stream"}).text

    assert "id: 5\n\n" in stream
    assert "data" not in stream


@pytest.mark.usefixtures("short_streams")
def test_a_silent_stream_shows_that_it_lives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_SECONDS", 0.01)

    stream = world.get(FEED, world.token(**READS_ALL), {"Accept": "text/event-stream"}).text

    assert ": still here\n\n" in stream


@pytest.mark.parametrize("given", ["x", "-1", "9" * 5000, "99"])
def test_a_stream_cannot_be_taken_up_where_it_never_was(world: World, given: str) -> None:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": given}

    response = world.get(FEED, world.token(**READS_ALL), headers)

    assert response.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=1.0",
        "after=²",
        "limit=0",
        "limit=1001",
        "wait=31",
        "nothing=1",
        "type=Roster",
        "subject=0017",
        f"subject=unit-{OTHER_CELL},",
        f"type={'a,' * 50}a",
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(world: World, query: str) -> None:
    response = world.get(f"{FEED}?{query}", world.token(**READS_ALL))

    assert response.status_code == 422
    assert response.json["problems"][0]["parameter"] == query.partition("=")[0]
