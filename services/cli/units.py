"""`tusoi units`: which units decide, and so may open periods."""

import click

from events.identifiers import UnitId
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import Named, id_of, numbering
from services.commands import units


@cli.group("units")
def units_group() -> None:
    """Units: which of them decide, where HR does not say it."""


@units_group.command("authorise")
@click.argument("called", metavar="UNIT")
@click.option("--end", is_flag=True, help="It decides no more; what it opened goes on.")
@numbering
@command
def authorise(called: str, end: bool, numbering: str) -> None:  # noqa: FBT001 - click's
    """Let UNIT, by our id or HR's number, decide and open periods for itself and all below."""
    system = command_system()
    unit_id = UnitId(id_of(system, Named("unit", called), numbering))
    changed = units.authorise(system, unit_id, decides=not end)
    console.say(f"{called} {'decides no more' if end else 'decides and may open periods'}")
    console.result({"unit_id": unit_id, "decides": not end, "changed": changed})
