"""A distributed installation as operators run it: `tusoi serve` and `tusoi work` as processes."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.access import tokens
from services.access.tokens import Grants
from services.bootstrap import System, open_system
from services.commands import rights
from services.read_models import states
from services.settings import from_environment
from workers.sequencer import RING_ALL_SECONDS

START_SECONDS = 30
STOP_SECONDS = 10
SETTLE_SECONDS = RING_ALL_SECONDS + 30  # a bell may have been lost with its worker
ANSWER_SECONDS = 15


class Installation:
    """PostgreSQL and Redis from outside; folder, secrets, tables and a token of its own."""

    def __init__(
        self,
        database_url: str,
        redis_url: str,
        folder: Path,
        *,
        source: str,
        rehearsal: Path | None = None,
        log_level: str | None = "error",  # None: what goes without saying
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        clock_file = {"TUSOI_REHEARSAL_CLOCK": str(rehearsal)} if rehearsal else {}
        self.port = free_port()
        self.environment: Mapping[str, str] = os.environ | {
            "TUSOI_DATA_DIR": str(folder),
            "TUSOI_DATABASE_URL": database_url,
            "TUSOI_REDIS_URL": redis_url,
            "TUSOI_MASTER_KEY_FILE": str(folder / "master.key"),
            "TUSOI_LOG_KEY_FILE": str(folder / "log.key"),
            "TUSOI_PORT": str(self.port),
            "TUSOI_LOG_LEVEL": log_level or "",
            **clock_file,
        }
        self._log = folder / "processes.log"
        for command in (("keys", "make"), ("migrate",)):
            assert self.start(*command).wait() == 0, self.log_text()
        self.system: System = open_system(from_environment(self.environment))
        grants = Grants(sends=("roster.*",), sources=(source,), reads=("roster.*",), states=True)
        token, self.secret = tokens.make(self.system, "test", grants)
        rights.tell_token(self.system, token)

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start `tusoi ARGUMENTS` in a process group of its own, so that all can be killed."""
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "workers.program", *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        process = self.start(*arguments)
        try:
            yield process
        finally:
            end(process, signal.SIGTERM)

    def serve(self) -> "subprocess.Popen[bytes]":
        """Start a server and return once it answers."""
        process = self.start("serve")
        self.wait_until_serving()
        return process

    def wait_until_serving(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/healthz")[0] == http.HTTPStatus.OK:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"the server did not start: {self.log_text()}")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, Any]:
        """Return status and JSON answer of one request."""
        connection = self.connection()
        try:
            connection.request(method, path, body, self.headers(content_type) | dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def send(self, events: list[dict[str, Any]], correlation_id: str = "") -> tuple[int, Any]:
        """Return status and answer of one batch."""
        body = json.dumps(events, ensure_ascii=False).encode()
        headers = {"X-Correlation-ID": correlation_id} if correlation_id else {}
        batch = "application/cloudevents-batch+json"
        return self.ask("POST", "/api/v1/events", body, batch, headers)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)

    def log_lines(self) -> list[dict[str, Any]]:
        """Return what all processes logged so far."""
        lines = self._log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def headers(self, content_type: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.secret}"}
        return headers | ({"Content-Type": content_type} if content_type else {})

    def settle(self) -> int:
        """Return the log's size once everything committed is numbered and projected."""
        store = self.system.store
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            pending = store.database.rows("SELECT count(*) FROM pending")[0][0]
            size = store.head().size
            reached = [
                states.serving_position(store.database, each.projection) for each in states.KINDS
            ]
            if not pending and min(reached) == size:
                return size
            time.sleep(0.05)
        raise TimeoutError(f"the workers did not catch up: {self.log_text()}")

    def log_text(self) -> str:
        return self._log.read_text()[-4_000:]


def end(process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    """End a process and all that it started; the killed ones get no chance to tidy up."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


_ports = itertools.count(33_000 + os.getpid() * 7 % 6_000)


def free_port() -> int:
    """Return a port that nobody listens on."""
    for port in itertools.islice(_ports, 1_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")
