"""Whatever is killed under load, no accepted event is lost or doubled."""

import contextlib
import http.client
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, Self

import pytest
import redis

from events.errors import TusoiError
from services.cli.checking import check_all
from tests.support import hr
from tests.support.installation import Installation, end
from tests.support.servers import PostgreSQL, Valkey

WRITERS = 8
BREATH_SECONDS = 0.05  # between two batches of a writer: some are always under way, and others run
CALM_SECONDS = 1.2  # between two blows
GIVE_UP_SECONDS = 60
UNITS = 5  # the last is formed when all is calm again
TOKENS = 1  # told by the operator, before anything is sent
INDEX_KEYS = 1  # the first process tells of it


class Writer(threading.Thread):
    """Sends facts about its own members, each batch again and again until it is accepted."""

    def __init__(self, installation: Installation, name: str, asked: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._installation = installation
        self._asked = asked
        self.accepted: dict[str, tuple[str, int]] = {}  # event id to stream and version

    def run(self) -> None:
        for count in range(1_000_000):
            if self._asked.is_set():
                return
            number = f"{self.name}-{count}"
            self._send_until_accepted([hr.enrolled(number, "U0"), hr.moved(number, "U1")])

    def _send_until_accepted(self, batch: list[dict[str, object]]) -> None:
        until = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                status, answer = self._installation.send(batch)
                if status in {200, 201}:
                    for receipt in answer["receipts"]:
                        self.accepted[receipt["id"]] = receipt["stream"], receipt["version"]
                    time.sleep(BREATH_SECONDS)
                    return
                assert status == 503, answer
            time.sleep(BREATH_SECONDS)
        raise TimeoutError(f"{self.name} could not send: {self._installation.log_text()}")


class Follower(threading.Thread):
    """Reads the log by position while it grows, as every subscriber does."""

    def __init__(self, installation: Installation, asked: threading.Event) -> None:
        super().__init__(daemon=True)
        self._store = installation.system.store
        self._asked = asked
        self.seen: list[tuple[int, str]] = []  # position and event id

    def run(self) -> None:
        new = True
        while new or not self._asked.is_set():
            new = False
            with contextlib.suppress(TusoiError):
                after = self.seen[-1][0] if self.seen else 0
                page = self._store.read_log(after)
                self.seen += [(each.position, each.entry.id) for each in page]
                new = bool(page)
            time.sleep(0.01)


@pytest.fixture
def installation(
    own_postgresql: PostgreSQL, own_valkey: Valkey, tmp_path: Path
) -> Iterator[Installation]:
    installed = Installation(own_postgresql.url, own_valkey.url, tmp_path / "i", source=hr.SOURCE)
    yield installed
    installed.system.close()


def test_killed_web_workers_postgresql_and_redis_lose_and_double_nothing(
    installation: Installation, own_postgresql: PostgreSQL, own_valkey: Valkey
) -> None:
    with Processes(installation) as processes:
        assert installation.send([hr.formed(f"U{index}") for index in range(UNITS - 1)])[0] == 201
        writing_ends, reading_ends = threading.Event(), threading.Event()
        writers = [Writer(installation, f"w{index}", writing_ends) for index in range(WRITERS)]
        follower = Follower(installation, reading_ends)
        for thread in (*writers, follower):
            thread.start()

        blows: tuple[Callable[[], None], ...] = (
            lambda: processes.kill("web"),
            lambda: processes.kill("worker"),
            lambda: _empty(own_valkey),
            lambda: _restart(own_postgresql),
            lambda: processes.kill("other worker"),
            lambda: _restart(own_valkey),
            lambda: processes.kill("worker"),
            lambda: _restart(own_postgresql),
        )
        for blow in blows:
            time.sleep(CALM_SECONDS)
            blow()
            processes.revive()
        time.sleep(CALM_SECONDS)
        processes.revive()
        writing_ends.set()
        for writer in writers:
            writer.join(GIVE_UP_SECONDS)
        assert installation.send([hr.formed("U-last")])[0] == 201  # rings anew
        size = installation.settle()
        reading_ends.set()
        follower.join(GIVE_UP_SECONDS)

    accepted = {key: place for writer in writers for key, place in writer.accepted.items()}
    log = _log(installation)
    checked = check_all(installation.system, lambda _position: None)
    assert len(accepted) > WRITERS * 2, "the load was no load"
    assert accepted.items() <= log.items(), "an accepted event is lost, or elsewhere than told"
    assert len(log) == size == len(accepted) + UNITS + TOKENS + INDEX_KEYS, (
        "an event is there that nobody sent"
    )
    assert [position for position, _ in follower.seen] == list(range(1, size + 1))
    assert {event_id for _, event_id in follower.seen} == log.keys()
    assert checked.findings == ()
    assert checked.states == len(accepted) // 2 + UNITS


class Processes:
    """The web and two workers, of which any may be killed and is started again."""

    COMMANDS: ClassVar = {"web": "serve", "worker": "work", "other worker": "work"}

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in self.COMMANDS:
            self._start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            end(process, signal.SIGTERM)

    def revive(self) -> None:
        """Start again what ended by itself, as a supervisor does: who finds no database ends."""
        for name, process in self._running.items():
            if process.poll() is not None:
                self._start(name)

    def kill(self, name: str) -> None:
        end(self._running[name], signal.SIGKILL)
        self._start(name)

    def _start(self, name: str) -> None:
        command = self.COMMANDS[name]
        start = self._installation.start
        serving = command == "serve"
        self._running[name] = self._installation.serve() if serving else start(command)


def _log(installation: Installation) -> dict[str, tuple[str, int]]:
    """Return every event of the log by its id, with stream and version."""
    log: dict[str, tuple[str, int]] = {}
    after = 0
    while page := installation.system.store.read_log(after):
        log |= {each.entry.id: (each.entry.stream, each.entry.streamversion) for each in page}
        after = page[-1].position
    return log


def _empty(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()


def _restart(server: PostgreSQL | Valkey) -> None:
    server.kill()
    time.sleep(0.5)
    server.restart()
