"""The running service: HTTP intake, and how soon a committed event is in the states."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from events.identifiers import new_event_id, new_id
from events.store.store import Store
from services.access import tokens
from services.access.tokens import Grants
from services.bootstrap import System, open_system
from services.settings import from_environment
from tests.benchmarks import facts
from tests.benchmarks.measuring import Contender, Measure
from tests.support.servers import PostgreSQL, Valkey

SENDERS = 4
BATCHES = 60
BATCH = 100
SOURCE = "/hr/benchmark"
RATE = 400  # events/s
LATENCY_EVENTS = 1_200
SAMPLE_EVERY = 20
IDLE_SAMPLES = 12
IDLE_SECONDS = 2.0
START_SECONDS = 30
GIVE_UP_SECONDS = 10


class Service:
    """`tusoi serve` and `tusoi work` as processes, on PostgreSQL and Redis."""

    def __init__(self, postgresql: str, valkey: Valkey, folder: Path, port: int) -> None:
        self.environment = os.environ | {
            "TUSOI_DATA_DIR": str(folder),
            "TUSOI_DATABASE_URL": postgresql,
            "TUSOI_REDIS_URL": valkey.url,
            "TUSOI_MASTER_KEY_FILE": str(folder / "master.key"),
            "TUSOI_LOG_KEY_FILE": str(folder / "log.key"),
            "TUSOI_PORT": str(port),
            "TUSOI_LOG_LEVEL": "error",
        }
        self.port = port
        self.system = self._prepare()
        grants = Grants(sends=("roster.*",), sources=(SOURCE,), reads=("roster.*",), states=True)
        _, self.secret = tokens.make(
            self.system.store.database,
            "benchmark",
            grants,
            clock=self.system.clock,
            chance=self.system.chance,
        )

    def _prepare(self) -> System:
        for command in (("keys", "make"), ("migrate",)):
            self.tusoi(*command).wait()
        return open_system(from_environment(self.environment))

    def tusoi(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "workers.program", *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        process = self.tusoi(*arguments)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP_SECONDS)

    def wait_until_serving(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                connection = self.connection()
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def send(self, bodies: list[bytes]) -> None:
        connection = self.connection()
        headers = {
            "Content-Type": "application/cloudevents-batch+json",
            "Authorization": f"Bearer {self.secret}",
        }
        for body in bodies:
            connection.request("POST", "/api/v1/events", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != 201:
                raise RuntimeError(f"{answer.status}: {told[:500]!r}")


def intake(service: Service) -> Measure:
    """Return the measure of `POST /api/v1/events`; a unit is founded once, members move into it."""
    founded = [_event("roster.unit_formed", {"number": "U1", "name": "Chi bộ 1", "kind": "cell"})]
    numbers = [f"M{index}" for index in range(BATCH * 10)]
    enrolled = [
        _event("roster.member_enrolled", {"number": n, "name": "Nguyễn Văn A", "unit_id": "U1"})
        for n in numbers
    ]

    def bodies() -> list[bytes]:
        return [
            json.dumps(
                [
                    _event("roster.member_moved", {"member_id": number, "unit_id": "U1"})
                    for number in numbers[start : start + BATCH]
                ]
            ).encode()
            for start in [(index % 10) * BATCH for index in range(BATCHES)]
        ]

    def send_all(prepared: list[bytes]) -> int:
        shares = [prepared[start::SENDERS] for start in range(SENDERS)]
        senders = [threading.Thread(target=service.send, args=(share,)) for share in shares]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return len(prepared) * BATCH

    def prepare_once() -> list[bytes]:
        return bodies()

    service.send([json.dumps(founded).encode(), json.dumps(enrolled).encode()])
    return Measure(
        "HTTP intake in batches of 100, one server process",
        ">= 3,000 events/s",
        (Contender("ours", prepare_once, send_all),),
        3_000,
    )


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


def make_service(server: PostgreSQL, valkey: Valkey, folder: Path) -> Service:
    name = f"service_{new_id(facts.CHANCE)}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Service(server.url_of(name), valkey, folder, port=valkey.port + 1)


def wait_until_projected(store: Store) -> None:
    """Return once what was sent before is in the states, so that it does not stand in the way."""
    until = time.monotonic() + 6 * START_SECONDS
    sql = "SELECT min(position) FROM subscriptions HAVING count(*) > 1"
    while time.monotonic() < until:
        rows = store.database.rows(sql)
        pending = store.database.rows("SELECT count(*) FROM pending")[0][0]
        if rows and rows[0][0] == store.head().size and not pending:
            return
        time.sleep(0.1)
    raise TimeoutError("the workers did not catch up")
