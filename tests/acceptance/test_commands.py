"""The commands of `tusoi`, as a person and as a program would use them."""

import base64
import json
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest

from events.store import sequencing
from events.store.reference import SHIPPED
from services.bootstrap import alone_in, open_system
from services.cli import demo
from services.cli.checking import EXAMINATIONS
from services.settings import from_environment
from tests.support import hr
from tests.support.commands import Tusoi, tusoi_in
from tests.support.databases import hasty
from workers.program import cli
from workers.projections.every import PROJECTIONS


@pytest.fixture
def tusoi(tmp_path: Path) -> Tusoi:
    return tusoi_in(tmp_path / "data")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[list[Any]], str]:
    """Writes events as JSON Lines; a text goes in as it is."""

    def write(lines: list[Any]) -> str:
        texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
        file = tmp_path / "facts.jsonl"
        file.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return str(file)

    return write


def test_an_import_appends_every_line_and_a_second_one_none(tusoi: Tusoi) -> None:
    first = tusoi("--json", "import", str(demo.HR_FILE))

    second = tusoi("--json", "import", str(demo.HR_FILE))

    assert (first.status, second.status) == (0, 0)
    assert first.json == {
        "passed": True, "lines": 180, "appended": 180, "known": 0, "doubtful": [], "refused": []
    }  # fmt: skip
    assert (second.json["appended"], second.json["known"]) == (0, 180)


def number_all(folder: Path) -> None:
    """Give what was imported its positions, as a worker does."""
    with closing(open_system(from_environment(hasty(folder)))) as system:
        sequencing.sequence(system.store.database, system.clock)


BEGINNING = {
    *("up", "migrate", "import", "publish", "accounts new", "tokens new", "keys make"),
}  # what a new installation may begin with
READING: dict[str, tuple[str, ...]] = {  # every other command, and what it must be told
    **dict.fromkeys(("serve", "work", "verify", "doctor", "rebuild"), ()),
    **dict.fromkeys(("bundle", "replay", "explain"), ("--member", "1", "--year", "2026")),
    "erase": ("--member", "1", "--ground", "request"),
    "export": ("--member", "1"),
    **dict.fromkeys(("parked list", "accounts list", "tokens list", "keys show"), ()),
    "parked retry": ("review_states", "review-2026-x"),
    "accounts role": ("ha", "--give", "auditor"),
    **dict.fromkeys(("accounts password", "accounts disable", "accounts enable"), ("ha",)),
    "tokens revoke": ("x",),
    "keys rotate": ("pyproject.toml",),
    "units authorise": ("CB-01",),
    "units name-issuer": ("CB-01", "ours"),
    "units free-issuer": ("ours",),
}


def every_command() -> set[str]:
    leaves = set()
    for name, each in cli.commands.items():
        below = each.commands if isinstance(each, click.Group) else {}
        leaves |= {f"{name} {one}" for one in below} or {name}
    return leaves


def test_a_command_that_begins_nothing_makes_nothing_and_says_what_to_do(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    told = {name: tusoi("--json", *name.split(), *more) for name, more in READING.items()}
    dry = tusoi("--json", "import", "--dry-run", str(demo.HR_FILE))
    refused = {name: (ran.status, ran.json["code"]) for name, ran in told.items()}

    assert every_command() == BEGINNING | READING.keys()
    assert refused == dict.fromkeys(READING, (1, "installation_missing"))
    assert dry.json["code"] == "installation_missing"
    assert all("TUSOI_DATA_DIR" in ran.json["detail"] for ran in told.values())
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        ("master.key", "secret_missing"),
        ("log.key", "secret_missing"),
        ("keys.db", "key_store_missing"),
    ],
)
def test_what_was_lost_beside_facts_is_missed_and_never_made_anew(
    tusoi: Tusoi, tmp_path: Path, lost: str, code: str
) -> None:
    tusoi("import", str(demo.HR_FILE))
    (tmp_path / "data" / lost).unlink()

    told = [tusoi("--json", *each) for each in (("doctor",), ("up", "--port", "0"))]

    assert [(ran.status, ran.json["code"]) for ran in told] == [(1, code)] * 2
    assert not (tmp_path / "data" / lost).exists()


def test_a_dry_run_checks_everything_and_appends_nothing(tusoi: Tusoi) -> None:
    tusoi("migrate")

    ran = tusoi("import", "--dry-run", str(demo.HR_FILE))

    assert ran.status == 0
    assert "180 lines are in order; nothing was appended" in ran.out
    assert tusoi("--json", "verify").json["size"] == 0


def test_an_import_tells_every_bad_line_and_appends_nothing(
    tusoi: Tusoi, written: Callable[[list[Any]], str]
) -> None:
    no_unit = hr.enrolled("M1", "U1")
    del no_unit["data"]["unit_id"]
    file = written([hr.formed("U1"), '{"id": 1.5}', no_unit])

    ran = tusoi("--json", "import", file)

    told = [(each["line"], each["code"]) for each in ran.json["refused"]]
    assert ran.status == 1
    assert told == [(2, "malformed_json"), (3, "invalid_data")]
    assert tusoi("--json", "doctor").json["backlog"]["told"] == "0 events wait for a position"


def test_lines_may_stand_in_any_order(tusoi: Tusoi, written: Callable[[list[Any]], str]) -> None:
    members = [hr.enrolled(f"M{index}", "U1") for index in range(300)]

    ran = tusoi("--json", "import", written([*members, hr.formed("U1")]))

    assert ran.status == 0, ran
    assert ran.json["appended"] == 301


def test_a_line_about_somebody_unknown_is_told_and_the_others_go_in(
    tusoi: Tusoi, written: Callable[[list[Any]], str]
) -> None:
    ran = tusoi("--json", "import", written([hr.formed("U1"), hr.enrolled("M1", "U9")]))

    assert ran.status == 1
    assert ran.json["appended"] == 1
    assert [(each["line"], each["code"]) for each in ran.json["refused"]] == [(2, "unknown_unit")]


def test_a_word_of_hr_that_nothing_goes_by_is_taken_and_shown(
    tusoi: Tusoi, written: Callable[[list[Any]], str], tmp_path: Path
) -> None:
    misspelt = hr.event(
        "roster.post_given", {"member_id": "M1", "unit_id": "U1", "post": "sekretary"}
    )
    known = hr.event("roster.post_given", {"member_id": "M1", "unit_id": "U1", "post": "chair"})
    punished = hr.event(
        "roster.unit_disciplined", {"unit_id": "U1", "decision": "1", "grade": "reprimnd"}
    )
    founded = hr.formed("U1"), hr.enrolled("M1", "U1")
    file = written([*founded, misspelt, known, punished])

    sent = tusoi("--json", "import", file)
    number_all(tmp_path / "data")
    tusoi("rebuild")
    seen, told = tusoi("doctor"), tusoi("--json", "doctor").json["words"]

    assert (sent.status, sent.json["appended"]) == (0, 5)
    assert [each["line"] for each in sent.json["doubtful"]] == [3, 5]
    assert "is secretary meant?" in sent.err
    assert told["passed"]
    assert "look" in seen.out
    assert "sekretary" in told["told"]
    assert "reprimand meant" in told["told"]
    assert "chair" not in told["told"]


def test_doctor_says_until_when_days_off_are_announced(tusoi: Tusoi) -> None:
    tusoi("publish", str(SHIPPED / "calendars" / "viet_nam.yaml"))

    told = tusoi("--json", "doctor").json["holidays"]

    assert told["passed"]
    assert "viet_nam 2 until 2026-12-31" in told["told"]


def test_a_token_is_shown_once_and_listed_without_its_secret(tusoi: Tusoi) -> None:
    made = tusoi("--json", "tokens", "new", "HR", "--send", "roster.*", "--source", "/hr").json

    listed = tusoi("tokens", "list").out
    revoked = tusoi("tokens", "revoke", made["id"])

    assert made["secret"].startswith("tusoi_")
    assert made["secret"] not in listed
    assert "HR" in listed
    assert "roster.*" in listed
    assert revoked.status == 0
    assert "revoked" in tusoi("tokens", "list").out


def test_a_token_is_limited_to_a_unit_by_its_number_and_no_other(tusoi: Tusoi) -> None:
    tusoi("import", str(demo.HR_FILE))

    made = tusoi("tokens", "new", "HR", "--read", "all", "--unit", "no-such-unit")

    assert (made.status, "no-such-unit" in made.err) == (1, True)
    assert "no tokens yet" in tusoi("tokens", "list").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("tokens", "new", "HR"),
        ("tokens", "new", "HR", "--send", "roster.*"),
        ("tokens", "new", "HR", "--read", "*"),
        ("up", "--check"),
        ("import", "no-such-file"),
        ("rebuild", "no_such_projection"),
        ("no-such-command",),
    ],
)
def test_wrong_usage_ends_with_status_2(tusoi: Tusoi, arguments: tuple[str, ...]) -> None:
    ran = tusoi(*arguments)

    assert ran.status == 2
    assert "Error" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("folder", "what"), [("", ()), ("demo", ("--demo",)), ("demo.telling", ("--demo",))]
)
def test_a_second_service_in_one_folder_is_refused(
    tusoi: Tusoi, tmp_path: Path, folder: str, what: tuple[str, ...]
) -> None:
    with alone_in(tmp_path / "data" / folder):
        ran = tusoi("--json", "up", *what, "--port", "0")

    assert (ran.status, ran.json["code"]) == (1, "folder_in_use")
    assert "TUSOI_DATA_DIR" in ran.json["detail"]


def test_a_table_through_a_pipe_is_a_line_a_row_without_blanks_around(tusoi: Tusoi) -> None:
    tusoi("import", str(demo.HR_FILE))
    tusoi("tokens", "new", "HR", "--read", "roster.*", "--states")

    examined, listed = tusoi("doctor").out.splitlines(), tusoi("tokens", "list").out.splitlines()

    assert [line.split()[:2] for line in examined] == [["ok", name] for name in EXAMINATIONS]
    assert len(listed) == 2
    assert [line.strip() for line in examined + listed] == examined + listed


def test_a_log_without_its_head_is_examined_to_the_end_and_told_in_words(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    tusoi("import", str(demo.HR_FILE))
    number_all(tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "tusoi.db")) as database, database:
        database.execute("DELETE FROM head")

    verified, examined = tusoi("--json", "verify"), tusoi("--json", "doctor")

    assert (verified.status, examined.status) == (1, 1)
    assert {"where": "head", "what": "its row is not there"} in verified.json["findings"]
    assert "restore the database" in examined.json["rollback"]["told"]
    assert examined.json["keys"]["passed"]


def test_what_nobody_foresaw_fails_an_examination_and_ends_no_other(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    tusoi("import", str(demo.HR_FILE))
    with closing(sqlite3.connect(tmp_path / "data" / "tusoi.db")) as database, database:
        database.execute("INSERT INTO subscriptions VALUES ('member_states', 1, 1, 1, 'x')")

    examined = tusoi("--json", "doctor").json

    assert "cannot be judged" in examined["projections"]["told"]
    assert examined["keys"]["passed"]


@pytest.mark.parametrize("what", [("up",), ("up", "--demo")])
def test_an_address_where_somebody_listens_already_is_told_with_what_to_do(
    tusoi: Tusoi, what: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ran = tusoi("--json", *what, "--port", str(port))

    assert (ran.status, ran.json["code"]) == (1, "address_taken")
    assert f"127.0.0.1:{port}" in ran.json["detail"]
    assert "--port" in ran.json["detail"]


def test_revoking_an_unknown_token_says_how_to_find_one(tusoi: Tusoi) -> None:
    tusoi("migrate")

    ran = tusoi("tokens", "revoke", "nobody")

    assert ran.status == 1
    assert "tusoi tokens list" in ran.err


def test_the_master_key_can_be_changed(tusoi: Tusoi, tmp_path: Path) -> None:
    tusoi("import", str(demo.HR_FILE))
    new = tmp_path / "new.key"
    new.write_text(base64.b64encode(b"n" * 32).decode())
    new.chmod(0o600)

    rotated = tusoi("--json", "keys", "rotate", str(new))

    before = tusoi("--json", "doctor").json["keys"]
    (tmp_path / "data" / "master.key").write_text(new.read_text())
    after = tusoi("--json", "doctor").json["keys"]
    assert rotated.json["rewrapped"] > 57
    assert not before["passed"]
    assert after["passed"]


def test_a_secret_that_others_can_read_is_refused(tusoi: Tusoi, tmp_path: Path) -> None:
    tusoi("migrate")
    (tmp_path / "data" / "master.key").chmod(0o644)

    ran = tusoi("doctor")

    assert ran.status == 1
    assert "chmod 600" in ran.err


def test_rebuild_fills_states_that_verify(tusoi: Tusoi, tmp_path: Path) -> None:
    tusoi("import", str(demo.HR_FILE))

    rebuilt = tusoi("--json", "rebuild")

    assert rebuilt.status == 0
    assert rebuilt.json == {"rebuilt": dict.fromkeys(PROJECTIONS, 1)}
    assert (tmp_path / "data" / "tusoi.db").exists()


def test_verify_names_what_was_changed_behind_the_services_back(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    tusoi("import", str(demo.HR_FILE))
    number_all(tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / "tusoi.db") as database:
        database.execute("DROP TRIGGER events_no_update")
        database.execute(
            "UPDATE events SET entry = CAST(replace(entry, '2024-', '2023-') AS BLOB) "
            "WHERE arrival = 7"
        )

    ran = tusoi("--json", "verify")

    assert ran.status == 1
    assert {each["where"] for each in ran.json["findings"]} == {"position 7", "head"}


def test_nothing_parked_is_said_in_words(tusoi: Tusoi) -> None:
    tusoi("migrate")

    ran = tusoi("parked")

    assert ran.status == 0
    assert ran.out == "nothing is parked\n"
