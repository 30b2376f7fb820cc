"""`tusoi accounts`, as an administrator types it."""

import json
from pathlib import Path

import pytest

from events.definitions.access import AccountMade, RoleGiven, RoleTaken, TokenMade, TokenRevoked
from events.definitions.event import Code, Event
from events.definitions.records import Label
from events.identifiers import MemberId, Stream
from services.access import accounts
from services.bootstrap import open_system
from services.settings import from_environment
from tests.support.commands import Tusoi, tusoi_in
from tests.support.databases import hasty
from tests.support.fakes import FixedClock, SeededChance
from tests.support.world import AN, CELL, World, commune


@pytest.fixture
def tusoi(tmp_path: Path) -> Tusoi:
    """Runs `tusoi` on a commune in which An is enrolled."""
    world = World(tmp_path / "data")
    world.tell(*commune())
    world.system.close()
    return tusoi_in(tmp_path / "data")


def signs_in(folder: Path, login: str, password: str) -> bool:
    settings = from_environment(hasty(folder / "data"))
    system = open_system(settings, clock=FixedClock(), chance=SeededChance(4))
    try:
        accounts.sign_in(system, login, password)
    except accounts.SignInRefused:
        return False
    finally:
        system.close()
    return True


def test_a_password_is_shown_once_and_signs_in(tusoi: Tusoi, tmp_path: Path) -> None:
    made = tusoi("--json", "accounts", "new", "An.Nguyen", "--member", AN).json

    listed = tusoi("accounts", "list").out

    assert made["login"] == "an.nguyen"
    assert "an.nguyen" in listed
    assert AN in listed
    assert made["password"] not in listed
    assert signs_in(tmp_path, "an.nguyen", made["password"])


def test_a_new_password_takes_the_place_of_the_old(tusoi: Tusoi, tmp_path: Path) -> None:
    old = tusoi("--json", "accounts", "new", "kiểm.tra", "--role", "auditor").json["password"]

    shown = tusoi("accounts", "password", "kiểm.tra").out.split()[-1]

    assert signs_in(tmp_path, "kiểm.tra", shown)
    assert not signs_in(tmp_path, "kiểm.tra", old)


def test_a_disabled_account_is_refused_until_it_is_enabled(tusoi: Tusoi, tmp_path: Path) -> None:
    made = tusoi("--json", "accounts", "new", "quản.trị", "--role", "administrator").json

    tusoi("accounts", "disable", "quản.trị")
    listed = tusoi("--json", "accounts", "list").json["accounts"]
    refused = not signs_in(tmp_path, "quản.trị", made["password"])
    tusoi("accounts", "enable", "quản.trị")

    assert refused
    assert [each["disabled_at"] is not None for each in listed] == [True]
    assert signs_in(tmp_path, "quản.trị", made["password"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "ai", "--member", MemberId("nobodyaaaaaaaaaaaaaaaaaaaa")), "not_enrolled"),
        (("new", "ai", "--member", "0018"), "number_unknown"),
        (("new", "hai chữ", "--role", "auditor"), "login_refused"),
        (("password", "nobody"), "unknown_account"),
        (("disable", "nobody"), "unknown_account"),
        (("enable", "nobody"), "unknown_account"),
    ],
)
def test_what_cannot_be_done_is_refused(
    tusoi: Tusoi, arguments: tuple[str, ...], code: str
) -> None:
    ran = tusoi("--json", "accounts", *arguments)

    assert ran.status == 1
    assert ran.json["code"] == code


def test_a_member_has_one_account(tusoi: Tusoi) -> None:
    tusoi("accounts", "new", "an", "--member", AN)

    ran = tusoi("--json", "accounts", "new", "an.2", "--member", AN)

    assert (ran.status, ran.json["code"]) == (1, "account_exists")


@pytest.mark.parametrize("arguments", [("new", "ai"), ("new", "ai", "--role", "secretary")])
def test_an_account_that_could_do_nothing_or_anything_is_wrong_usage(
    tusoi: Tusoi, arguments: tuple[str, ...]
) -> None:
    assert tusoi("accounts", *arguments).status == 2


def test_a_member_may_be_named_by_the_number_of_an_hr_system(tusoi: Tusoi, tmp_path: Path) -> None:
    fact = {
        "specversion": "1.0",
        "id": "1",
        "source": "/hr",
        "type": "roster.member_enrolled",
        "time": "2026-01-05T08:00:00+07:00",
        "data": {"number": "0017", "name": "Hà", "unit_id": f"id:{CELL}"},
    }
    (tmp_path / "hr.jsonl").write_text(json.dumps(fact), encoding="utf-8")
    assert tusoi("import", str(tmp_path / "hr.jsonl")).status == 0

    made = tusoi("--json", "accounts", "new", "ha", "--member", "0017").json

    assert signs_in(tmp_path, "ha", made["password"])


def told(folder: Path, kind: str) -> list[Event]:
    """Return what is told of accounts or tokens, in order."""
    settings = from_environment({"TUSOI_DATA_DIR": str(folder / "data")})
    system = open_system(settings, clock=FixedClock(), chance=SeededChance(4))
    sql = "SELECT stream FROM events WHERE stream LIKE ? ORDER BY arrival"
    streams = dict.fromkeys(
        Stream(row[0]) for row in system.store.database.rows(sql, (f"{kind}-%",))
    )
    try:
        return [
            each.event for stream in streams for each in system.store.read_stream(stream).events
        ]
    finally:
        system.close()


def test_a_role_given_or_taken_is_told_in_the_log(tusoi: Tusoi, tmp_path: Path) -> None:
    made = tusoi("--json", "accounts", "new", "kiểm.tra", "--role", "auditor").json
    given = tusoi("--json", "accounts", "role", "kiểm.tra", "--give", "administrator")
    taken = tusoi("--json", "accounts", "role", "kiểm.tra", "--take", "auditor")
    again = tusoi("--json", "accounts", "role", "kiểm.tra", "--take", "auditor")

    assert given.json["roles"] == ["auditor", "administrator"]
    assert (taken.json["roles"], again.json["roles"]) == (["administrator"], ["administrator"])
    whose = Label(made["id"])
    assert told(tmp_path, "account") == [
        AccountMade(account_id=whose),
        RoleGiven(account_id=whose, role=Code("auditor")),
        RoleGiven(account_id=whose, role=Code("administrator")),
        RoleTaken(account_id=whose, role=Code("auditor")),
    ]
    assert tusoi("accounts", "role", "kiểm.tra").status == 2


def test_a_token_made_or_revoked_is_told_in_the_log(tusoi: Tusoi, tmp_path: Path) -> None:
    made = tusoi("--json", "tokens", "new", "HR", "--read", "roster.*", "--unit", CELL)
    refused = tusoi("--json", "tokens", "new", "HR", "--read", "roster.unit_*")
    token = Label(made.json["id"])

    tusoi("tokens", "revoke", token)

    assert (made.status, refused.status) == (0, 2)
    assert told(tmp_path, "token") == [
        TokenMade(
            token_id=token,
            sends=(),
            sources=(),
            reads=(Label("roster.*"),),
            states=False,
            units=(CELL,),
        ),
        TokenRevoked(token_id=token),
    ]
