"""The command `tusoi`, and how its commands open the system."""

import functools
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from services.bootstrap import System, keep_private, open_system
from services.cli import console
from services.commands.index_key import require_index_key
from services.observability import configure_logging
from services.settings import Settings, from_environment, log_level

P = ParamSpec("P")
T = TypeVar("T")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--json", is_flag=True, help="Print one JSON object as the last line, and no bars.")
@click.version_option(package_name="tusoi")
def cli(json: bool) -> None:  # noqa: FBT001 - click's names; read by the console
    """Event-sourced workflow service for the yearly review of members and units.

    Settings are environment variables (TUSOI_…); deploy/README.md has the table.
    """


def command(run: Callable[P, T]) -> Callable[P, T]:
    """Decorate a command's function: errors are told in their own words, logs go to stderr."""

    @functools.wraps(run)
    def run_telling(*args: P.args, **kwargs: P.kwargs) -> T:
        keep_private()
        with console.tell_errors():
            configure_logging(log_level(os.environ))
            return run(*args, **kwargs)

    return run_telling


def command_system(*, begin: bool = False, writes: bool = True) -> System:
    """Return the system of the environment's settings; closed when the command ends.

    Only a command that gives something to keep may `begin` an installation that is not there.
    One that only looks goes on under another index key, and so tells what is wrong.

    Raises:
        IndexKeyLost: what is written would be under another index key than the log tells of.
    """
    system = open_system(from_environment(), begin=begin)
    click.get_current_context().call_on_close(system.close)
    if writes:
        require_index_key(system)
    return system


def settings() -> Settings:
    return from_environment()
