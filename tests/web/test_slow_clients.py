"""Whoever is slow holds up nobody: they get a deadline, and make room where there are too many."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from services.cli import server as servers
from services.cli.server import HEAD_BYTES_MAX, Channel, Limits, Server
from services.cli.serving import listen

SECONDS = 10.0  # for which a test waits at most
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: "
WANTS_LARGE = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
AHEAD, LARGE = 1024 * 1024, 24 * 1024 * 1024  # the network itself takes some MiB


def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answer at once, but `/slow` after a while, and `/large` with more than is made ahead."""
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.5)
    if environ["PATH_INFO"] == "/large":
        start("200 OK", [])
        return (bytes(AHEAD) for _ in range(LARGE // AHEAD))
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class Served:
    """A server, and the connections that a test makes to it."""

    def __init__(self, server: Server, clients: ExitStack) -> None:
        self.server = server
        self._clients = clients
        self._address = ("127.0.0.1", int(server.effective_port))

    def connect(self, sent: bytes = b"") -> socket.socket:
        made = socket.create_connection(self._address, timeout=SECONDS)
        self._clients.enter_context(made)
        made.sendall(sent)
        return made

    def status(self) -> int:
        with closing(http.client.HTTPConnection(*self._address, timeout=SECONDS)) as asked:
            asked.request("GET", "/")
            return asked.getresponse().status

    def channels(self) -> list[Channel]:
        return list(self.server.active_channels.values())


@contextmanager
def serving(limits: Limits) -> Iterator[Served]:
    server = Server(answer, listen("127.0.0.1", 0), threads=2, limits=limits)
    running = threading.Thread(target=server.run)
    running.start()
    with ExitStack() as clients:
        try:
            yield Served(server, clients)
        finally:
            server.stop()
            running.join()


def is_closed(connection: socket.socket) -> bool:
    """Return whether the other side closed it by now."""
    connection.settimeout(0)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def comes_true(condition: Callable[[], bool], each: Callable[[], None] = lambda: None) -> bool:
    """Return whether something becomes true in time, doing something again and again meanwhile."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if condition():
            return True
        each()
        time.sleep(0.02)
    return False


def drip(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.send(b"x")


@pytest.mark.parametrize("sent", [HALF, HEAD], ids=["head", "body"])
def test_a_request_that_drips_is_cut_off_however_steadily(sent: bytes) -> None:
    with serving(Limits(header_seconds=0.2, look_seconds=0)) as served:
        connection = served.connect(sent)

        assert comes_true(lambda: is_closed(connection), lambda: drip(connection))


def test_a_body_that_comes_fast_enough_has_all_the_time_that_it_needs() -> None:
    with serving(Limits(header_seconds=0.2, body_bytes_second=1_000, look_seconds=0)) as served:
        connection = served.connect(HEAD)
        for _ in range(20):
            connection.sendall(bytes(1_000))
            time.sleep(0.03)

        assert not is_closed(connection)


def test_idle_connections_are_closed() -> None:
    with serving(Limits(idle_seconds=0, look_seconds=0)) as served:
        connection = served.connect()

        assert comes_true(lambda: is_closed(connection))


def test_with_too_many_connections_the_oldest_make_room_and_the_next_is_answered() -> None:
    with serving(Limits(connections=60)) as served:
        slow = [served.connect(each) for each in (b"", HALF, HEAD) * 25]

        assert [served.status() for _ in range(5)] == [200] * 5
        assert comes_true(lambda: is_closed(slow[0]))
        assert not is_closed(slow[-1])


def test_a_head_is_read_up_to_a_bound() -> None:
    with serving(Limits()) as served:
        connection = served.connect(HALF)
        with suppress(ConnectionError):
            connection.sendall(b"x" * HEAD_BYTES_MAX)

        assert b" 431 " in connection.recv(20)
        assert served.status() == 200


def test_unfinished_bodies_are_held_up_to_a_bound() -> None:
    with serving(Limits(held_bytes=4_000_000)) as served:
        small, large = served.connect(HEAD + bytes(1_500_000)), served.connect(HEAD)
        with suppress(ConnectionError):
            large.sendall(bytes(3_900_000))

        assert comes_true(lambda: is_closed(large))
        assert not is_closed(small)
        assert served.status() == 200


@pytest.fixture
def _little_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little of an answer is made ahead of who takes it."""
    monkeypatch.setattr(servers, "AHEAD_BYTES", AHEAD)


@pytest.mark.usefixtures("_little_ahead")
def test_whoever_takes_an_answer_by_drips_is_cut_off_and_others_are_answered() -> None:
    with serving(Limits(answer_seconds=0.5, look_seconds=0)) as served:
        for _ in range(2):  # as many as there are threads
            served.connect(WANTS_LARGE)
        assert comes_true(lambda: len(served.channels()) == 2)

        assert served.status() == 200
        assert comes_true(lambda: not served.channels())


@pytest.mark.usefixtures("_little_ahead")
def test_an_answer_that_is_taken_fast_enough_has_all_the_time_that_it_needs() -> None:
    with serving(Limits(answer_seconds=0.2, look_seconds=0)) as served:
        connection, size = served.connect(WANTS_LARGE), 0
        while size < LARGE:
            size += len(connection.recv(256 * 1024))
            time.sleep(0.005)

        assert size >= LARGE


@pytest.mark.usefixtures("_little_ahead")
def test_of_answers_that_wait_the_largest_makes_room() -> None:
    with serving(Limits(held_bytes=AHEAD // 2, look_seconds=0)) as served:
        served.connect(WANTS_LARGE)

        assert comes_true(lambda: not served.channels())
        assert served.status() == 200


def test_what_waits_of_an_answer_never_lies_on_a_disk() -> None:
    before = open_files()
    with serving(Limits()) as served:
        connection = served.connect(WANTS_LARGE)
        assert comes_true(lambda: any(e.total_outbufs_len > LARGE // 2 for e in served.channels()))

        assert {each for each in open_files() - before if "deleted" in each} == set()
        assert connection.recv(15).startswith(b"HTTP/1.1 200")


def open_files() -> set[str]:
    """Return which files this process has open; one that has no name any more is `deleted`."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(str(each.readlink()))
    return found


def test_what_is_being_answered_when_the_server_stops_is_answered() -> None:
    with serving(Limits()) as served:
        connection = served.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert comes_true(lambda: any(each.requests for each in served.channels()))

        served.server.stop()

        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
