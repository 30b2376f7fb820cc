"""`tusoi`: the commands that need no worker. `workers.program` adds those that do."""

from services.cli import (
    accounts,
    checking,
    console,
    erasing,
    exporting,
    importing,
    proving,
    publishing,
    secrets,
    serving,
    units,
)
from services.cli.group import cli, command, command_system, settings

__all__ = [
    "accounts",
    "checking",
    "cli",
    "command",
    "command_system",
    "console",
    "erasing",
    "exporting",
    "importing",
    "proving",
    "publishing",
    "secrets",
    "serving",
    "settings",
    "units",
]
