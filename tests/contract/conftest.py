"""Stores and key stores on every database."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.context import Context
from tests.support.databases import KINDS, empty_address, hasty_address, laid_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.key_stores import MASTER, OpenKeys
from tests.support.lived import Lived, context_at, gone_on, live
from tests.support.living import BEFORE, Year
from tests.support.party_years import PartyYears
from tests.support.servers import PostgreSQL
from tests.support.unit_years import HELD


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
    with closing(open_database(laid_address(request, tmp_path / "log.db"))) as database:
        yield Store(database, clock=clock, chance=SeededChance(1))


@pytest.fixture
def postgresql_store(laid_postgresql_url: str, clock: FixedClock) -> Iterator[Store]:
    """An empty log on PostgreSQL, for what only it can show."""
    with closing(open_database(laid_postgresql_url)) as database:
        yield Store(database, clock=clock, chance=SeededChance(1))


@pytest.fixture
def context(store: Store, clock: FixedClock, tmp_path: Path) -> Iterator[Context]:
    """What commands need at hand: the store, and keys beside it on SQLite."""
    address = hasty_address(tmp_path / "keys.db")
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)


@pytest.fixture(scope="session")
def met_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("met")
    return live(hasty_address(folder / "log.db"), folder, HELD)


@pytest.fixture(scope="session")
def met_on_postgresql(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    with postgresql.connect() as connection:
        connection.execute("CREATE DATABASE met")
    return live(postgresql.url_of("met"), tmp_path_factory.mktemp("met"), HELD)


@pytest.fixture(params=["sqlite", "postgresql"])
def met(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[PartyYears]:
    """The commune's party year once its units wrote and met: lived once, copied for each test."""
    lived: Lived = request.getfixturevalue(f"met_on_{request.param}")
    lived.copy_keys(tmp_path)
    if request.param == "sqlite":
        shutil.copy(lived.folder / "log.db", tmp_path)
        with gone_on(lived, hasty_address(tmp_path / "log.db"), tmp_path, clock) as year:
            yield year
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.connect() as connection:
        connection.execute("CREATE DATABASE met_again TEMPLATE met")
        with gone_on(lived, server.url_of("met_again"), tmp_path, clock) as year:
            yield year
        connection.execute("DROP DATABASE met_again WITH (FORCE)")


@pytest.fixture
def year(context: Context, clock: FixedClock) -> Year:
    """The demo's commune, before its year."""
    clock.time = BEFORE
    return Year(context, clock)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived_year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    """The demo's commune after its year, for whoever only looks at it."""
    folder, clock = tmp_path_factory.mktemp("year"), FixedClock(BEFORE)
    address = hasty_address(folder / "log.db")
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        with server.connect() as connection:
            connection.execute("CREATE DATABASE lived")
        address = server.url_of("lived")
    with context_at(address, folder, clock, seed=1) as context:
        year = Year(context, clock)
        year.live()
        yield year
