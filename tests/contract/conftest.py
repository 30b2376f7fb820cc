"""Stores and key stores on every database."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from events.store import schema
from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.context import Context
from tests.support.databases import KINDS, empty_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.key_stores import MASTER, OpenKeys
from tests.support.living import BEFORE, Year


@pytest.fixture(params=KINDS)
def keys_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a key store that nobody has opened yet."""
    return empty_address(request, tmp_path / "keys.db")


@pytest.fixture
def open_keys(keys_url: str) -> Iterator[OpenKeys]:
    """Opens the store; each opening stands for a process of its own."""
    with ExitStack() as stack:
        seeds = iter(range(100, 1_000))

        def opened(*, master: bytes = MASTER, cache_seconds: float = 3_600) -> KeyStore:
            chance = SeededChance(next(seeds))
            store = KeyStore(keys_url, master=master, chance=chance, cache_seconds=cache_seconds)
            return stack.enter_context(closing(store))

        yield opened


@pytest.fixture
def keys(open_keys: OpenKeys) -> KeyStore:
    return open_keys()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    """An empty log."""
    with closing(open_database(empty_address(request, tmp_path / "log.db"))) as database:
        schema.migrate(database)
        yield Store(database, clock=clock, chance=SeededChance(1))


@pytest.fixture
def postgresql_store(postgresql_url: str, clock: FixedClock) -> Iterator[Store]:
    """An empty log on PostgreSQL, for what only it can show."""
    with closing(open_database(postgresql_url)) as database:
        schema.migrate(database)
        yield Store(database, clock=clock, chance=SeededChance(1))


@pytest.fixture
def context(store: Store, clock: FixedClock, tmp_path: Path) -> Iterator[Context]:
    """What commands need at hand: the store, and keys beside it on SQLite."""
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)


@pytest.fixture
def year(context: Context, clock: FixedClock) -> Year:
    """The demo's commune, before its year."""
    clock.time = BEFORE
    return Year(context, clock)
