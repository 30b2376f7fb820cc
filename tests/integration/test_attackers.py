"""A slow client, a flooder and a guesser, with fixed budgets, against the running commands."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.support.attackers import slow_clients
from tests.support.commands import tusoi_in
from tests.support.databases import hasty
from tests.support.installation import START_SECONDS, end, free_port

FLOODERS, FLOOD_SECONDS = 8, 1.0
GUESSES = 12
LOOKS = 20  # at /healthz meanwhile
ANSWER_SECONDS_MAX = 5.0  # generous: what is measured is told by `deploy/bench`


@pytest.fixture(scope="module", params=["up", "serve"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running service."""
    folder: Path = tmp_path_factory.mktemp(request.param) / "data"
    assert tusoi_in(folder)("migrate").status == 0
    found = free_port()
    command = [sys.executable, "-m", "workers.program", request.param, "--port", str(found)]
    environment = os.environ | hasty(folder) | {"TUSOI_LOG_LEVEL": "error"}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        wait_for(found)
        yield found
    finally:
        end(process, signal.SIGTERM)


def wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            assert ask(port, "GET", "/healthz") == http.HTTPStatus.OK
            return
        time.sleep(0.05)
    raise TimeoutError


def ask(port: int, method: str, path: str, body: object = None) -> int:
    """Return the status of an answer that comes in time."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
    with closing(asked):
        asked.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        return asked.getresponse().status


def look(port: int) -> set[int]:
    return {ask(port, "GET", "/healthz") for _ in range(LOOKS)}


def test_slow_clients_hold_up_nobody(port: int) -> None:
    with slow_clients(port):
        assert look(port) == {http.HTTPStatus.OK}


def test_flooders_leave_room_for_others(port: int) -> None:
    until = time.monotonic() + FLOOD_SECONDS

    def flood() -> None:
        while time.monotonic() < until:
            ask(port, "GET", "/glossary")

    flooders = [threading.Thread(target=flood) for _ in range(FLOODERS)]
    for each in flooders:
        each.start()
    seen = look(port)
    for each in flooders:
        each.join()

    assert seen == {http.HTTPStatus.OK}


def test_a_guesser_has_to_wait_and_nobody_else_does(port: int) -> None:
    guess = {"login": "ha", "password": "no such password"}

    told = [ask(port, "POST", "/api/v1/session", guess) for _ in range(GUESSES)]

    assert told[0] == http.HTTPStatus.UNAUTHORIZED
    assert told[-1] == http.HTTPStatus.TOO_MANY_REQUESTS
    assert look(port) == {http.HTTPStatus.OK}
