"""`tusoi export`: what is held about a member, in one file, for the person themselves."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from events.errors import TusoiError
from events.identifiers import MemberId
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import OF_MEMBER, Named, id_of, numbering
from services.commands import readings
from services.commands.executor import OPERATOR
from services.queries import holdings, taking_along


class ExportUnwritten(TusoiError):
    code = "export_unwritten"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}; name another file with --out")


@cli.command()
@click.option("--member", "called", required=True, help=OF_MEMBER)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write; else a name is made.")
@numbering
@command
def export(called: str, out: Path | None, numbering: str) -> None:
    """Write what is held about a member, words opened and files, into one ZIP for them alone.

    What they wrote about others, and their drafts, they take along themselves. They see on their
    pages that the operator opened what was written about them.
    """
    system = command_system()
    member_id = MemberId(id_of(system, Named("member", called), numbering))
    path = out or Path(f"member-{member_id}.zip")
    with _begin(path) as file:
        readings.tell_export(system, member_id, reader=OPERATOR)
        held = holdings.holdings_of(system, member_id, own=False)
        file.writelines(taking_along.pieces(system, held))
    files = sum(each.path is not None for each in held.files)
    console.say(f"{path}: {len(held.facts)} facts, {files} files.")
    console.say("It holds words: give it to the person alone. They are told that it was made.")
    for what, why in held.left_out.items():
        console.say(f"Without {what}. {why}")
    result = {"path": str(path), "member_id": member_id, "facts": len(held.facts), "files": files}
    console.result({**result, "left_out": sorted(held.left_out)})


@contextmanager
def _begin(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that is there not yet, for its owner alone: it becomes whole, or goes."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ExportUnwritten(path, error.strerror or "no room") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            raise ExportUnwritten(path, error.strerror or "no room") from None
        raise
