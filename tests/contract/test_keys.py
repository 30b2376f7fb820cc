"""The key store on both databases: a key is durable before it is used, the same for everybody."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from events.errors import StoreUnavailable
from events.store.keys import KeyStore
from events.vault.sealing import KEY_BYTES
from events.vault.wrapping import WrongMasterKey
from tests.support.fakes import DryChance, SeededChance
from tests.support.key_stores import IDENTITY, MASTER, NEIGHBOUR, OTHER_MASTER, YEAR, OpenKeys

RIVALS = 6


class RememberedChance:
    """Chance that remembers what keys it gave."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self._chance = SeededChance()

    def bytes(self, count: int) -> bytes:
        given = self._chance.bytes(count)
        if count == KEY_BYTES:
            self.keys.append(given)
        return given


def test_key_once_made_is_the_key_for_every_process(open_keys: OpenKeys) -> None:
    made = open_keys().ensure([IDENTITY, YEAR])

    assert open_keys().ensure([YEAR, IDENTITY]) == made
    assert open_keys().keys([YEAR]) == {YEAR: made[YEAR]}
    assert {len(key) for key in made.values()} == {KEY_BYTES}


def test_each_owner_and_scope_has_a_key_of_its_own(keys: KeyStore) -> None:
    made = keys.ensure([IDENTITY, YEAR, NEIGHBOUR])

    assert len(set(made.values())) == 3
    assert keys.count() == 3


def test_asking_for_keys_makes_none(keys: KeyStore) -> None:
    assert keys.keys([IDENTITY, YEAR]) == {}
    assert keys.count() == 0


def test_pair_asked_for_twice_has_one_key(keys: KeyStore) -> None:
    assert keys.ensure([YEAR, YEAR]) == keys.ensure([YEAR])
    assert keys.ensure([]) == {}
    assert keys.count() == 1


def test_thousands_of_keys_are_made_and_found_at_once(open_keys: OpenKeys) -> None:
    pairs = [(f"member-{number}", scope) for number in range(2_000) for scope in ("2025", "2026")]

    made = open_keys().ensure(pairs)

    assert open_keys().keys(pairs) == made
    assert len(set(made.values())) == len(pairs)


def test_keys_are_made_together_or_not_at_all(keys_url: str) -> None:
    with closing(KeyStore(keys_url, master=MASTER, chance=DryChance(3))) as store:
        with pytest.raises(OSError, match="no chance left"):
            store.ensure([IDENTITY, YEAR, NEIGHBOUR])

        assert store.count() == 0


def test_keys_are_made_in_order_so_that_a_seed_gives_them_again(keys_url: str) -> None:
    pairs = {(f"member-{number}", "2025") for number in range(50)}
    chance = RememberedChance()

    with closing(KeyStore(keys_url, master=MASTER, chance=chance)) as store:
        made = store.ensure(pairs)

    assert [made[pair] for pair in sorted(pairs)] == chance.keys


def test_processes_that_make_the_same_keys_at_once_get_the_same(open_keys: OpenKeys) -> None:
    stores = [open_keys() for _ in range(RIVALS)]
    together = threading.Barrier(RIVALS)

    def make(store: KeyStore, turn: int) -> dict[tuple[str, str], bytes]:
        pairs = [(f"member-{turn}-{number}", "2025") for number in range(20)]
        together.wait()
        return store.ensure(pairs if stores.index(store) % 2 else reversed(pairs))

    with ThreadPoolExecutor(RIVALS) as pool:
        for turn in range(5):
            first, *others = pool.map(make, stores, [turn] * RIVALS)
            assert others == [first] * (RIVALS - 1)

    assert stores[0].check() == (100, [])


def test_processes_may_open_a_new_store_at_once(open_keys: OpenKeys) -> None:
    together = threading.Barrier(RIVALS)

    def open_and_count(_: int) -> int:
        together.wait()
        return open_keys().count()

    with ThreadPoolExecutor(RIVALS) as pool:
        counts = list(pool.map(open_and_count, range(RIVALS)))

    assert counts == [0] * RIVALS


def test_wrong_master_key_opens_nothing_and_makes_nothing(open_keys: OpenKeys) -> None:
    made = open_keys().ensure([YEAR])
    wrong = open_keys(master=OTHER_MASTER)

    for refused in (wrong.keys, wrong.ensure):
        with pytest.raises(WrongMasterKey):
            refused([YEAR])
    with pytest.raises(WrongMasterKey):
        wrong.ensure([NEIGHBOUR])
    assert wrong.check() == (0, [YEAR])
    assert open_keys().keys([YEAR, NEIGHBOUR]) == made


def test_master_key_of_the_wrong_length_is_refused_at_once(keys_url: str, keys: KeyStore) -> None:
    with pytest.raises(WrongMasterKey):
        KeyStore(keys_url, master=MASTER[:16], chance=SeededChance())
    with pytest.raises(WrongMasterKey):
        keys.rewrap_all(MASTER[:16])
    assert keys.ensure([YEAR])


def test_files_are_nobody_elses_to_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = KeyStore(f"sqlite:///{tmp_path}/keys.db", master=MASTER, chance=SeededChance())
        store.ensure([YEAR])
    finally:
        os.umask(old)

    with closing(store):
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}

    assert "keys.db" in modes
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    "address", ["sqlite:////nowhere/at/all/keys.db", "postgresql+psycopg://nobody@127.0.0.1:1/keys"]
)
def test_store_that_cannot_be_reached_is_unavailable(address: str) -> None:
    with pytest.raises(StoreUnavailable):
        KeyStore(address, master=MASTER, chance=SeededChance())


@pytest.mark.parametrize("address", ["sqlite://", "mysql://localhost/keys"])
def test_keys_lie_in_a_file_or_in_postgresql(address: str) -> None:
    with pytest.raises(ValueError, match="TUSOI_KEYS_URL"):
        KeyStore(address, master=MASTER, chance=SeededChance())
