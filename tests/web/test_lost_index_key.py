"""A process under which the key store is exchanged takes no more writes, and says why."""

import base64
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from events.errors import StoreUnavailable
from events.store.key_cache import Pair
from events.store.keys import KeyStore
from services.commands.index_key import LOOK_SECONDS, IndexKeyWatch, require_index_key
from services.context import INDEX_KEY, IndexKeyLost
from services.safekeeping import drafts
from services.secret_files import read_secret
from tests.support.fakes import SeededChance
from tests.support.intake import SENDS_ALL, event, send
from tests.support.world import World

Spoil = Callable[[World], None]


def facts_in(world: World) -> int:
    return int(world.system.store.database.rows("SELECT count(*) FROM events")[0][0])


def copy(file: Path, to: Path) -> None:
    with closing(sqlite3.connect(file)) as right, closing(sqlite3.connect(to)) as kept:
        right.backup(kept)


def delete(world: World) -> None:
    with closing(sqlite3.connect(file_of(world))) as connection:
        connection.execute("DELETE FROM keys")
        connection.commit()


def exchange(world: World, *, master: bytes = b"") -> None:
    """Put another store in its place, under the same master key unless another is given."""
    delete(world)
    kept = read_secret("", world.system.settings.master_key_file)
    address, opening = f"sqlite:///{file_of(world)}", master or base64.b64decode(kept)
    with closing(KeyStore(address, master=opening, chance=SeededChance(99))) as keys:
        keys.ensure([INDEX_KEY])


def exchange_all(world: World) -> None:
    """Put a store under another master key in its place."""
    exchange(world, master=bytes(32))


def damage(world: World) -> None:
    with closing(sqlite3.connect(file_of(world))) as connection:
        connection.execute("UPDATE keys SET wrapped = (SELECT max(wrapped) FROM keys)")
        connection.commit()


def file_of(world: World) -> Path:
    return world.system.settings.data_dir / "keys.db"


def wait() -> None:
    """Let the time go by until every process looks again."""
    time.sleep(LOOK_SECONDS)


@pytest.fixture
def begun(world: World) -> World:
    """A service that has told its index key and taken an event in."""
    require_index_key(world.system)
    assert send(world, world.token(**SENDS_ALL), event(1)).status_code == 201
    world.system.keys.ensure([("member-x", "2026")])
    return world


@pytest.mark.parametrize("spoil", [delete, exchange, exchange_all, damage])
def test_under_another_key_store_nothing_is_taken_until_the_right_one_is_back(
    begun: World, tmp_path: Path, spoil: Spoil
) -> None:
    token, before = begun.token(**SENDS_ALL), facts_in(begun)
    copy(file_of(begun), tmp_path / "backup")

    spoil(begun)
    wait()
    refused = [send(begun, token, event(number)) for number in (2, 3)]
    told = facts_in(begun)
    copy(tmp_path / "backup", file_of(begun))
    wait()
    taken = send(begun, token, event(2))

    assert [each.status_code for each in refused] == [503, 503]
    assert {each.headers["Retry-After"] for each in refused} == {"5"}
    assert (told, taken.status_code) == (before, 201)


def test_whoever_writes_is_told_to_tell_the_operator(begun: World) -> None:
    token = begun.token(**SENDS_ALL)

    delete(begun)
    wait()
    refused = send(begun, token, event(2))

    assert refused.json["code"] == "index_key_lost"
    assert "tell the operator" in refused.json["detail"]


def test_no_draft_is_kept_under_another_key_store(begun: World) -> None:
    delete(begun)
    wait()

    with pytest.raises(IndexKeyLost):
        drafts.save(
            begun.system, "an", "self", owner="member-an", scope="2026", fields={"text": "Tốt"}
        )

    assert begun.system.keys.count() == 0  # nor was a key made


class Away(KeyStore):
    """A key store whose database does not answer."""

    def __init__(self) -> None: ...

    def keys(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        raise StoreUnavailable(str(pairs))


def test_a_key_store_that_is_away_stops_nothing_that_needs_no_key(begun: World) -> None:
    system = replace(begun.system, keys=Away())

    IndexKeyWatch(system).require()

    with pytest.raises(StoreUnavailable):
        system.check_index_key()
