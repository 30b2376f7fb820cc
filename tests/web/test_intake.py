"""Intake over HTTP: what is sent, by whom, in which form, and what comes back."""

import threading

import msgspec
import pytest

from events.store import histories
from services.intake.parser import BODY_BYTES_MAX
from tests.support.intake import EVENTS, SENDS_ALL, enrolling, event, send
from tests.support.world import SOURCE, Answer, World


def test_a_sent_event_gets_a_receipt(world: World) -> None:
    response = send(world, world.token(**SENDS_ALL), event(1))

    (receipt,) = response.json["receipts"]
    assert response.status_code == 201
    assert (receipt["source"], receipt["id"], receipt["version"]) == (SOURCE, "e1", 1)
    assert receipt["stream"] == receipt["subject"]
    assert receipt["stream"].startswith("unit-")
    assert receipt["recordedat"] == "2026-01-05T01:00:00Z"
    assert receipt["known"] is False


def test_receipts_come_in_the_order_sent(world: World) -> None:
    response = send(world, world.token(**SENDS_ALL), [enrolling(2, "CB-001"), event(1)])

    assert [each["id"] for each in response.json["receipts"]] == ["e2", "e1"]


def test_the_same_events_again_get_their_first_receipts(world: World) -> None:
    token = world.token(**SENDS_ALL)
    first = send(world, token, [event(1), event(2)])
    world.clock.tick(60)

    again = send(world, token, [event(1), event(2)])
    partly = send(world, token, [event(2), event(3)])

    assert (again.status_code, partly.status_code) == (200, 201)
    for before, after in zip(first.json["receipts"], again.json["receipts"], strict=True):
        assert after == before | {"known": True}
    assert [each["known"] for each in partly.json["receipts"]] == [True, False]


def test_an_event_may_come_in_binary_mode(world: World) -> None:
    attributes = {k: v for k, v in event(1).items() if k != "data"}
    headers = {f"ce-{name}": value for name, value in attributes.items()}
    headers |= world.token(**SENDS_ALL) | {"Content-Type": "application/json"}

    response = world.ask(
        "POST", EVENTS, data=msgspec.json.encode(event(1)["data"]), headers=headers
    )

    assert response.status_code == 201


def test_what_was_sent_comes_out_of_the_feed(world: World) -> None:
    send(world, world.token(**SENDS_ALL), [event(1), enrolling(2, "CB-001")])
    world.advance()

    body = world.get(EVENTS, world.token(reads=("roster.*",))).json

    assert [each["id"] for each in body["events"]] == ["e1", "e2"]
    assert "Nguyễn" not in str(body)


def test_a_bad_event_refuses_its_batch_and_is_named(world: World) -> None:
    bad = event(2, data={"number": "CB-002", "name": 7, "kind": "cell"})

    response = send(world, world.token(**SENDS_ALL), [event(1), bad])

    problem = response.json
    assert (response.status_code, problem["code"]) == (422, "invalid_data")
    assert (problem["index"], problem["pointer"]) == (1, "/data/name")
    assert problem["problems"][0]["pointer"] == "/data/name"
    assert world.advance() == 0


def test_an_unknown_unit_is_told_so_that_the_sender_can_try_again(world: World) -> None:
    response = send(world, world.token(**SENDS_ALL), enrolling(1, "CB-404"))

    problem = response.json
    assert (response.status_code, problem["code"]) == (422, "unknown_unit")
    assert (problem["retryable"], problem["index"]) == (True, 0)
    assert problem["pointer"] == "/data/unit_id"


def test_the_same_id_with_other_content_is_a_conflict(world: World) -> None:
    token = world.token(**SENDS_ALL)
    send(world, token, event(1))

    response = send(world, token, event(1, time="2025-07-02T00:00:00+07:00"))

    assert (response.status_code, response.json["code"]) == (409, "conflicting_repeat")


def test_of_two_events_with_one_id_in_a_batch_both_are_named(world: World) -> None:
    other = event(1, time="2025-07-02T00:00:00+07:00")

    twice = send(world, world.token(**SENDS_ALL), [event(2), event(1), event(1)])
    problem = send(world, world.token(**SENDS_ALL), [event(3), event(1), other]).json

    assert [each["known"] for each in twice.json["receipts"]] == [False, False, True]
    assert twice.json["receipts"][1]["version"] == twice.json["receipts"][2]["version"]
    assert (problem["code"], problem["index"], problem["other"]) == ("conflicting_repeat", 2, 1)


@pytest.mark.parametrize(
    "grants",
    [
        {"sends": ("roster.member_enrolled",), "sources": (SOURCE,)},
        {"sends": ("roster.*",), "sources": ("urn:test:other",)},
    ],
)
def test_a_type_or_source_that_is_not_granted_is_refused(
    world: World, grants: dict[str, tuple[str, ...]]
) -> None:
    response = send(world, world.token(**grants), event(1))

    assert (response.status_code, response.json["code"]) == (403, "not_granted")


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_a_missing_attribute_is_the_senders_error(world: World, name: str) -> None:
    body = event(1)
    del body[name]

    response = send(world, world.token(**SENDS_ALL), body)

    assert (response.status_code, response.json["pointer"]) == (400, f"/{name}")


def test_broken_json_is_told_with_its_byte(world: World) -> None:
    headers = {"Content-Type": "application/cloudevents+json"} | world.token(**SENDS_ALL)

    response = world.ask("POST", EVENTS, data=b'{"id": "1",', headers=headers)

    assert response.status_code == 400
    assert isinstance(response.json["byte"], int)


@pytest.mark.parametrize("headers", [{"Content-Type": "text/csv"}, {"Content-Encoding": "gzip"}])
def test_a_body_of_another_kind_is_refused(world: World, headers: dict[str, str]) -> None:
    response = send(world, world.token(**SENDS_ALL), event(1), **headers)

    assert (response.status_code, response.json["code"]) == (415, "unsupported_media_type")


def test_a_body_that_is_too_long_is_refused_before_it_is_read(world: World) -> None:
    headers = {"Content-Type": "application/cloudevents+json"} | world.token(**SENDS_ALL)
    announced = {"CONTENT_LENGTH": str(BODY_BYTES_MAX + 2)}

    response = world.ask("POST", EVENTS, headers=headers, environ_overrides=announced)

    assert (response.status_code, response.json["code"]) == (413, "too_large")


def test_a_body_of_unsaid_length_is_read_up_to_the_limit(world: World) -> None:
    headers = {"Content-Type": "application/cloudevents+json"} | world.token(**SENDS_ALL)

    response = world.ask(
        "POST",
        EVENTS,
        data=b" " * (BODY_BYTES_MAX * 2),
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True},
    )

    assert (response.status_code, response.json["code"]) == (413, "too_large")


def test_on_a_full_disk_nothing_is_accepted_and_nothing_lost(world: World) -> None:
    token, database = world.token(**SENDS_ALL), world.system.store.database
    send(world, token, event(1))
    pages = database.transact(lambda t: t.rows("PRAGMA page_count"))[0][0]
    batch = [event(number) for number in range(2, 500)]

    database.transact(lambda t: t.rows(f"PRAGMA max_page_count = {pages + 4}"))
    refused = send(world, token, batch)
    database.transact(lambda t: t.rows("PRAGMA max_page_count = 1000000"))
    accepted = send(world, token, batch)

    assert (refused.status_code, refused.json["code"]) == (503, "store_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (accepted.status_code, world.advance()) == (201, 499)


def test_without_a_database_the_sender_is_asked_to_come_back(world: World) -> None:
    token = world.token(**SENDS_ALL)
    world.lose_database()

    response = send(world, token, event(1))

    assert (response.status_code, response.json["retryable"]) == (503, True)
    assert int(response.headers["Retry-After"]) > 0


def test_the_requests_correlation_id_stands_in_the_entry(world: World) -> None:
    sent = send(world, world.token(**SENDS_ALL), event(1), **{"X-Correlation-ID": "import-7"})
    stream = sent.json["receipts"][0]["stream"]
    world.advance()

    (row,) = histories.page(world.system.store.database, stream, 0, 1)

    assert msgspec.json.decode(row[3])["correlationid"] == "import-7"


def test_senders_who_race_for_one_unit_all_get_their_receipts(world: World) -> None:
    token = world.token(**SENDS_ALL)
    send(world, token, event(0))
    answers: list[Answer] = []

    def rename(number: int) -> None:
        data = {"unit_id": "CB-000", "name": f"Chi bộ {number}"}
        renamed = event(number, type="roster.unit_renamed", data=data)
        answers.append(send(world, token, renamed))

    threads = [threading.Thread(target=rename, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {each.status_code for each in answers} <= {201, 503}
    versions = [each.json["receipts"][0]["version"] for each in answers if each.status_code == 201]
    assert sorted(versions) == list(range(2, len(versions) + 2))
