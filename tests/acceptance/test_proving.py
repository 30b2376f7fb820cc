"""`tusoi bundle`, `replay`, `explain` and `verify` over a year that was lived."""

import re
import shlex
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from events.replay import __main__ as replaying
from services.bootstrap import open_system
from services.settings import from_environment
from tests.support.commands import Tusoi, tusoi_in
from tests.support.databases import hasty
from tests.support.fakes import FixedClock, SeededChance
from tests.support.lived_folders import LivedFolders
from tests.support.living import BEFORE, MORNING, Year
from tests.support.party_years import PartyYears
from tests.support.unit_years import HELD, UNIT, rate


@pytest.fixture(scope="module")
def folder(lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose commune has lived its year up to the plans."""
    folder = tmp_path_factory.mktemp("lived")
    reached = lived_folders.copy(Year, date(2026, 1, 8), folder)
    clock = FixedClock(datetime.combine(reached, MORNING).astimezone(UTC))
    system = open_system(from_environment(hasty(folder)), clock=clock, chance=SeededChance(5))
    system.signer.sign()
    system.close()
    return folder


@pytest.fixture(scope="module")
def of_units(lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory) -> Tusoi:
    """The commands on a commune whose units were rated as collectives."""
    folder, clock = tmp_path_factory.mktemp("units"), FixedClock(BEFORE)
    reached = lived_folders.copy(PartyYears, HELD, folder)
    system = open_system(from_environment(hasty(folder)), clock=clock, chance=SeededChance(5))
    year = PartyYears(system, clock)
    year.arrive(reached)
    rate(year)
    system.signer.sign()
    system.close()
    return tusoi_in(folder)


@pytest.fixture
def tusoi(folder: Path) -> Tusoi:
    return tusoi_in(folder)


def test_the_whole_log_with_every_rating_is_verified(tusoi: Tusoi) -> None:
    ran = tusoi("--json", "verify")

    assert (ran.status, ran.json["findings"]) == (0, [])
    assert ran.json["ratings"] > 40
    assert ran.json["states"] > 100


def test_a_rating_goes_into_a_bundle_and_is_verified_from_it(tusoi: Tusoi, tmp_path: Path) -> None:
    path = str(tmp_path / "rating.json")

    made = tusoi("bundle", "--member", "SG-0041", "--year", "2025", "--out", path)
    key = ("--key", tusoi("--json", "keys", "show").json["verifier_key"])
    verified = tusoi("--json", "verify", path, *key)
    shown = tusoi("replay", path, *key)
    unvouched = tusoi("verify", path)

    assert (made.status, verified.status, shown.status) == (0, 0, 0)
    assert unvouched.status == 1
    assert "consistent, signer unknown" in unvouched.out
    assert verified.json["level"] == "fair"
    assert "review.self_critique_submitted" in shown.out
    assert "Trùng khớp · verified: fair" in shown.out


def test_the_command_that_is_printed_with_a_bundle_trusts_the_logs_own_key(
    tusoi: Tusoi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "a rating.json")
    made = tusoi("bundle", "--member", "SG-0041", "--year", "2025", "--out", path)
    (printed,) = re.findall(r"`python -m events.replay (.+)`", made.out)

    status = replaying.main(shlex.split(printed))

    told = capsys.readouterr().out
    assert status == 0
    assert "Trùng khớp · verified: fair" in told
    assert "as the bundle says" not in told


def test_a_rating_is_shown_event_by_event_straight_from_the_database(tusoi: Tusoi) -> None:
    ran = tusoi("replay", "--member", "SG-0041", "--year", "2025")

    assert ran.status == 0
    assert ran.out.index("review.opened") < ran.out.index("review.rating_decided")
    assert "Trùng khớp · verified: fair" in ran.out
    assert "as the bundle says" not in ran.out  # the log's own key was at hand


def test_an_empty_key_is_a_wrong_call_whatever_it_is_given_for(
    tusoi: Tusoi, tmp_path: Path
) -> None:
    path, of_member = str(tmp_path / "rating.json"), ("--member", "SG-0041", "--year", "2025")
    tusoi("bundle", *of_member, "--out", path)

    for asked in (("verify", path), ("replay", path), ("replay", *of_member), ("verify",)):
        ran = tusoi(*asked, "--key", "")
        assert (ran.status, "Trùng khớp" in ran.out) == (2, False)


def test_a_replay_of_nothing_or_of_two_things_is_a_wrong_call(tusoi: Tusoi) -> None:
    for arguments in ((), ("--member", "SG-0041"), ("a.json", "--member", "SG-0041")):
        assert tusoi("replay", *arguments).status == 2


def test_a_changed_bundle_is_not_verified_and_says_why(tusoi: Tusoi, tmp_path: Path) -> None:
    path = tmp_path / "rating.json"
    tusoi("bundle", "--member", "SG-0041", "--year", "2025", "--out", str(path))
    path.write_bytes(path.read_bytes().replace(b'"level":"fair"', b'"level":"good"'))

    ran = tusoi("verify", str(path))

    assert ran.status == 1
    assert "Không khớp · not verified" in ran.out


@pytest.mark.parametrize(("language", "word"), [("vi", "Điều"), ("en", "points")])
def test_a_rating_is_explained_rule_by_rule(tusoi: Tusoi, language: str, word: str) -> None:
    ran = tusoi("explain", "--member", "SG-0041", "--year", "2025", "--language", language)

    assert ran.status == 0
    assert word in ran.out
    assert "62" in ran.out  # of 100 points


def test_a_decision_that_left_the_proposal_is_told_so(tusoi: Tusoi) -> None:
    ran = tusoi("--json", "explain", "--member", "SG-0046", "--year", "2025")

    assert (ran.json["level"], ran.json["decided"]) == ("good", "fair")
    assert ran.json["lines"][-1].startswith("Quyết định: Đạt, khác với đề xuất")


def test_a_units_rating_is_bundled_replayed_explained_and_verified(
    of_units: Tusoi, tmp_path: Path
) -> None:
    path, unit = str(tmp_path / "rating.json"), ("--unit", UNIT, "--year", "2025")

    made = of_units("bundle", *unit, "--out", path)
    key = of_units("--json", "keys", "show").json["verifier_key"]
    verified = of_units("--json", "verify", path, "--key", key)
    replayed = of_units("replay", *unit)
    explained = of_units("--json", "explain", *unit)
    whole = of_units("--json", "verify")

    assert (made.status, verified.status, replayed.status, whole.status) == (0, 0, 0, 0)
    assert verified.json["level"] == explained.json["decided"] == "fair"
    assert "Trùng khớp · verified: fair" in replayed.out
    assert (whole.json["findings"], whole.json["ratings"]) == ([], 1)


def test_who_is_unknown_and_who_was_not_rated_are_told_apart(tusoi: Tusoi) -> None:
    unknown = tusoi("explain", "--member", "SG-9999", "--year", "2025")
    unrated = tusoi("explain", "--member", "SG-0041", "--year", "2020")
    no_year = tusoi("explain", "--member", "SG-0041", "--year", "now")

    assert (unknown.status, unrated.status, no_year.status) == (1, 1, 2)
    assert "no member has the number SG-9999" in unknown.err
    assert "no rating of SG-0041 in 2020" in unrated.err
    assert "2026-q1" in no_year.err


@pytest.mark.parametrize(
    "named", [(), ("--member", "SG-0041", "--unit", UNIT)], ids=["nobody", "both"]
)
@pytest.mark.parametrize("command", ["bundle", "replay", "explain"])
def test_a_rating_is_of_a_member_or_of_a_unit(
    tusoi: Tusoi, command: str, named: tuple[str, ...]
) -> None:
    ran = tusoi(command, *named, "--year", "2025")

    assert ran.status == 2
    assert "--member or --unit" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("bundle", "--unit", "SG-0041", "--year", "2025"),
        ("bundle", "--member", "SG-CB02", "--year", "2025"),
        ("bundle", "--member", "SG-9999", "--year", "2025"),
        ("bundle", "--member", "SG-0041", "--year", "2025", "--out", "no/such/folder/rating.json"),
        ("verify", "nowhere.json"),
        ("explain", "--member", "SG-0045", "--year", "2025"),
        ("replay", "nowhere.json"),
        ("replay", "--member", "SG-9999", "--year", "2025"),
    ],
)
def test_what_is_not_there_is_told_without_a_traceback(
    tusoi: Tusoi, arguments: tuple[str, ...]
) -> None:
    ran = tusoi(*arguments)

    assert ran.status == 1
    assert ran.err.startswith("tusoi: ")
