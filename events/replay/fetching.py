"""Fetch from a log's service: whole answers from that very address, in a bounded time, or none."""

import http.client
import queue
import threading
import urllib.request
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar
from urllib.error import HTTPError

from events.definitions.entry import ENTRY_BYTES_MAX
from events.proof.tiles import TILE_WIDTH

LENGTH_BYTES = 2  # before each entry of a bundle, the larger byte first
ANSWER_BYTES_MAX = TILE_WIDTH * (LENGTH_BYTES + ENTRY_BYTES_MAX)
SILENCE_SECONDS_MAX = 60  # of an answer, before it begins and within it
ANSWER_SECONDS_MAX = 300  # for a whole answer: the largest needs them at 0.5 Mbit/s

Fetch = Callable[[str], bytes]  # by path; raises OSError
Came = TypeVar("Came")


class _StayThere(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else, for the token would go along."""

    def redirect_request(self, *given: Any) -> None:
        _request, answer, status, _reason, _headers, address = given
        answer.close()
        raise OSError(
            f"it answers {status} and leads to {address!r}, where the token must not go: "
            "give that address, if it is the log's own"
        )


def connect(url: str, token: str, *, seconds_max: float = ANSWER_SECONDS_MAX) -> Fetch:
    """Return what fetches from a service, with a token of it if there is one.

    An answer counts as one only if it is whole: what was cut off shows nothing about the log.

    Raises:
        ValueError: it is no address of a web server, or no token.
    """
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is no address that begins with https:// or http://")
    if not (token.isascii() and token.isprintable()):
        raise ValueError("the file of the token holds more than one line of ASCII")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    opener = urllib.request.build_opener(_StayThere)

    def answer_to(path: str) -> bytes:
        request = urllib.request.Request(url.rstrip("/") + path, headers=headers)  # noqa: S310 - checked
        try:
            with opener.open(request, timeout=SILENCE_SECONDS_MAX) as answer:
                return _whole(answer, path)
        except HTTPError as error:
            error.close()
            raise OSError(f"it answers {path} with {error.code} {error.reason}") from None
        except http.client.HTTPException as error:
            told = f"{type(error).__name__} {error}".strip()
            raise OSError(f"{url} has no whole answer in HTTP to {path}: {told}") from None

    return lambda path: within(seconds_max, f"its answer to {path}", lambda: answer_to(path))


def _whole(answer: http.client.HTTPResponse, path: str) -> bytes:
    """Return the body of an answer. Raises OSError if it was cut off, or nothing says that not."""
    if answer.length is None and not answer.chunked:
        raise OSError(f"its answer to {path} does not say how long it is")
    body = answer.read(ANSWER_BYTES_MAX + 1)
    if len(body) > ANSWER_BYTES_MAX:
        raise OSError(f"its answer to {path} takes more than {ANSWER_BYTES_MAX} bytes")
    if answer.length:
        raise OSError(f"its answer to {path} was cut off: {answer.length} bytes are missing")
    return body


def within(seconds_max: float, what: str, work: Callable[[], Came]) -> Came:
    """Return what some work comes to, or raise what it raises, unless that takes too long.

    Somebody who answers a byte at a time is never silent, so no timeout of a socket ends it. The
    work is left behind in a thread that holds up no exit.

    Raises:
        TimeoutError: it took longer.
    """
    done = queue.SimpleQueue[Callable[[], Came]]()

    def run() -> None:
        try:
            came = work()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            raised = error
            done.put(lambda: _raise(raised))
        else:
            done.put(lambda: came)

    threading.Thread(target=run, daemon=True).start()
    try:
        return done.get(timeout=seconds_max)()
    except queue.Empty:
        raise TimeoutError(f"{what} takes more than {seconds_max:g} seconds") from None


def _raise(error: Exception) -> NoReturn:
    raise error
