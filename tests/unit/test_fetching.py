"""What is no whole answer of the log's own host is told, and shows nothing of the log."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events.proof.notes import SigningKey
from events.replay import __main__ as replaying
from events.replay.fetching import connect, within

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def host(*pieces: bytes, pause: float = 0) -> Iterator[tuple[str, list[bytes]]]:
    """Lend the address of a host that answers everybody by these pieces, and what it was asked."""
    asked = list[bytes]()

    def serve() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller:
                asked.append(caller.recv(65_536))
                try:
                    for each in pieces:
                        caller.sendall(each)
                        time.sleep(pause)
                except OSError:
                    continue  # whoever asked had enough

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 3\r\n\r\nlog",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nlog\r\n0\r\n\r\n",
    ],
    ids=["of a length", "in chunks"],
)
def test_a_whole_answer_is_fetched_with_the_token(answer: bytes) -> None:
    with host(answer) as (url, asked):
        assert connect(f"{url}/", "secret")("/log/checkpoint") == b"log"

    assert asked[0].startswith(b"GET /log/checkpoint HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer secret\r\n" in asked[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_goes_to_no_other_host(status: int) -> None:
    with host(OK + b"Content-Length: 3\r\n\r\nlog") as (elsewhere, told):
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere}/x\r\nContent-Length: 0\r\n\r\n"
        with (
            host(moved.encode()) as (url, _),
            pytest.raises(OSError, match=f"leads to '{elsewhere}/x', where the token must not go"),
        ):
            connect(url, "secret")("/log/checkpoint")

    assert told == []


UNUSABLE = {
    "no status": b"nonsense\r\n\r\n",
    "nothing": b"",
    "broken chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nlog",
    "cut chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nlog",
    "many headers": OK + b"A: b\r\n" * 101 + b"\r\n",
    "long header": OK + b"A: " + b"b" * 70_000 + b"\r\n\r\n",
    "cut": OK + b"Content-Length: 9\r\n\r\nlog",
    "of no length": OK + b"\r\nlog",
    "too long": OK + b"Content-Length: 9\r\n\r\n" + b"log" * 3,
    "missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_whole_answer_is_no_other_log(
    answer: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("events.replay.fetching.ANSWER_BYTES_MAX", 8)
    with host(answer) as (url, _):
        status = look(url, tmp_path)

    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert told.err.startswith("cannot look at the log: ")


@pytest.mark.parametrize(
    "url",
    ["http://localhost:abc", "http://[::1", "http://a b", "http://a\n", "http://", "gopher:a"],
)
def test_what_is_no_address_is_no_other_log(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(url, tmp_path) == 2
    assert capsys.readouterr().err.startswith("cannot look at the log: ")


def look(url: str, folder: Path) -> int:
    memory = str(folder / "memory.json")
    return replaying.main(["log", url, "--memory", memory, "--key", KEY])


KEY = SigningKey.generate("tusoi.example/log", bytes(32)).verifier.to_text()


@pytest.mark.parametrize("head", [b"", OK + b"Content-Length: 99\r\n\r\n"], ids=["head", "body"])
def test_whoever_answers_a_byte_at_a_time_is_not_waited_for(head: bytes) -> None:
    with (
        host(head, *[b"H"] * 20, pause=0.05) as (url, _),
        pytest.raises(TimeoutError, match="its answer to /log takes more than"),
    ):
        connect(url, "", seconds_max=0.2)("/log")


def test_what_ends_in_time_comes_to_what_it_came_to() -> None:
    def fail() -> None:
        raise KeyError("a")

    assert within(60, "the work", lambda: 7) == 7
    with pytest.raises(KeyError):
        within(60, "the work", fail)
