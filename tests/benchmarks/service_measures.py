"""The running service: HTTP intake, and how soon a committed event is in the states."""

import http
import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

from events.identifiers import new_event_id, new_id
from events.store.store import Store
from tests.benchmarks.measuring import Contender, Measure
from tests.support import facts
from tests.support.attackers import slow_clients
from tests.support.installation import Installation
from tests.support.servers import PostgreSQL, Valkey

SENDERS = 4
BATCHES = 60
BATCH = 100
ENROLLED = 1_000  # in one batch
UNITS = tuple(f"U{number}" for number in range(1, 13))  # of each to the next, round by round
SOURCE = "/hr/benchmark"
RATE = 400  # events/s
LATENCY_EVENTS = 1_200
SAMPLE_EVERY = 20
IDLE_SAMPLES = 12
IDLE_SECONDS = 2.0
GIVE_UP_SECONDS = 10
LOOKS = 500  # at /healthz beside slow clients


def intake(service: Installation) -> Measure:
    """Return the measure of `POST /api/v1/events`: everybody moves once in each round."""
    founded = [
        _event("roster.unit_formed", {"number": unit, "name": f"Chi bộ {unit}", "kind": "cell"})
        for unit in UNITS
    ]
    numbers = [f"M{index}" for index in range(BATCHES * BATCH)]
    enrolled = [
        _event("roster.member_enrolled", {"number": n, "name": "Nguyễn Văn A", "unit_id": UNITS[0]})
        for n in numbers
    ]
    rounds = itertools.count(1)

    def bodies() -> list[list[bytes]]:
        there = UNITS[next(rounds) % len(UNITS)]  # a move to where somebody is tells nothing
        batches = [
            json.dumps(
                [
                    _event("roster.member_moved", {"member_id": number, "unit_id": there})
                    for number in numbers[start : start + BATCH]
                ]
            ).encode()
            for start in range(0, len(numbers), BATCH)
        ]
        return [batches[start::SENDERS] for start in range(SENDERS)]

    def send_all(shares: list[list[bytes]]) -> int:
        senders = [threading.Thread(target=_send, args=(service, share)) for share in shares]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return BATCHES * BATCH

    batches = [enrolled[n : n + ENROLLED] for n in range(0, len(enrolled), ENROLLED)]
    _send(service, [json.dumps(each).encode() for each in (founded, *batches)])
    return Measure(
        "HTTP intake in batches of 100, one server process",
        ">= 3,000 events/s",
        (Contender("ours", bodies, send_all),),
        3_000,
    )


def _send(service: Installation, bodies: list[bytes]) -> None:
    """Send batches over one connection that stays open."""
    connection = service.connection()
    headers = service.headers("application/cloudevents-batch+json")
    for body in bodies:
        connection.request("POST", "/api/v1/events", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != http.HTTPStatus.CREATED:
            raise RuntimeError(f"{answer.status}: {told[:500]!r}")
    connection.close()


def beside_slow_clients(service: Installation) -> list[float]:
    """Return the seconds that `/healthz` takes while hundreds of requests never come whole."""
    taken = []
    with slow_clients(service.port):
        for _ in range(LOOKS):
            begun = time.perf_counter()
            status, _ = service.ask("GET", "/healthz")
            taken.append(time.perf_counter() - begun)
            if status != http.HTTPStatus.OK:
                raise RuntimeError(f"/healthz answered {status}")
    return taken


def latencies(store: Store) -> tuple[list[float], list[float]]:
    """Return seconds from commit to projected state: at a steady rate, and after idling."""
    busy = []
    begun = time.monotonic()
    watchers = []
    for index in range(LATENCY_EVENTS):
        pause = begun + index / RATE - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        member = _append(store)
        if index % SAMPLE_EVERY == 0:
            watchers.append(watcher := Watcher(store, member))
            watcher.start()
    for watcher in watchers:
        watcher.join()
        busy.append(watcher.seconds)
    idle = []
    for _ in range(IDLE_SAMPLES):
        time.sleep(IDLE_SECONDS)
        watcher = Watcher(store, _append(store))
        watcher.run()
        idle.append(watcher.seconds)
    return busy, idle


class Watcher(threading.Thread):
    """Looks every millisecond whether a member's state is there."""

    def __init__(self, store: Store, member: str) -> None:
        super().__init__()
        self._store = store
        self._member = member
        self.seconds = float("inf")

    def run(self) -> None:
        begun = time.perf_counter()
        sql = "SELECT version FROM member_states WHERE member_id = ?"
        while time.perf_counter() - begun < GIVE_UP_SECONDS:
            if self._store.database.rows(sql, (self._member,)):
                self.seconds = time.perf_counter() - begun
                return
            time.sleep(0.001)


def _append(store: Store) -> str:
    (receipt,) = store.append(facts.single())
    return receipt.stream.removeprefix("member-")


def _event(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": new_event_id(facts.CHANCE),
        "source": SOURCE,
        "type": event_type,
        "time": "2026-11-20T08:00:00+07:00",
        "data": data,
    }


def make_service(server: PostgreSQL, valkey: Valkey, folder: Path) -> Installation:
    name = f"service_{new_id(facts.CHANCE)}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Installation(server.url_of(name), valkey.url, folder, source=SOURCE)
