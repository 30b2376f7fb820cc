"""`tusoi export`: everything held about a member, in one file, for the person themselves."""

import os
from pathlib import Path

import click

from events.errors import TusoiError
from events.identifiers import MemberId
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import OF_MEMBER, Named, id_of, numbering
from services.commands import readings
from services.commands.executor import OPERATOR
from services.queries import holdings


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
    """Write everything held about a member, words opened, into one file that nobody else reads.

    The person sees in their year that the operator opened what was written about them.
    """
    system = command_system()
    member_id = MemberId(id_of(system, Named("member", called), numbering))
    path = out or Path(f"member-{member_id}.json")
    readings.tell_export(system, member_id, reader=OPERATOR)
    held = holdings.holdings_of(system, member_id)
    _write(path, holdings.encode(held))
    console.say(f"{path}: {len(held.facts)} facts. It holds words: give it to the person alone.")
    console.result({"path": str(path), "member_id": member_id, "facts": len(held.facts)})


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there not yet, for its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ExportUnwritten(path, error.strerror or "no room") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
