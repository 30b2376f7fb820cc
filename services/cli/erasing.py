"""`tusoi erase`: somebody's words go dark for ever, and the log says so."""

import click

from events.definitions.erasure import ErasureGround
from events.domain.documents.periods import is_period
from events.identifiers import Stream
from events.vault.sealing import IDENTITY
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import OF_MEMBER, Named, id_of, numbering
from services.commands import erasures
from services.commands.executor import OPERATOR

GROUNDS = tuple(each.value for each in ErasureGround)


@cli.command()
@click.option("--member", help=OF_MEMBER)
@click.option("--unit", help="The same of a unit: what was written about it as a collective.")
@click.option("--year", "period", help="Only this year, such as 2026, or quarter, such as 2026-q1.")
@click.option("--identity", is_flag=True, help="Only name, numbers and account; years stay.")
@click.option("--ground", type=click.Choice(GROUNDS), help="Why, as the log tells.")
@click.option("--again", is_flag=True, help="Repeat all that was ordered: old keys came back.")
@numbering
@command
def erase(
    member: str | None,
    unit: str | None,
    *,
    period: str | None,
    identity: bool,
    ground: str | None,
    again: bool,
    numbering: str,
) -> None:
    """Destroy the keys of a member or unit: of a year, of the identity, or all. Nothing undoes it.

    Refused while a rating is being given again, or a discipline is not counted yet.
    """
    given = [Named(kind, each) for kind, each in (("member", member), ("unit", unit)) if each]
    if again:
        if given or period or identity or ground:
            raise click.UsageError("--again goes alone: it repeats whatever was ordered")
        _tell({"again": True}, erasures.erase_again(command_system()))
        return
    if len(given) != 1 or not ground:
        raise click.UsageError("give --member or --unit, and --ground")
    if period and (identity or not is_period(period)):
        raise click.UsageError("give --year, such as 2026 or 2026-q1, or --identity, or neither")
    (named,) = given
    system = command_system()
    owner = Stream(f"{named.kind}-{id_of(system, named, numbering)}")
    scope = IDENTITY if identity else period or erasures.EVERYTHING
    keys = erasures.erase(system, owner, scope, ErasureGround(ground), principal=OPERATOR)
    _tell({"erased": owner, "scope": scope}, keys)


def _tell(what: dict[str, object], keys: int) -> None:
    console.say(f"{keys} keys destroyed: what was sealed under them is dark everywhere.")
    console.say("Backups of the key store still hold them, wrapped: see deploy/runbooks/backup.md.")
    console.result({**what, "keys": keys})
