"""The tables, and the server in front of them: `tusoi migrate`, `tusoi serve`, and `tusoi up`."""

import socket
import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import click

from events.errors import TusoiError
from services import bootstrap
from services.bootstrap import System
from services.cli import console
from services.cli.group import cli, command, command_system, settings

EMBEDDED_THREADS = 24  # a long poll holds one for its whole wait
CHANNELS_MAX = 200
IN_MEMORY_BYTES = 64 * 1024 * 1024  # what waitress would put on the disk beyond, in the clear


@cli.command()
@command
def migrate() -> None:
    """Bring the database to the tables that this program needs."""
    revision = bootstrap.migrate(settings())
    console.say(f"the database is at revision {revision}")
    console.result({"revision": revision})


@cli.command()
@click.option("--host", help="Address to listen on; else TUSOI_HOST.")
@click.option("--port", type=int, help="Port to listen on; else TUSOI_PORT.")
@command
def serve(host: str | None, port: int | None) -> None:
    """Serve HTTP with granian, on PostgreSQL; `tusoi work` runs beside it."""
    from granian.constants import Interfaces  # noqa: PLC0415 - only this command needs the server
    from granian.server import Server  # noqa: PLC0415

    system = command_system()
    system.signer.require_grown()
    chosen = system.settings
    system.close()  # checked here, so that no server process starts in vain
    Server(
        "services.web.app:application",
        factory=True,
        address=host or chosen.host,
        port=chosen.port if port is None else port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        backpressure=chosen.threads * 16,
        log_access=False,
    ).serve()


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
    """The web in a thread of this process: waitress, for granian starts processes of its own."""

    def __init__(
        self, served: System | WSGIApplication, *, host: str, port: int, proxies: int = 0
    ) -> None:
        import waitress  # type: ignore[import-untyped] # noqa: PLC0415 - not for `tusoi work`

        from services.web.files.uploads import FORM_BYTES_MAX  # noqa: PLC0415

        _require_free(host, port)
        self._server: Any = waitress.create_server(
            application_of(served) if isinstance(served, System) else served,
            host=host,
            port=port,
            threads=EMBEDDED_THREADS,
            channel_request_lookahead=0,
            connection_limit=CHANNELS_MAX,
            clear_untrusted_proxy_headers=not proxies,
            max_request_body_size=FORM_BYTES_MAX + 1,
            inbuf_overflow=IN_MEMORY_BYTES,
            outbuf_overflow=IN_MEMORY_BYTES,
            ident=None,
        )
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens, as a URL; port 0 was replaced by a free one."""
        return f"http://{self._server.effective_host}:{self._server.effective_port}"

    def start(self) -> None:
        """Serve; a second time does nothing."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Stop; a second time does nothing."""
        if not self._stopping:
            self._stopping = True
            self._server.close()

    def _run(self) -> None:
        """Serve until stopped; waitress then finds its sockets closed under it."""
        try:
            self._server.run()
        except OSError:
            if not self._stopping:
                raise


def _require_free(host: str, port: int) -> None:
    """Raise AddressTaken where nobody can listen; waitress would leave its socket open then."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressTaken(host, port, error.strerror or str(error)) from error
