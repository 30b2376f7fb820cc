"""Private servers for tests: real PostgreSQL and Valkey on free loopback ports, stopped by pid.

Tests may kill and restart them; what a server wrote goes away with the process that started it.
"""

import abc
import atexit
import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil
import psycopg
import redis

from tests.support.programs import folder_for_all, postgresql_binaries, valkey_binary

START_SECONDS = 30  # a loaded machine takes several to make a database cluster
STOP_SECONDS = 10  # for a polite stop; then the server is killed
START_ATTEMPTS = 5  # another process may take a free port first
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 2_000
PSQL_COMMAND = "\\"  # begins a line of a dump that is for the program psql alone
UNPRIVILEGED = 65_534  # PostgreSQL refuses to run as root

# Below the range from which the system gives ports to clients: one that knocks again and again at
# a killed server's port there would at last be connected to itself, and keep the server out.
FIRST_PORT = 20_000
PORTS = 12_000
_ports = itertools.count(os.getpid() * 37)  # processes side by side begin in different places


class ServerFailed(Exception):
    """The server ended or did not answer in time; the message ends with its log."""


class Server(abc.ABC):
    """A server of one's own. `start` it first; `restart` keeps its port and what it stored."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tusoi-", dir=folder_for_all()))
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)

    @property
    @abc.abstractmethod
    def url(self) -> str:
        """The address that clients take."""

    @property
    def pid(self) -> int:
        """The process that listens.

        Raises:
            ServerFailed: it was not started.
        """
        if self._process is None:
            raise ServerFailed("the server is not running: start() it first")
        return self._process.pid

    def start(self) -> Self:
        """Return the server once it answers."""
        attempts = 1 if self.port else START_ATTEMPTS
        for attempt in range(1, attempts + 1):
            self.port = self.port if attempts == 1 else _free_port()
            try:
                self._start()
            except ServerFailed:
                self._end(signal.SIGKILL)
                if attempt == attempts:
                    raise
            else:
                break
        return self

    def stop(self) -> None:
        """End the server politely and forget what it stored."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """End the server as a crash does; return when the last of its processes is gone."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """End the server if it runs, and start it on the same port, with what it had stored."""
        self._end(signal.SIGTERM)
        self.start()

    @abc.abstractmethod
    def _command(self) -> list[str | Path]: ...

    @abc.abstractmethod
    def _answers(self) -> bool: ...

    def _start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = _popen(self._command(), self.folder, log.fileno())
        give_up_at = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                tail = (self.folder / "server.log").read_bytes()[-LOG_TAIL_BYTES:]
                raise ServerFailed(f"{type(self).__name__} did not start:\n{tail.decode()}")
            time.sleep(POLL_SECONDS)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.send_signal(how)
            _wait(self._process)
            _wait_for_orphans(family)
        self._process.wait()
        self._process = None


class PostgreSQL(Server):
    """A cluster with one superuser, `postgres`, and durable commits, as in production.

    One that is not `durable` waits for no disk: for tests in which nobody kills it.
    """

    def __init__(self, *, durable: bool = True) -> None:
        super().__init__()
        self._safety = "on" if durable else "off"
        self.binaries = postgresql_binaries()  # also pg_dump, psql and the others
        self._data = self.folder / "data"

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the address of one database, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return an autocommit connection of the bare driver."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            dbname=database,
            autocommit=True,
            connect_timeout=STOP_SECONDS,
        )

    def clear(self, database: str) -> None:
        """Empty a database, even if somebody is still connected: they are put out.

        It takes a third of the time of dropping the database and creating it again.
        """
        with self.connect(database) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def dump(self, database: str) -> str:
        """Return the statements that make a database's tables and rows anew in an empty one."""
        program = (self.binaries / "pg_dump", "--inserts", f"--dbname={database}")
        where = ("--host=127.0.0.1", f"--port={self.port}", "--username=postgres")
        dumped = subprocess.run([*program, *where], check=True, capture_output=True, text=True)
        lines = dumped.stdout.splitlines()
        return "\n".join(line for line in lines if not line.startswith(PSQL_COMMAND))

    def start(self) -> Self:
        if not self._data.exists():
            self._make_cluster()
        return super().start()

    def _make_cluster(self) -> None:
        if os.geteuid() == 0:
            os.chown(self.folder, UNPRIVILEGED, UNPRIVILEGED)
        log_path = self.folder / "initdb.log"
        command: list[str | Path] = [
            self.binaries / "initdb",
            f"--pgdata={self._data}",
            *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ]
        with log_path.open("wb") as log:
            status = _popen(command, self.folder, log.fileno()).wait(START_SECONDS)
        if status != 0:
            raise ServerFailed(f"initdb failed:\n{log_path.read_text()[-LOG_TAIL_BYTES:]}")

    def _command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",  # none: a long TMPDIR would not fit in their addresses
            "max_connections": 200,
            "fsync": self._safety,  # with it, what was committed outlives kill -9
            "synchronous_commit": self._safety,
            "full_page_writes": self._safety,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self.binaries / "postgres", "-D", self._data, *options]

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


class Valkey(Server):
    """A Redis-compatible server that keeps nothing on disk: after a restart it is empty."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str | Path]:
        options = f"--bind 127.0.0.1 --port {self.port} --appendonly no".split()
        return [valkey_binary(), *options, "--save", "", "--dir", self.folder]

    def _answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=STOP_SECONDS) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


def _popen(command: list[str | Path], folder: Path, log: int) -> subprocess.Popen[bytes]:
    """Start a program; PostgreSQL's, as root, under a user without rights."""
    demoted = os.geteuid() == 0 and folder.stat().st_uid == UNPRIVILEGED
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C ends the tests, which then stop the server
        user=UNPRIVILEGED if demoted else None,
        group=UNPRIVILEGED if demoted else None,
        extra_groups=[] if demoted else None,
    )


def _free_port() -> int:
    """Return a port that nobody listens on."""
    for number in itertools.islice(_ports, PORTS):
        port = FIRST_PORT + number % PORTS
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerFailed(f"no free port between {FIRST_PORT} and {FIRST_PORT + PORTS}")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _wait_for_orphans(family: list[psutil.Process]) -> None:
    """Return when all are gone: PostgreSQL's children end by themselves when they miss the parent.

    A new server refuses to start while one of them still holds the shared memory.
    """
    give_up_at = time.monotonic() + STOP_SECONDS
    while living := list(_living(family)):
        if time.monotonic() > give_up_at:
            for process in living:
                process.kill()
        time.sleep(POLL_SECONDS)


def _living(family: list[psutil.Process]) -> Iterator[psutil.Process]:
    for process in family:
        # Nobody may be there to collect a zombie; it holds nothing any more.
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                yield process
