"""A pooler between us and PostgreSQL, which takes a connection as PgBouncer does.

PgBouncer itself is no wheel, so tests cannot bring it along. What it does with a connection that is
begun is little: it refuses the parameter `options`, or where it was told to ignore it, swallows it;
and it tells a process id of its own, for who knows which server's connection comes next.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
OWN_PID = 4_242
REFUSAL = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"


class Pooler:
    """Listens on a port of its own, and hands connections on to a server."""

    def __init__(self, server_port: int, *, ignores_options: bool) -> None:
        self._server_port = server_port
        self._ignores_options = ignores_options
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # else whoever waits in `accept` waits on
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, EOFError):
            told = _read_startup(client)
            if b"options" in told and not self._ignores_options:
                client.sendall(_message(b"E", REFUSAL))
                return
            with socket.create_connection(("127.0.0.1", self._server_port)) as server:
                server.sendall(_startup({k: v for k, v in told.items() if k != b"options"}))
                while (kind := _relay_greeting(server, client)) != b"Z":
                    assert kind != b"E", "the server refuses"
                threading.Thread(target=_copy, args=(client, server), daemon=True).start()
                _copy(server, client)


@contextmanager
def pooler(server_port: int, *, ignores_options: bool) -> Iterator[Pooler]:
    made = Pooler(server_port, ignores_options=ignores_options)
    try:
        yield made
    finally:
        made.close()


def _read_startup(client: socket.socket) -> dict[bytes, bytes]:
    """Return the parameters with which a client begins; it is told that nothing is encrypted."""
    while True:
        (length,) = struct.unpack("!i", _read(client, 4))
        body = _read(client, length - 4)
        (code,) = struct.unpack("!i", body[:4])
        if code not in {SSL_REQUEST, GSS_REQUEST}:
            break
        client.sendall(b"N")
    words = body[4:].split(b"\0")
    return dict(zip(words[0:-2:2], words[1:-2:2], strict=True))


def _startup(told: dict[bytes, bytes]) -> bytes:
    body = struct.pack("!i", 196608) + b"".join(k + b"\0" + v + b"\0" for k, v in told.items())
    return struct.pack("!i", len(body) + 5) + body + b"\0"


def _relay_greeting(server: socket.socket, client: socket.socket) -> bytes:
    """Hand on a message of the greeting, with another process id, and return its kind."""
    kind = _read(server, 1)
    (length,) = struct.unpack("!i", _read(server, 4))
    body = _read(server, length - 4)
    if kind == b"K":
        body = struct.pack("!i", OWN_PID) + body[4:]
    client.sendall(_message(kind, body))
    return kind


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _read(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = source.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65_536):
            target.sendall(some)
