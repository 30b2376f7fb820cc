"""The HTTP server of every process: waitress, with a bound for whoever is slow.

One thread waits for all connections at once, and a request gets a thread of its own only when it
has come whole. So whoever sends headers or a body slowly, or nothing at all, holds up nobody; here
they get a deadline, and when there are too many of them, whoever has the most makes room.
"""

import resource
import socket
import time
from collections import Counter
from typing import Any, NamedTuple
from wsgiref.types import WSGIApplication

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]

from services.web.files.uploads import FORM_BYTES_MAX

ROOM = 50  # connections that are closed at once, when there are too many
FILES_BESIDE = 200  # open files of a process besides connections
HEAD_BYTES_MAX = 64 * 1024  # of a request: its address and its headers together
HELD_STEP = 1024 * 1024  # of a body, after which it is looked how much is held
IN_MEMORY_BYTES = 64 * 1024 * 1024  # what waitress would put on the disk beyond, in the clear
STOP_SECONDS = 5.0  # for which requests may still be answered when the server stops
END_SECONDS = 1  # for which threads that answer may still run then


class Limits(NamedTuple):
    """What a process bears."""

    header_seconds: float = 20.0  # by when the head of a request must have come
    body_bytes_second: int = 8 * 1024  # that a body must bring on the whole, after that
    idle_seconds: int = 60  # between two requests, and between two bytes taken of an answer
    look_seconds: int = 2  # between two looks at who is late
    connections: int = 1_000
    held_bytes: int = 256 * 1024 * 1024  # of bodies that wait, for their rest or for a thread


class Channel(HTTPChannel):  # type: ignore[misc] # it has no types
    """A connection. Of its request everything must come in time, however it drips."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.since = time.monotonic()  # when its request began, or the last one was answered
        super().__init__(*arguments, **named)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since = time.monotonic()
        held = self.bytes_held
        taken = bool(super().received(data))
        if held // HELD_STEP != self.bytes_held // HELD_STEP:
            self.server.hold_less()
        return taken

    def service(self) -> None:
        super().service()
        self.since = time.monotonic()

    @property
    def bytes_held(self) -> int:
        """Return how many bytes of bodies wait here."""
        current = self.request
        whole = sum(each.body_bytes_received for each in tuple(self.requests))
        return int(whole + (current.body_bytes_received if current else 0))

    def is_late(self, now: float) -> bool:
        """Return whether a request has begun to come and ought to be here by now."""
        if self.requests or self.request is None:
            return False
        limits: Limits = self.server.limits
        return now - self.since > limits.header_seconds + self.bytes_held / limits.body_bytes_second


class Server(TcpWSGIServer):  # type: ignore[misc] # it has no types
    """Receives, and answers by an application, until it is stopped."""

    channel_class = Channel

    def __init__(
        self,
        application: WSGIApplication,
        listening: socket.socket,
        *,
        threads: int,
        proxies: int = 0,
        limits: Limits = Limits(),  # noqa: B008 - it does not change
    ) -> None:
        self.limits = limits._replace(connections=_affordable(limits.connections))
        info = (listening.family, listening.type, listening.proto, listening.getsockname())
        self._stop_at: float | None = None
        super().__init__(
            application,
            _sock=listening,
            bind_socket=False,
            sockinfo=info,
            threads=threads,
            asyncore_use_poll=True,
            channel_request_lookahead=0,
            channel_timeout=limits.idle_seconds,
            cleanup_interval=limits.look_seconds,
            connection_limit=self.limits.connections + ROOM,  # we make room before
            clear_untrusted_proxy_headers=not proxies,
            max_request_header_size=HEAD_BYTES_MAX,
            max_request_body_size=FORM_BYTES_MAX + 1,
            inbuf_overflow=IN_MEMORY_BYTES,
            outbuf_overflow=IN_MEMORY_BYTES,
            outbuf_high_watermark=IN_MEMORY_BYTES,  # no thread waits for a slow reader
            ident=None,
        )

    @property
    def address(self) -> str:
        """Where it listens, as a URL."""
        host = self.effective_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.effective_port}"

    def readable(self) -> bool:
        if len(self.active_channels) >= self.limits.connections:
            self.make_room()
        return bool(super().readable()) and self._stop_at is None

    def maintenance(self, now: float) -> None:
        """Close connections that are idle for long, or late with a request."""
        super().maintenance(now)
        moment = time.monotonic()
        for each in self.active_channels.values():
            each.will_close = each.will_close or each.is_late(moment)

    def make_room(self) -> None:
        """Close the oldest connections that wait for their sender, of the address with the most."""
        waiting = [each for each in self.active_channels.values() if not each.requests]
        of_address = Counter(each.addr[0] for each in waiting)
        for address, _ in of_address.most_common(1):
            theirs = (each for each in waiting if each.addr[0] == address)
            for each in sorted(theirs, key=lambda channel: channel.since)[:ROOM]:
                each.will_close = True

    def hold_less(self) -> None:
        """Close the connection that holds the most, if all together hold too much."""
        channels = [each for each in self.active_channels.values() if not each.will_close]
        if sum(each.bytes_held for each in channels) > self.limits.held_bytes:
            max(channels, key=lambda channel: channel.bytes_held).will_close = True

    def run(self) -> None:
        """Serve until `stop`; what is being answered then is answered."""
        while self._stop_at is None or (self._is_busy() and time.monotonic() < self._stop_at):
            self.asyncore.loop(timeout=1.0, map=self._map, use_poll=True, count=1)
        self.task_dispatcher.shutdown(timeout=END_SECONDS)
        self.asyncore.close_all(self._map)

    def stop(self) -> None:
        """Let `run` return soon; from any thread, and a second time in vain."""
        if self._stop_at is None:
            self._stop_at = time.monotonic() + STOP_SECONDS
            self.pull_trigger()

    def _is_busy(self) -> bool:
        channels = tuple(self.active_channels.values())
        return any(each.requests or each.total_outbufs_len for each in channels)


def _affordable(connections: int) -> int:
    """Return how many connections this process may have, after it asked for that many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES_BESIDE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - FILES_BESIDE, 1)
