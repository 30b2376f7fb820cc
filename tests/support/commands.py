"""Run `tusoi` in this process, as a person or a machine would."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from tests.support.databases import hasty
from workers.program import cli


class Ran(NamedTuple):
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


Tusoi = Callable[..., Ran]


def tusoi_in(folder: Path, *, waits: bool = False) -> Tusoi:
    """Return what runs a command whose data lie in a folder; it waits for the disk if it is to."""
    places = {"TUSOI_DATA_DIR": str(folder)} if waits else hasty(folder)

    def run(*arguments: str) -> Ran:
        environment = places | {"TUSOI_LOG_LEVEL": "error"}
        ran = CliRunner().invoke(cli, arguments, env=environment, catch_exceptions=False)
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    return run
