"""Clients that mean no good, as sockets: they connect and never send a whole request."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

SLOW = 500
CONNECT_SECONDS = 5.0

NEVER_WHOLE = (  # nothing, half a head, half a body
    b"",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
    b"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n[",
)


@contextmanager
def slow_clients(port: int, count: int = SLOW) -> Iterator[None]:
    """Hold connections open that never send a whole request."""
    with ExitStack() as connections:
        for number in range(count):
            slow = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_SECONDS)
            connections.enter_context(slow)
            slow.sendall(NEVER_WHOLE[number % len(NEVER_WHOLE)])
        yield
