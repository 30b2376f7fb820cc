"""`tusoi units`: which units decide, and under which names they publish."""

import click

from events.identifiers import UnitId
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import Named, id_of, numbering
from services.commands import units
from services.commands.rulebooks import NAME_PATTERN


@cli.group("units")
def units_group() -> None:
    """Units: which of them decide, and their issuers' names, where HR does not say it."""


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


@units_group.command("name-issuer")
@click.argument("called", metavar="UNIT")
@click.argument("issuer")
@click.option("--end", is_flag=True, help="It publishes under this name no more.")
@numbering
@command
def name_issuer(called: str, issuer: str, end: bool, numbering: str) -> None:  # noqa: FBT001 - click's
    """Let UNIT publish editions under the name ISSUER, as the only one."""
    system = command_system()
    unit_id = UnitId(id_of(system, Named("unit", called), numbering))
    changed = units.name_issuer(system, unit_id, _issuer(issuer), holds=not end)
    console.say(f"{called} publishes under {issuer}{' no more' if end else ''}")
    console.result({"unit_id": unit_id, "issuer": issuer, "holds": not end, "changed": changed})


@units_group.command("free-issuer")
@click.argument("issuer")
@command
def free_issuer(issuer: str) -> None:
    """Free the name ISSUER, if no year was opened under what was published under it."""
    units.free_issuer(command_system(), _issuer(issuer))
    console.say(f"{issuer} is nobody's; what was published under it may be used no more")
    console.result({"issuer": issuer, "freed": True})


def _issuer(given: str) -> str:
    if not NAME_PATTERN.fullmatch(given):
        raise click.BadParameter("an issuer is called as in documents: a-z, 0-9 and _")
    return given
