"""The command `tusoi`: the service's commands, and those that need workers.

It is over 300 lines because `up`, its demo and its check start and stop the same things.
"""

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from wsgiref.types import WSGIApplication

import click

from events.errors import TusoiError
from events.store import subscriptions
from services.bootstrap import System, alone_in, open_system
from services.cli import cli, command, command_system, console, demo, ending, serving, showing
from services.commands.index_key import require_index_key
from services.observability import configure_logging
from services.settings import Settings, from_environment, log_level
from workers.main import Workplace
from workers.projections.every import PROJECTIONS
from workers.reacting import Reactor
from workers.simulation import Simulation
from workers.steps import REACTIONS, reactor
from workers.subscribers import Subscriber

__all__ = ["cli", "main"]

DEMO_FOLDER = "demo"  # in the data folder, so that made-up facts never meet real ones


def main() -> None:
    """Run `tusoi`."""
    cli(prog_name="tusoi")


@cli.command()
@click.option("--demo", "with_demo", is_flag=True, help="Show a made-up commune in December.")
@click.option("--check", is_flag=True, help="With --demo: live its years, check, exit 0 or 1.")
@click.option("--host", help="Address to listen on; else TUSOI_HOST.")
@click.option(
    "--port", type=serving.PORT, help="Port to listen on, 0 for a free one; else TUSOI_PORT."
)
@command
def up(with_demo: bool, check: bool, host: str | None, port: int | None) -> None:  # noqa: FBT001
    """Run everything in one process: web, workers, sequencer, on SQLite unless set otherwise."""
    if check and not with_demo:
        raise click.UsageError("--check goes with --demo")
    told = {"TUSOI_HOST": host} if host else {}
    if with_demo:  # people read what it prints
        configure_logging(log_level({"TUSOI_LOG_LEVEL": "warning"} | os.environ))
    if check:
        _check_demo(told, port=port or 0)
    elif with_demo:
        _show_demo(told, port=port)
    else:
        data_dir = os.environ.get("TUSOI_DATA_DIR") or "data"
        settings = from_environment(os.environ | told | {"TUSOI_DATA_DIR": data_dir})
        asked = ending.asked_to_end()
        with alone_in(settings.data_dir) if settings.embedded else contextlib.nullcontext():
            opened = ending.patiently(settings, lambda: open_system(settings), asked)
            _run_all(opened, port=port, then=lambda _, address: _wait(address, asked))


def _check_demo(told: Mapping[str, str], *, port: int) -> None:
    """Live the demo's years over HTTP in a folder of its own, and exit by what came of them."""
    with tempfile.TemporaryDirectory(prefix="tusoi-check-") as scratch:

        def check(system: System, address: str) -> None:
            lived = demo.play(system, address)
            console.say()
            console.say("The check passed." if lived.passed else "THE CHECK FAILED.")
            console.finish(lived.as_values(), passed=lived.passed)

        folder = Path(scratch) / DEMO_FOLDER
        ours = _hasty(folder) | {"TUSOI_PUBLIC_URL": ""}  # it asks by this machine's own address
        checked = open_system(_of_demo(folder, **told, **ours))
        _run_all(checked, port=port, then=check, keeps=False)


def _show_demo(told: Mapping[str, str], *, port: int | None) -> None:
    """Serve the demo where it was; the first time tell its story, and show how far that is."""
    folder = Path(os.environ.get("TUSOI_DATA_DIR") or "data") / DEMO_FOLDER
    asked, front, settings = ending.asked_to_end(), serving.Front(), _of_demo(folder, **told)

    def show(done: int, total: int) -> None:
        front.show(done, total)
        if asked.is_set():
            console.say("Stopped: the next start tells the story anew.")
            raise click.exceptions.Exit(0)

    def introduce(system: System, address: str) -> None:
        front.open(serving.application_of(system))
        showing.introduce(system, address)
        _wait(address, asked)

    with alone_in(folder if folder.exists() else _telling(folder)):
        server = _server(settings, front, port=port)
        server.start()
        try:
            console.say(f"The demo is at {server.address}; its page says when it is ready.")
            if not (folder / demo.CLOCK).exists():
                _tell_story(folder, show)
            _run_all(open_system(settings), server=server, then=introduce)
        finally:
            server.stop()


def _telling(folder: Path) -> Path:
    """Return where a demo lies as long as its story is told."""
    return folder.with_name(f"{folder.name}.telling")


def _tell_story(folder: Path, show: showing.Show) -> None:
    """Tell the demo's story in a folder that gets its name when all is told.

    Whatever breaks this off, the next start begins anew.

    Raises:
        DemoFailed: something lies in the folder that is no demo with its clock.
    """
    if folder.exists() and any(folder.iterdir()):
        raise demo.DemoFailed(f"{folder} lacks the demo's clock: remove the folder to begin again")
    telling = _telling(folder)
    for each in telling.iterdir():  # of a start that was broken off
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    system = open_system(_of_demo(telling, **_hasty(telling.resolve())))
    try:
        if system.store.database.rows("SELECT 1 FROM events LIMIT 1"):
            raise demo.DemoFailed("the database holds facts already: give the demo an empty one")
        showing.tell(system, Simulation(system).settle, show)
    finally:
        system.close()
    for each in telling.iterdir():
        with each.open("rb+") as file:
            os.fsync(file.fileno())
    telling.rename(folder)


def _hasty(folder: Path) -> dict[str, str]:
    """Return where a story's databases are, unless they are elsewhere: they wait for no disk."""
    files = {"TUSOI_DATABASE_URL": "tusoi.db", "TUSOI_KEYS_URL": "keys.db"}
    return {
        name: os.environ.get(name) or f"sqlite:///{folder / file}?synchronous=off"
        for name, file in files.items()
    }


def _of_demo(folder: Path, **more: str) -> Settings:
    """Return the settings with the folder, and the driven clock in it, of a demo."""
    ours = {"TUSOI_DATA_DIR": str(folder), "TUSOI_REHEARSAL_CLOCK": str(folder / demo.CLOCK)}
    return from_environment(os.environ | ours | more)


def _run_all(
    opened: System,
    *,
    port: int | None = None,
    server: serving.EmbeddedServer | None = None,
    then: Callable[[System, str], None],
    keeps: bool = True,
) -> None:
    """Run web and workers while `then` does something; a server that runs already stops with it.

    What is not to be kept is not guarded either: a demo's first fact is told in its own time.
    """
    with closing(opened) as system:
        system.signer.require_grown()
        if keeps:
            require_index_key(system)
        server = server or _server(system.settings, system, port=port)
        workplace = Workplace(system)
        workplace.start()
        server.start()
        try:
            then(system, server.address)
        finally:
            server.stop()
            workplace.stop()


def _server(
    settings: Settings,
    served: System | WSGIApplication,
    *,
    port: int | None,
) -> serving.EmbeddedServer:
    return serving.EmbeddedServer(
        served,
        host=settings.host,
        port=settings.port if port is None else port,
        proxies=settings.proxies,
    )


def _wait(address: str, asked: threading.Event) -> None:
    console.say()
    console.say(f"Serving on {address} until Ctrl-C.")
    ending.wait(asked)


@cli.command()
@command
def work() -> None:
    """Run the workers: sequencer, timekeeper, projections, reactions, checkpoints; any number."""
    asked = ending.asked_to_end()
    system = ending.patiently(from_environment(), lambda: command_system(writes=False), asked)
    system.signer.require_grown()
    require_index_key(system)
    workplace = Workplace(system)
    workplace.start()
    console.say("Working until Ctrl-C.")
    ending.wait(asked)
    workplace.stop()


@cli.command()
@click.argument("projection", required=False, type=click.Choice(sorted(PROJECTIONS)))
@command
def rebuild(projection: str | None) -> None:
    """Fill projections anew from the log, beside those that serve, and let them take over."""
    system = command_system()
    names = [projection] if projection else list(PROJECTIONS)
    rebuilt = {name: _rebuild(system, name) for name in names}
    for name, build in rebuilt.items():
        console.say(f"{name}: build {build} serves")
    console.result({"rebuilt": rebuilt})


def _rebuild(system: System, name: str) -> int:
    subscriber = Subscriber(system.store, PROJECTIONS[name], clock=system.clock)
    begun = subscriber.start_rebuild()
    with console.progress(f"Rebuilding {name}", system.store.head().size) as progress:
        while True:
            advanced = subscriber.advance_build(begun.build)
            progress(advanced.position)
            if not advanced.count:
                return begun.build


@cli.group(invoke_without_command=True)
@click.pass_context
def parked(context: click.Context) -> None:
    """Show which events a projection had to set aside, and try them again."""
    if context.invoked_subcommand is None:
        context.invoke(list_parked)


@parked.command("list")
@command
def list_parked() -> None:
    """List what is set aside, by subscriber and position."""
    events = subscriptions.parked_events(command_system(writes=False).store.database)
    console.show_table(
        ("subscriber", "position", "stream", "error", "since"),
        [(e.name, e.position, e.stream, e.error, f"{e.parked_at:%Y-%m-%d %H:%M}Z") for e in events],
        empty="nothing is parked",
    )
    console.result({"parked": [event._asdict() for event in events]})


@parked.command("retry")
@click.argument("subscriber", type=click.Choice(sorted((*PROJECTIONS, *REACTIONS))))
@click.argument("stream")
@command
def retry(subscriber: str, stream: str) -> None:
    """Try the parked events of STREAM again, in their order, after what was wrong is mended."""
    system = command_system()
    try:
        count = _subscriber(system, subscriber).retry_parked(stream)
    except TusoiError:
        raise
    except Exception as error:
        raise StillFailing(subscriber, stream, type(error).__name__) from error
    console.say(f"{count} events of {stream} dealt with")
    console.result({"retried": count})


def _subscriber(system: System, name: str) -> Subscriber | Reactor:
    if name in PROJECTIONS:
        return Subscriber(system.store, PROJECTIONS[name], clock=system.clock)
    return reactor(system, name)


class StillFailing(TusoiError):
    code = "still_failing"

    def __init__(self, subscriber: str, stream: str, error: str) -> None:
        super().__init__(
            f"{subscriber} still fails on {stream} with {error}: all of its events stay parked"
        )


if __name__ == "__main__":
    main()
