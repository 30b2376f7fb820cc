"""The key store on both databases: a key is durable before it is used, and gone once destroyed."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.errors import StoreUnavailable
from events.store.key_cache import CACHED_KEYS_MAX, KeyCache
from events.store.keys import KeyDestroyed, KeyStore
from events.vault.sealing import KEY_BYTES
from events.vault.wrapping import KeyDamaged, WrongMasterKey
from tests.support.fakes import SeededChance

MASTER = SeededChance(1).bytes(32)
OTHER_MASTER = SeededChance(2).bytes(32)
IDENTITY = ("member-a", "identity")
YEAR = ("member-a", "2025")
NEIGHBOUR = ("member-b", "2025")
RIVALS = 6
A_MOMENT_SECONDS = 0.3  # long enough for a thread to come to where it waits

OpenStore = Callable[..., KeyStore]


class DryChance:
    """Chance that runs dry after so many draws."""

    def __init__(self, draws: int) -> None:
        self.draws = draws

    def bytes(self, count: int) -> bytes:
        self.draws -= 1
        if self.draws < 0:
            raise OSError("no chance left")
        return bytes(count)


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


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a key store that nobody has opened yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/keys.db"
    address: str = request.getfixturevalue("postgresql_url")
    return address


@pytest.fixture
def open_store(url: str) -> Iterator[OpenStore]:
    """Opens the store; each opening stands for a process of its own."""
    with ExitStack() as stack:
        seeds = iter(range(100, 1_000))

        def opened(*, master: bytes = MASTER, cache_seconds: float = 3_600) -> KeyStore:
            chance = SeededChance(next(seeds))
            store = KeyStore(url, master=master, chance=chance, cache_seconds=cache_seconds)
            return stack.enter_context(closing(store))

        yield opened


@pytest.fixture
def store(open_store: OpenStore) -> KeyStore:
    return open_store()


@contextmanager
def behind_its_back(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_key_once_made_is_the_key_for_every_process(open_store: OpenStore) -> None:
    made = open_store().ensure([IDENTITY, YEAR])

    assert open_store().ensure([YEAR, IDENTITY]) == made
    assert open_store().keys([YEAR]) == {YEAR: made[YEAR]}
    assert {len(key) for key in made.values()} == {KEY_BYTES}


def test_each_owner_and_scope_has_a_key_of_its_own(store: KeyStore) -> None:
    made = store.ensure([IDENTITY, YEAR, NEIGHBOUR])

    assert len(set(made.values())) == 3
    assert store.count() == 3


def test_asking_for_keys_makes_none(store: KeyStore) -> None:
    assert store.keys([IDENTITY, YEAR]) == {}
    assert store.count() == 0


def test_pair_asked_for_twice_has_one_key(store: KeyStore) -> None:
    assert store.ensure([YEAR, YEAR]) == store.ensure([YEAR])
    assert store.ensure([]) == {}
    assert store.count() == 1


def test_thousands_of_keys_are_made_and_found_at_once(open_store: OpenStore) -> None:
    pairs = [(f"member-{number}", scope) for number in range(2_000) for scope in ("2025", "2026")]

    made = open_store().ensure(pairs)

    assert open_store().keys(pairs) == made
    assert len(set(made.values())) == len(pairs)


def test_keys_are_made_together_or_not_at_all(url: str) -> None:
    with closing(KeyStore(url, master=MASTER, chance=DryChance(3))) as store:
        with pytest.raises(OSError, match="no chance left"):
            store.ensure([IDENTITY, YEAR, NEIGHBOUR])

        assert store.count() == 0


def test_keys_are_made_in_order_so_that_a_seed_gives_them_again(url: str) -> None:
    pairs = {(f"member-{number}", "2025") for number in range(50)}
    chance = RememberedChance()

    with closing(KeyStore(url, master=MASTER, chance=chance)) as store:
        made = store.ensure(pairs)

    assert [made[pair] for pair in sorted(pairs)] == chance.keys


def test_processes_that_make_the_same_keys_at_once_get_the_same(open_store: OpenStore) -> None:
    stores = [open_store() for _ in range(RIVALS)]
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


def test_processes_may_open_a_new_store_at_once(open_store: OpenStore) -> None:
    together = threading.Barrier(RIVALS)

    def open_and_count(_: int) -> int:
        together.wait()
        return open_store().count()

    with ThreadPoolExecutor(RIVALS) as pool:
        counts = list(pool.map(open_and_count, range(RIVALS)))

    assert counts == [0] * RIVALS


def test_destroyed_key_is_gone_and_never_made_again(store: KeyStore) -> None:
    kept = store.ensure([IDENTITY, YEAR, NEIGHBOUR])

    destroyed = store.destroy(*YEAR)

    assert destroyed == 1
    assert store.keys(kept) == {pair: kept[pair] for pair in (IDENTITY, NEIGHBOUR)}
    assert store.count() == 2
    with pytest.raises(KeyDestroyed, match="member-a for 2025") as refused:
        store.ensure([YEAR])
    assert (refused.value.owner, refused.value.scope) == YEAR
    assert store.destroy(*YEAR) == 0


def test_destroyed_owner_loses_every_scope_and_gets_no_new_one(open_store: OpenStore) -> None:
    store = open_store()
    kept = store.ensure([IDENTITY, YEAR, NEIGHBOUR])

    destroyed = store.destroy("member-a")

    assert destroyed == 2
    assert store.keys(kept) == {NEIGHBOUR: kept[NEIGHBOUR]}
    for pair in (IDENTITY, YEAR, ("member-a", "2031")):
        with pytest.raises(KeyDestroyed):
            open_store().ensure([pair])
    assert store.count() == 1


def test_scope_destroyed_before_it_had_a_key_never_gets_one(store: KeyStore) -> None:
    assert store.destroy(*YEAR) == 0

    with pytest.raises(KeyDestroyed):
        store.ensure([YEAR])
    assert store.ensure([IDENTITY]).keys() == {IDENTITY}


def test_key_that_is_being_made_is_destroyed_with_its_owner(url: str, store: KeyStore) -> None:
    made = store.ensure([NEIGHBOUR])

    with ThreadPoolExecutor(1) as pool:
        with behind_its_back(url) as connection:
            connection.execute(
                sa.text("INSERT INTO keys SELECT 'member-a', scope, wrapped FROM keys")
            )
            destroyed = pool.submit(store.destroy, "member-a")
            waited = wait([destroyed], A_MOMENT_SECONDS).not_done

        assert waited
        assert destroyed.result() == 1
    assert store.keys([YEAR, NEIGHBOUR]) == made


def test_key_destroyed_during_a_rotation_stays_destroyed(url: str, store: KeyStore) -> None:
    store.ensure([IDENTITY, YEAR])

    with ThreadPoolExecutor(1) as pool:
        with behind_its_back(url) as connection:
            connection.execute(sa.text("UPDATE keys SET wrapped = NULL WHERE scope = '2025'"))
            rewrapped = pool.submit(store.rewrap_all, OTHER_MASTER)
            waited = wait([rewrapped], A_MOMENT_SECONDS).not_done

        assert waited
        assert rewrapped.result() == 1
    assert store.check() == (1, [])


def test_row_of_a_destroyed_key_holds_no_key(url: str, store: KeyStore) -> None:
    store.ensure([YEAR])

    store.destroy(*YEAR)

    with behind_its_back(url) as connection:
        rows = connection.execute(sa.text("SELECT owner, scope, wrapped FROM keys")).all()
    assert rows == [(*YEAR, None)]


def test_key_destroyed_elsewhere_is_forgotten_after_a_while(open_store: OpenStore) -> None:
    forgetful, remembering, eraser = open_store(cache_seconds=0), open_store(), open_store()
    made = [each.ensure([YEAR]) for each in (forgetful, remembering)]

    eraser.destroy(*YEAR)

    assert made[0] == made[1]
    assert forgetful.keys([YEAR]) == {}
    with pytest.raises(KeyDestroyed):
        forgetful.ensure([YEAR])
    assert remembering.keys([YEAR]) == made[1]  # until CACHE_SECONDS have passed


def test_key_destroyed_while_it_was_read_is_not_remembered() -> None:
    cache = KeyCache(3_600)

    _, drops = cache.get([YEAR])
    cache.drop("member-b", None)
    cache.put({YEAR: b"read before the drop"}, drops)

    assert cache.get([YEAR])[0] == {}


def test_keys_used_least_lately_leave_a_full_cache() -> None:
    cache = KeyCache(3_600)
    _, drops = cache.get([])
    cache.put({IDENTITY: b"used all the time", YEAR: b"used once"}, drops)
    others = {(f"member-{number}", "2025"): b"" for number in range(CACHED_KEYS_MAX - 1)}

    cache.get([IDENTITY])
    cache.put(others, drops)

    assert cache.get([IDENTITY, YEAR])[0] == {IDENTITY: b"used all the time"}


def test_wrong_master_key_opens_nothing_and_makes_nothing(open_store: OpenStore) -> None:
    made = open_store().ensure([YEAR])
    wrong = open_store(master=OTHER_MASTER)

    for refused in (wrong.keys, wrong.ensure):
        with pytest.raises(WrongMasterKey):
            refused([YEAR])
    with pytest.raises(WrongMasterKey):
        wrong.ensure([NEIGHBOUR])
    assert wrong.check() == (0, [YEAR])
    assert open_store().keys([YEAR, NEIGHBOUR]) == made


def test_rotated_keys_stay_the_same_under_the_new_master_key(open_store: OpenStore) -> None:
    rotating = open_store()
    made = rotating.ensure([IDENTITY, YEAR, NEIGHBOUR])
    rotating.destroy(*YEAR)
    del made[YEAR]

    rewrapped = rotating.rewrap_all(OTHER_MASTER)

    assert rewrapped == 2
    assert open_store(master=OTHER_MASTER).keys([IDENTITY, YEAR, NEIGHBOUR]) == made
    assert rotating.ensure([("member-c", "2025")])
    assert open_store(master=OTHER_MASTER).check() == (3, [])
    with pytest.raises(WrongMasterKey):
        open_store().keys([IDENTITY])


def test_process_left_behind_by_a_rotation_makes_no_keys(open_store: OpenStore) -> None:
    left_behind, rotating = open_store(), open_store()
    left_behind.ensure([YEAR])

    rotating.rewrap_all(OTHER_MASTER)

    with pytest.raises(WrongMasterKey):
        left_behind.ensure([NEIGHBOUR])
    assert rotating.check() == (1, [])


def test_damaged_key_is_found_and_stops_a_rotation(url: str, store: KeyStore) -> None:
    store.ensure([IDENTITY, YEAR, NEIGHBOUR])
    with behind_its_back(url) as connection:
        connection.execute(
            sa.text(
                "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE owner = 'member-b')"
                " WHERE owner = 'member-a' AND scope = '2025'"
            )
        )

    assert store.check() == (2, [YEAR])
    with pytest.raises(KeyDamaged):
        store.rewrap_all(OTHER_MASTER)
    assert store.check() == (2, [YEAR])


def test_damaged_key_keeps_nobody_else_from_a_new_one(url: str, store: KeyStore) -> None:
    store.ensure([YEAR])
    with behind_its_back(url) as connection:
        connection.execute(sa.text("UPDATE keys SET owner = 'member-z'"))

    assert store.ensure([NEIGHBOUR]).keys() == {NEIGHBOUR}


def test_all_pages_of_a_large_store_are_checked(store: KeyStore) -> None:
    store.ensure((f"member-{number // 2}", f"{number % 2}") for number in range(2_500))

    assert store.check() == (2_500, [])


def test_master_key_of_the_wrong_length_is_refused_at_once(url: str, store: KeyStore) -> None:
    with pytest.raises(WrongMasterKey):
        KeyStore(url, master=MASTER[:16], chance=SeededChance())
    with pytest.raises(WrongMasterKey):
        store.rewrap_all(MASTER[:16])
    assert store.ensure([YEAR])


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


def test_files_hold_no_key_in_the_clear_and_nothing_of_a_destroyed_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(url, master=MASTER, chance=SeededChance())) as store:
        key = store.ensure([YEAR])[YEAR]
        with behind_its_back(url) as connection:
            wrapped = connection.execute(sa.text("SELECT wrapped FROM keys")).scalar_one()
        before = contents(tmp_path)

        store.destroy(*YEAR)

        assert key not in before
        assert wrapped in before
        assert wrapped not in contents(tmp_path)


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


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
