"""`tusoi migrate` and `tusoi serve`: the tables, and the server process in front of them."""

import click

from events.store import schema
from services.cli import console
from services.cli.group import cli, command, opened, settings


@cli.command()
@command
def migrate() -> None:
    """Bring the database to the tables that this program needs."""
    database = schema.open_database(settings().database_url)
    revision = schema.migrate(database)
    database.close()
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

    chosen = opened().settings  # fails here, and not in every server process
    server = Server(
        "services.web.app:application",
        factory=True,
        address=host or chosen.host,
        port=chosen.port if port is None else port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        backpressure=chosen.threads * 16,
        log_access=False,
    )
    server.serve()
