"""The tables, and the server in front of them: `tusoi migrate`, `tusoi serve`, and `tusoi up`."""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import click

from events.errors import TusoiError
from services import bootstrap
from services.bootstrap import System
from services.cli import console, ending
from services.cli.group import cli, command, command_system, settings
from services.commands.index_key import require_index_key
from services.settings import PORT_MAX, Settings

PORT = click.IntRange(0, PORT_MAX)
EMBEDDED_THREADS = 24  # a long poll holds one for its whole wait
BACKLOG = 1_024  # connections that the system keeps until they are taken


@cli.command()
@command
def migrate() -> None:
    """Bring the database to the tables that this program needs."""
    chosen = settings()
    revision = ending.patiently(chosen, lambda: bootstrap.migrate(chosen), ending.asked_to_end())
    console.say(f"the database is at revision {revision}")
    console.result({"revision": revision})


@cli.command()
@click.option("--host", help="Address to listen on; else TUSOI_HOST.")
@click.option("--port", type=PORT, help="Port to listen on; else TUSOI_PORT.")
@command
def serve(host: str | None, port: int | None) -> None:
    """Serve HTTP on PostgreSQL, in TUSOI_WORKERS processes; `tusoi work` runs beside it."""
    asked = ending.asked_to_end()
    system = ending.patiently(settings(), lambda: command_system(writes=False), asked)
    system.signer.require_grown()
    require_index_key(system)
    chosen = system.settings
    system.close()  # checked here, so that no server process starts in vain
    if host:
        os.environ["TUSOI_HOST"] = host  # by which each process knows its own name
    listening = listen(host or chosen.host, chosen.port if port is None else port)
    if chosen.workers == 1:
        _serve_in(listening, chosen.threads, chosen.proxies, asked)
    elif not _serve_in_many(listening, chosen, asked):
        raise ServerDied


def _serve_in(
    listening: socket.socket, threads: int, proxies: int, asked: threading.Event | None = None
) -> None:
    """Serve in this process until it is `asked` to end, or until nobody is there to ask."""
    from services.cli.server import Server  # noqa: PLC0415 - not for `tusoi work`
    from services.web.app import application  # noqa: PLC0415

    server = Server(application(), listening, threads=threads, proxies=proxies)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda _number, _frame: server.stop())
    if asked and asked.is_set():  # before there was a server to stop
        return
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_stop_after, args=(parent, server.stop), daemon=True).start()
    server.run()


def _stop_after(parent: BaseProcess, stop: Callable[[], None]) -> None:
    parent.join()
    stop()


def _serve_in_many(listening: socket.socket, chosen: Settings, asked: threading.Event) -> bool:
    """Serve in processes that take from one socket; return whether they ended because asked.

    When one of them dies the others stop, so that whoever watches over us starts all of us again.
    """
    start = multiprocessing.get_context("spawn").Process
    of_each = (listening, chosen.threads, chosen.proxies)
    processes = [start(target=_serve_in, args=of_each) for _ in range(chosen.workers)]
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: we stop the others
    for process in processes:
        process.start()
    signal.signal(signal.SIGINT, ours)
    while not asked.is_set() and all(each.is_alive() for each in processes):
        connection.wait([each.sentinel for each in processes], timeout=1.0)
    for process in processes:
        process.terminate()
        process.join()
    return asked.is_set()


class ServerDied(TusoiError):
    """One of the server's processes ended by itself."""

    code = "server_died"

    def __init__(self) -> None:
        super().__init__("a server process died, and the others stopped: the log says why")


def application_of(system: System) -> WSGIApplication:
    """Return the pages and the API of a system."""
    from services.web.app import create_app  # noqa: PLC0415 - not for `tusoi work`

    return create_app(system)


class Front:
    """Says how far things are while an application is made ready, then lets it answer."""

    def __init__(self) -> None:
        from services.web.getting_ready import waiting  # noqa: PLC0415 - not for `tusoi work`

        self._progress = (0, 1)
        self._application: WSGIApplication = waiting(lambda: self._progress)

    def show(self, done: int, total: int) -> None:
        self._progress = (done, total)

    def open(self, application: WSGIApplication) -> None:
        """Let an application answer from now on."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start)


class AddressTaken(TusoiError):
    """Nobody can listen there: somebody else does, or it is none of this machine's."""

    code = "address_taken"

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({why}): stop what listens there, or choose another "
            "address with --host and --port; port 0 takes a free one"
        )


class EmbeddedServer:
    """The web in a thread of this process."""

    def __init__(
        self, served: System | WSGIApplication, *, host: str, port: int, proxies: int = 0
    ) -> None:
        from services.cli.server import Server  # noqa: PLC0415 - not for `tusoi work`

        self._server = Server(
            application_of(served) if isinstance(served, System) else served,
            listen(host, port),
            threads=EMBEDDED_THREADS,
            proxies=proxies,
        )
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens, as a URL; port 0 was replaced by a free one."""
        return self._server.address

    def start(self) -> None:
        """Serve; a second time does nothing."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Answer what is being answered, and stop; a second time does nothing."""
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises AddressTaken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AddressTaken(host, port, why or str(error)) from error
