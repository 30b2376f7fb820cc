"""The security log: every line that there is, by its stable name, with nothing that was typed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

import services.access
from events.definitions.access import (
    AccountDisabled,
    AccountEnabled,
    AccountMade,
    PasswordReset,
    RoleGiven,
    RoleTaken,
    TokenMade,
    TokenRevoked,
)
from events.definitions.event import Code
from events.definitions.records import Label
from events.identifiers import Stream
from services.access import accounts, own_password, stops, tokens
from services.access.account_rows import Account
from services.access.accounts import SignInRefused
from services.access.attempts import Client, TooManyAttempts
from services.access.security import Happening
from services.access.tokens import Grants
from services.commands import rights
from services.settings import SIGN_IN_TRIES
from tests.support.world import AN, CELL, World

README = Path(*services.access.__path__) / "README.md"
LOGIN, PASSWORD, WRONG = "an.nguyen", "trăng sáng trên đồng", "mây đen trên đồi cao"
CLIENT = Client("2001:db8::7")


class Service:
    """A service and An's account, with the lines that were written about it."""

    def __init__(self, world: World) -> None:
        self.system = world.system
        self.database = world.system.store.database
        self.lines: list[Any] = []
        self.an = accounts.create(world.system, LOGIN, PASSWORD)

    def sign_in(self, login: str, password: str) -> Account:
        return accounts.sign_in(self.system, login, password, client=CLIENT)

    def told(self, kind: str, subject: str) -> list[Any]:
        history = self.system.store.read_stream(Stream(f"{kind}-{subject}")).events
        return [each.event for each in history]


@pytest.fixture
def service(world: World) -> Iterator[Service]:
    made = Service(world)
    with capture_logs() as made.lines:
        yield made


def named(service: Service) -> list[dict[str, Any]]:
    """Return the lines of the security log, without their levels."""
    names = {each.value for each in Happening}
    lines = [line for line in service.lines if line["event"] in names]
    return [{k: v for k, v in line.items() if k != "log_level"} for line in lines]


def test_the_table_holds_every_name() -> None:
    rows = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall("`([a-z_]+)`", row.split("|")[1])]

    assert {each.value for each in Happening} == {*listed} & {each.value for each in Happening}
    assert len(listed) == len(set(listed))


def test_every_try_to_sign_in_is_a_line_that_names_no_login_and_no_password(
    service: Service,
) -> None:
    service.sign_in(LOGIN, PASSWORD)
    for _ in range(SIGN_IN_TRIES):
        with pytest.raises(SignInRefused):
            service.sign_in(LOGIN, WRONG)
    with pytest.raises(SignInRefused):
        service.sign_in("my-password", WRONG)
    with pytest.raises(TooManyAttempts):
        service.sign_in(LOGIN, PASSWORD)

    whose, where = {"account": service.an.id}, {"address": "2001:db8::"}
    failed = {"event": "sign_in_failed"}
    assert named(service) == [
        {"event": "signed_in", "known_browser": False} | whose | where,
        *[failed | whose | where] * SIGN_IN_TRIES,
        failed | where,
        {"event": "sign_in_locked_out", "seconds": 1} | whose | where,
    ]
    assert not re.search("an.nguyen|my-password|trăng|mây", str(service.lines))


def test_what_an_operator_and_an_owner_do_is_a_line(service: Service) -> None:
    system, an = service.system, service.an
    deeds: dict[str, Callable[[], object]] = {
        "account_disabled": lambda: rights.disable(system, an),
        "account_enabled": lambda: rights.enable(system, an),
        "password_reset": lambda: rights.reset_password(system, an, WRONG),
        "password_changed": lambda: own_password.change_password(
            system, accounts.find(system, an.id), WRONG, PASSWORD, session=b""
        ),
        "sessions_ended": lambda: own_password.end_sessions(system, an.id),
        "account_stopped": lambda: stops.stop(system, an.id, None),
        "account_resumed": lambda: stops.resume(system, an.id),
    }

    for name, do in deeds.items():
        do()
        assert named(service)[-1] == {"event": name, "account": an.id}


def test_what_an_operator_does_with_an_account_is_a_fact(service: Service) -> None:
    system = service.system
    made = rights.make_account(system, "binh", None, member_id=AN, roles=("auditor",))

    rights.disable(system, made)
    rights.enable(system, made)
    rights.reset_password(system, made, WRONG)

    whose = Label(made.id)
    assert service.told("account", made.id) == [
        AccountMade(account_id=whose, member_id=AN),
        RoleGiven(account_id=whose, role=Code("auditor")),
        AccountDisabled(account_id=whose),
        AccountEnabled(account_id=whose),
        PasswordReset(account_id=whose),
    ]
    lines = [each["event"] for each in named(service)]
    assert lines == [
        "account_made",
        "role_given",
        "account_disabled",
        "account_enabled",
        "password_reset",
    ]


def test_a_change_of_roles_is_a_line_and_a_fact(service: Service) -> None:
    an = service.an

    rights.change_roles(service.system, an, give=("auditor", "administrator"))
    an = accounts.find(service.system, an.id)
    rights.change_roles(service.system, an, give=("auditor",), take=("administrator",))

    assert accounts.find(service.system, an.id).roles == ("auditor",)
    facts = service.told("account", an.id)
    assert [(type(each), each.role) for each in facts] == [
        (RoleGiven, "auditor"),
        (RoleGiven, "administrator"),
        (RoleTaken, "administrator"),
    ]
    lines = [(each["event"], each["role"]) for each in named(service)]
    assert lines == [
        ("role_given", "auditor"),
        ("role_given", "administrator"),
        ("role_taken", "administrator"),
    ]


def test_a_role_that_is_none_changes_nothing(service: Service) -> None:
    with pytest.raises(accounts.RoleRefused):
        rights.change_roles(service.system, service.an, give=("secretary",))

    assert (service.told("account", service.an.id), named(service)) == ([], [])


def test_a_token_is_made_and_revoked_by_a_line_and_a_fact(service: Service) -> None:
    grants = Grants(sends=("roster.*",), sources=("/hr",), units=(CELL,))
    system = service.system
    token, secret = tokens.make(system, "HR", grants)

    rights.tell_token(system, token)
    rights.revoke_token(system, token.id)
    rights.revoke_token(system, token.id)

    made, revoked = service.told("token", token.id)
    assert isinstance(made, TokenMade)
    assert (made.sends, made.sources, made.units) == (("roster.*",), ("/hr",), (CELL,))
    assert isinstance(revoked, TokenRevoked)
    assert [each["event"] for each in named(service)] == ["token_made", "token_revoked"]
    assert secret not in str(service.lines)
