"""The HTTP server of every process: waitress, with a bound for whoever is slow.

One thread waits for all connections at once, and a request gets a thread of its own only when it
has come whole. So whoever sends headers or a body slowly, or nothing at all, holds up nobody; here
they get a deadline, and when there are too many of them, whoever has the most makes room. So does
whoever takes an answer slowly; what waits for them is held here, and never lies on a disk.
"""

import resource
import socket
import sys
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
HELD_STEP = 1024 * 1024  # of a body or answer, after which it is looked how much is held
AHEAD_BYTES = 64 * 1024 * 1024  # of an answer that are made ahead of who takes it; then they wait
NEVER_ON_DISK = sys.maxsize  # beyond what waitress would go on in a file: bodies have other bounds
STOP_SECONDS = 5.0  # for which requests may still be answered when the server stops
END_SECONDS = 1  # for which threads that answer may still run then


class Limits(NamedTuple):
    """What a process bears."""

    header_seconds: float = 20.0  # by when the head of a request must have come
    body_bytes_second: int = 8 * 1024  # that a body must bring on the whole, after that
    answer_seconds: float = 30.0  # a while, in each of which enough of an answer must be taken
    answer_bytes_second: int = 8 * 1024  # what is enough
    idle_seconds: int = 60  # between two requests
    look_seconds: int = 2  # between two looks at who is late
    connections: int = 1_000
    held_bytes: int = 256 * 1024 * 1024  # of bodies and of answers that wait, in all connections


class Channel(HTTPChannel):  # type: ignore[misc] # it has no types
    """A connection. Of its request everything must come in time, however it drips."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.since = time.monotonic()  # when its request began, or the last one was answered
        self.taking_since, self.taken = self.since, 0  # bytes of an answer, in this while
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

    def write_soon(self, data: bytes) -> int:
        waits = self.total_outbufs_len
        if not waits:
            self.taking_since, self.taken = time.monotonic(), 0
        written = int(super().write_soon(data))
        if waits // HELD_STEP != self.total_outbufs_len // HELD_STEP:
            self.server.hold_less()
        return written

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress's
        sent = int(super().send(data, do_close))
        self.taken += sent
        return sent

    @property
    def bytes_held(self) -> int:
        """Return how many bytes wait here: of bodies, and of an answer."""
        return self._bytes_come + int(self.total_outbufs_len)

    @property
    def _bytes_come(self) -> int:
        current = self.request
        whole = sum(each.body_bytes_received for each in tuple(self.requests))
        return int(whole + (current.body_bytes_received if current else 0))

    def is_late(self, now: float) -> bool:
        """Return whether what has begun to come, or to be taken, ought to be over by now."""
        limits: Limits = self.server.limits
        if self.total_outbufs_len:
            return self._takes_too_little(now, limits)
        if self.requests or self.request is None:
            return False
        due = limits.header_seconds + self._bytes_come / limits.body_bytes_second
        return now - self.since > due

    def _takes_too_little(self, now: float, limits: Limits) -> bool:
        """Tell whether too little was taken in a while that is over; then the next one begins.

        Not on the whole: what the network takes at first, megabytes, would give minutes to whoever
        takes nothing more.
        """
        seconds = now - self.taking_since
        if seconds < limits.answer_seconds:
            return False
        too_little = self.taken < seconds * limits.answer_bytes_second
        self.taking_since, self.taken = now, 0
        return too_little


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
            inbuf_overflow=NEVER_ON_DISK,
            outbuf_overflow=NEVER_ON_DISK,
            outbuf_high_watermark=AHEAD_BYTES,  # nearly no thread waits for a slow reader
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
        """Close connections that are idle for long, late with a request, or slow to be answered."""
        super().maintenance(now)
        moment = time.monotonic()
        for each in tuple(self.active_channels.values()):
            each.will_close = each.will_close or each.is_late(moment)
            if each.will_close and each.total_outbufs_len:
                each.handle_close()  # a socket that nobody reads never becomes writable

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
        channels = [e for e in tuple(self.active_channels.values()) if not e.will_close]
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
