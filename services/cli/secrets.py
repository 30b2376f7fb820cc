"""`tusoi keys` and `tusoi tokens`: what opens texts, signs the log, and lets systems in."""

from pathlib import Path

import click

from events.definitions.access import EVERYTHING
from events.identifiers import SystemChance
from services import secret_files
from services.access import tokens
from services.access.tokens import Grants, GrantsRefused
from services.cli import console
from services.cli.group import cli, command, command_system, settings
from services.cli.naming import Named, id_of
from services.commands import rights


@cli.group()
def keys() -> None:
    """Keys: make them, show the log's verifier key, change the master key."""


@keys.command("make")
@command
def make() -> None:
    """Make the secrets that are not there yet, where the settings say."""
    made = secret_files.make_secrets(settings(), SystemChance())
    for path in made:
        console.say(f"made {path}: keep a copy apart from the database")
    if not made:
        console.say("all secrets are there already")
    console.result({"made": [str(path) for path in made]})


@keys.command("show")
@command
def show() -> None:
    """Show by which key the log's checkpoints are checked, and how many keys texts have."""
    system = command_system(writes=False)
    count = system.keys.count()
    console.say(f"log verifier key: {system.verifier_key}")
    console.say(f"keys of members and units: {count}")
    console.result({"verifier_key": system.verifier_key, "keys": count})


@keys.command("rotate")
@click.argument("new_master_key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
def rotate(new_master_key_file: Path) -> None:
    """Wrap every key anew under another master key; stop the service first."""
    system = command_system(writes=False)
    master = secret_files.read_master("new master key", new_master_key_file)
    count = system.keys.rewrap_all(master)
    console.say(f"{count} keys wrapped anew: set TUSOI_MASTER_KEY_FILE={new_master_key_file}")
    console.result({"rewrapped": count})


MANY = f"'roster.*' for all under a word, '{EVERYTHING}' for every type."
LIMIT = "It sees and tells of this unit and all below it only; by our id or HR's number."


@cli.group("tokens")
def tokens_group() -> None:
    """Bearer tokens of other systems: make, list, revoke."""


@tokens_group.command("new")
@click.argument("name")
@click.option("--send", "sends", multiple=True, help=f"A type it may send. {MANY}")
@click.option("--source", "sources", multiple=True, help="A CloudEvents source it may send under.")
@click.option(
    "--read", "reads", multiple=True, help=f"A type it sees in the feed and histories. {MANY}"
)
@click.option("--states", is_flag=True, help="It may read states of members and units.")
@click.option("--unit", "units", multiple=True, help=LIMIT)
@click.option("--numbering", default="hr", show_default=True, help="Whose numbers it speaks.")
@command
def new(
    name: str,
    sends: tuple[str, ...],
    sources: tuple[str, ...],
    reads: tuple[str, ...],
    states: bool,  # noqa: FBT001 - click's
    units: tuple[str, ...],
    numbering: str,
) -> None:
    """Make a token for the system NAME and show it, once."""
    if bool(sends) != bool(sources):
        raise click.UsageError("--send and --source go together: what it may send, and as whom")
    if not (sends or reads or states):
        raise click.UsageError(
            "a token that may do nothing: give --send/--source, --read, --states"
        )
    system = command_system(begin=True)
    below = tuple(id_of(system, Named("unit", each), numbering) for each in units)
    grants = Grants(sends, sources, reads, states, below, numbering)
    try:
        token, secret = tokens.make(system, name, grants)
    except GrantsRefused as error:
        raise click.UsageError(str(error)) from error
    rights.tell_token(system, token)
    console.say(f"token {token.id} for {name}; it is shown now and never again:")
    console.say(secret)
    console.result({"id": token.id, "secret": secret})


@tokens_group.command("list")
@command
def list_tokens() -> None:
    """List the tokens, revoked ones too."""
    every = tokens.every(command_system(writes=False).store.database)
    rows = [
        (
            each.id,
            each.name,
            " ".join(each.grants.sends) or "-",
            " ".join(each.grants.reads) or "-",
            "yes" if each.grants.states else "no",
            " ".join(each.grants.units) or "every",
            f"revoked {each.revoked_at:%Y-%m-%d %H:%M}Z" if each.revoked_at else "valid",
        )
        for each in every
    ]
    columns = ("id", "name", "sends", "reads", "states", "units", "")
    console.show_table(columns, rows, empty="no tokens yet; `tusoi tokens new` makes one")
    console.result({"tokens": every})


@tokens_group.command("revoke")
@click.argument("token_id")
@command
def revoke(token_id: str) -> None:
    """Revoke a token; from now on it is refused."""
    rights.revoke_token(command_system(), token_id)
    console.say(f"token {token_id} is revoked")
    console.result({"revoked": token_id})
