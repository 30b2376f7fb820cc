"""A key store that is lost, thinned or another one stops whatever writes, and is named."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from events.definitions.access import IndexKeyMade
from services.bootstrap import System, open_system
from services.cli import demo
from services.commands.index_key import require_index_key
from services.context import INDEX_KEY, INDEX_KEY_STREAM, IndexKeyLost, fingerprint_of
from services.settings import from_environment
from services.web.http.readiness import Readiness
from tests.support.commands import Tusoi, tusoi_in
from tests.support.databases import hasty

TOKEN = ("tokens", "new", "HR", "--read", "roster.*")
WRITING: tuple[tuple[str, ...], ...] = (
    ("up", "--port", "0"),
    ("serve", "--port", "0"),
    ("work",),
    TOKEN,
    ("accounts", "role", "ha", "--give", "auditor"),
    ("rebuild",),
    ("import", str(demo.HR_FILE)),
    ("erase", "--again"),
    ("units", "free-issuer", "ours"),
)
Spoil = Callable[[Path], None]


def thin(folder: Path) -> None:
    """Take the index key out of the key store."""
    with closing(sqlite3.connect(folder / "keys.db")) as connection, connection:
        connection.execute("DELETE FROM keys WHERE scope = 'index'")


def empty(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "keys.db")) as connection, connection:
        connection.execute("DELETE FROM keys")


def swap(folder: Path) -> None:
    """Put in the place of the key store's index key another one, under the same master key."""
    empty(folder)
    with closing(system_in(folder)) as system:
        system.keys.ensure([INDEX_KEY])


def system_in(folder: Path) -> System:
    return open_system(from_environment(hasty(folder)))


def told_of(folder: Path) -> tuple[int, list[IndexKeyMade]]:
    """Return how many facts there are, and those that tell of an index key."""
    with closing(system_in(folder)) as system:
        ((count,),) = system.store.database.rows("SELECT count(*) FROM events")
        stream = system.store.read_stream(INDEX_KEY_STREAM).events
        return count, [each.event for each in stream if isinstance(each.event, IndexKeyMade)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def tusoi(folder: Path) -> Tusoi:
    """Commands of an installation that has begun."""
    run = tusoi_in(folder)
    assert run(*TOKEN).status == 0
    return run


def test_the_first_command_that_writes_tells_of_the_index_key_once(
    tusoi: Tusoi, folder: Path
) -> None:
    assert tusoi(*TOKEN).status == 0

    _, made = told_of(folder)

    with closing(system_in(folder)) as system:
        assert [each.fingerprint for each in made] == [fingerprint_of(system.index_key())]


@pytest.mark.parametrize("spoil", [thin, empty, swap])
def test_whatever_writes_stops_under_another_index_key_and_says_what_to_restore(
    tusoi: Tusoi, folder: Path, spoil: Spoil
) -> None:
    spoil(folder)
    before = told_of(folder)

    ran = [tusoi("--json", *each) for each in WRITING]

    assert {(each.status, each.json["code"]) for each in ran} == {(1, "index_key_lost")}
    assert all("restore the key store" in each.json["detail"] for each in ran)
    assert told_of(folder) == before


@pytest.mark.parametrize("spoil", [thin, empty, swap])
def test_doctor_and_verify_name_another_index_key(tusoi: Tusoi, folder: Path, spoil: Spoil) -> None:
    spoil(folder)

    doctor, verified = tusoi("--json", "doctor"), tusoi("--json", "verify")

    assert not doctor.json["keys"]["passed"]
    assert "restore the key store" in doctor.json["keys"]["told"]
    assert [each["where"] for each in verified.json["findings"]] == ["the index key"]
    assert verified.status == 1


def test_doctor_counts_the_keys_of_words_that_are_lost_and_that_nobody_erased(
    tusoi: Tusoi, folder: Path
) -> None:
    tusoi("import", str(demo.HR_FILE))
    with closing(system_in(folder)) as system:
        sql = "SELECT stream FROM events WHERE stream LIKE 'member-%' LIMIT 1"
        ((stream,),) = system.store.database.rows(sql)
    ran = tusoi("erase", "--member", stream.removeprefix("member-"), "--ground", "request")
    erased = tusoi("--json", "doctor").json["keys"]

    with closing(sqlite3.connect(folder / "keys.db")) as connection, connection:
        connection.execute(
            "DELETE FROM keys WHERE (owner, scope) IN (SELECT owner, scope FROM keys"
            " WHERE scope = 'identity' AND wrapped IS NOT NULL LIMIT 3)"
        )
    lost = tusoi("--json", "doctor").json["keys"]

    assert (ran.status, erased["passed"]) == (0, True)
    assert not lost["passed"]
    assert "3 keys of words are lost that nobody erased" in lost["told"]


@pytest.mark.parametrize("spoil", [thin, swap])
def test_a_service_whose_index_key_is_exchanged_is_not_ready_and_makes_none(
    tusoi: Tusoi, folder: Path, spoil: Spoil
) -> None:
    assert tusoi("--json", "doctor").json["keys"]["passed"]
    spoil(folder)

    with closing(system_in(folder)) as system:
        reasons = [each.what for each in Readiness(system).reasons()]
        with pytest.raises(IndexKeyLost):
            require_index_key(system)

    assert "index_key_lost" in reasons


@pytest.mark.usefixtures("tusoi")
def test_a_thinned_key_store_makes_no_index_key(folder: Path) -> None:
    thin(folder)

    with closing(system_in(folder)) as system:
        with pytest.raises(IndexKeyLost):
            system.index_key()

        assert system.keys.keys([INDEX_KEY]) == {}
