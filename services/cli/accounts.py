"""`tusoi accounts`: who may sign in."""

import click

from events.domain.organisation import member
from events.errors import TusoiError
from events.identifiers import ID_PATTERN, MemberId, member_stream
from services.access import accounts, passwords
from services.access.account_rows import Account
from services.bootstrap import System
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import OF_MEMBER, Named, id_of, numbering
from services.commands import rights


class NotEnrolled(TusoiError):
    """An account would be that of a member whom nobody enrolled, or who left."""

    code = "not_enrolled"

    def __init__(self, member_id: str) -> None:
        super().__init__(f"no member with the id {member_id} is enrolled: import the roster first")
        self.member_id = member_id


@cli.group("accounts")
def accounts_group() -> None:
    """Accounts of people: make, list, give a new password, disable, enable."""


@accounts_group.command("new")
@click.argument("login")
@click.option("--member", "called", help=OF_MEMBER)
@click.option("--role", "roles", multiple=True, type=click.Choice(accounts.ROLES_GIVEN))
@numbering
@command
def new(login: str, called: str | None, roles: tuple[str, ...], numbering: str) -> None:
    """Make an account LOGIN and show its password, once."""
    if called is None and not roles:
        raise click.UsageError("an account that may do nothing: give --member or --role")
    system = command_system(begin=True)
    member_id = _member(system, called, numbering) if called is not None else None
    password = passwords.drawn_password(system.chance)
    account = rights.make_account(system, login, password, member_id=member_id, roles=roles)
    _show(account.login, password)
    console.result({"id": account.id, "login": account.login, "password": password})


@accounts_group.command("list")
@command
def list_accounts() -> None:
    """List the accounts, disabled ones too."""
    every = accounts.every(command_system(writes=False))
    rows = [
        (
            each.login,
            each.member_id or "-",
            " ".join(each.roles) or "-",
            _standing(each),
        )
        for each in every
    ]
    columns = ("login", "member", "roles", "")
    console.show_table(columns, rows, empty="no accounts yet; `tusoi accounts new` makes one")
    console.result({"accounts": every})


@accounts_group.command("password")
@click.argument("login")
@command
def password(login: str) -> None:
    """Give the account LOGIN a new password and show it, once; its sessions end."""
    system = command_system()
    account = accounts.find_login(system, login)
    drawn = passwords.drawn_password(system.chance)
    rights.reset_password(system, account, drawn)
    _show(account.login, drawn)
    console.result({"id": account.id, "login": account.login, "password": drawn})


@accounts_group.command("disable")
@click.argument("login")
@command
def disable(login: str) -> None:
    """Let nobody sign in as LOGIN any more; its sessions end."""
    system = command_system()
    account = accounts.find_login(system, login)
    rights.disable(system, account)
    console.say(f"the account {account.login} is disabled")
    console.result({"disabled": account.login})


@accounts_group.command("enable")
@click.argument("login")
@command
def enable(login: str) -> None:
    """Let LOGIN sign in again."""
    system = command_system()
    account = accounts.find_login(system, login)
    rights.enable(system, account)
    console.say(f"the account {account.login} is enabled")
    console.result({"enabled": account.login})


@accounts_group.command("role")
@click.argument("login")
@click.option("--give", multiple=True, type=click.Choice(accounts.ROLES_GIVEN))
@click.option("--take", multiple=True, type=click.Choice(accounts.ROLES_GIVEN))
@command
def role(login: str, give: tuple[str, ...], take: tuple[str, ...]) -> None:
    """Give the account LOGIN roles, or take them; each is told in the log."""
    if not (give or take):
        raise click.UsageError("say which role: --give or --take")
    system = command_system()
    account = accounts.find_login(system, login)
    roles = rights.change_roles(system, account, give=give, take=take)
    console.say(f"the account {account.login} has the roles: {' '.join(roles) or '-'}")
    console.result({"id": account.id, "login": account.login, "roles": roles})


def _standing(account: Account) -> str:
    if account.disabled_at:
        return f"disabled {account.disabled_at:%Y-%m-%d %H:%M}Z"
    return f"stopped {account.stopped_at:%Y-%m-%d %H:%M}Z" if account.stopped_at else "enabled"


def _member(system: System, called: str, numbering: str) -> MemberId:
    """Return who is meant. Raises NumberUnknown, NotEnrolled."""
    is_id = ID_PATTERN.fullmatch(called)
    member_id = MemberId(called if is_id else id_of(system, Named("member", called), numbering))
    _require_enrolled(system, member_id)
    return member_id


def _require_enrolled(system: System, member_id: MemberId) -> None:
    history = system.store.read_stream(member_stream(member_id))
    found = member.view(member.fold(history.events))
    if found.membership != member.ENROLLED:
        raise NotEnrolled(member_id)


def _show(login: str, drawn: str) -> None:
    console.say(f"the account {login} signs in with this password, shown now and never again:")
    console.say(drawn)
