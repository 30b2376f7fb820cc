"""The command `tusoi`: the service's commands, and those that need workers."""

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from events.errors import TusoiError
from events.store import schema, subscriptions
from services.bootstrap import System, open_system
from services.cli import cli, command, console, demo, opened, serving
from services.settings import from_environment
from workers.main import Workplace
from workers.projections.every import PROJECTIONS
from workers.reacting import Reactor
from workers.steps import REACTIONS, reactor
from workers.subscribers import Subscriber

__all__ = ["cli", "main"]

DEMO_FOLDER = "demo"  # in the data folder, so that made-up facts never meet real ones


def main() -> None:
    """Run `tusoi`."""
    cli(prog_name="tusoi")


@cli.command()
@click.option("--demo", "with_demo", is_flag=True, help="Let a made-up commune live its year.")
@click.option("--check", is_flag=True, help="With --demo: check the results, then exit 0 or 1.")
@click.option("--host", help="Address to listen on; else TUSOI_HOST.")
@click.option("--port", type=int, help="Port to listen on, 0 for a free one; else TUSOI_PORT.")
@command
def up(with_demo: bool, check: bool, host: str | None, port: int | None) -> None:  # noqa: FBT001
    """Run everything in one process: web, workers, sequencer, on SQLite unless set otherwise."""
    if check and not with_demo:
        raise click.UsageError("--check goes with --demo")
    with tempfile.TemporaryDirectory(prefix="tusoi-check-") as scratch:
        system = open_system(from_environment(_environment(scratch if check else None, with_demo)))
        free_port = 0 if check else system.settings.port
        _run_all(
            system,
            host=host or system.settings.host,
            port=free_port if port is None else port,
            show=_show_demo(check) if with_demo else _wait,
        )


def _environment(scratch: str | None, with_demo: bool) -> Mapping[str, str]:  # noqa: FBT001
    """Return the environment with the folder that a demo or its check uses."""
    data_dir = scratch or os.environ.get("TUSOI_DATA_DIR") or "data"
    if not with_demo:
        return os.environ | {"TUSOI_DATA_DIR": data_dir}
    folder = Path(data_dir) / DEMO_FOLDER
    clock = {"TUSOI_REHEARSAL_CLOCK": str(folder / demo.CLOCK)}
    return os.environ | {"TUSOI_DATA_DIR": str(folder)} | clock


def _run_all(system: System, *, host: str, port: int, show: Callable[[System, str], None]) -> None:
    system.signer.require_grown()
    workplace = Workplace(system)
    server = serving.EmbeddedServer(system, host=host, port=port)
    workplace.start()
    server.start()
    try:
        show(system, server.address)
    finally:
        server.stop()
        workplace.stop()
        system.close()


def _show_demo(check: bool) -> Callable[[System, str], None]:  # noqa: FBT001
    def show(system: System, address: str) -> None:
        lived = demo.play(system, address)
        if check:
            console.say("\nThe check passed." if lived.passed else "\nTHE CHECK FAILED.")
            console.finish(lived.as_values(), passed=lived.passed)
        _wait(system, address)

    return show


def _wait(_system: System, address: str) -> None:
    console.say(f"\nServing on {address} until Ctrl-C.")
    wait_for_signal()


def wait_for_signal() -> None:
    """Return when the process is asked to end."""
    asked = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda _number, _frame: asked.set())
    while not asked.wait(1.0):  # bounded, so that signals are handled on every platform
        pass


@cli.command()
@command
def work() -> None:
    """Run the workers: sequencer, projections, checkpoints; as many processes as you like."""
    system = opened()
    schema.require_current(system.store.database)
    system.signer.require_grown()
    workplace = Workplace(system)
    workplace.start()
    console.say("Working until Ctrl-C.")
    wait_for_signal()
    workplace.stop()


@cli.command()
@click.argument("projection", required=False, type=click.Choice(sorted(PROJECTIONS)))
@command
def rebuild(projection: str | None) -> None:
    """Fill projections anew from the log, beside those that serve, and let them take over."""
    system = opened()
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
    events = subscriptions.parked(opened().store.database)
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
    system = opened()
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
