"""Stores and key stores on every database."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

import pytest

from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.context import Context
from tests.support.databases import KINDS, empty_address, hasty_address, laid_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.key_stores import MASTER, OpenKeys
from tests.support.lived import Lives, Reached, Y
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
def lives_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    with closing(Lives(tmp_path_factory.mktemp("lives"))) as lives:
        yield lives


@pytest.fixture(scope="session")
def lives_on_postgresql(
    postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lives]:
    with closing(Lives(tmp_path_factory.mktemp("lives"), postgresql)) as lives:
        yield lives


@pytest.fixture(params=KINDS)
def reached(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Reached]:
    """Gives the commune's year on one of its days: lived once, and copied for each test."""
    lives: Lives = request.getfixturevalue(f"lives_on_{request.param}")
    with ExitStack() as stack:

        def go_on(years: type[Y], day: date) -> Y:
            year = stack.enter_context(lives.of(years).gone_on(day, tmp_path, clock))
            assert isinstance(year, years)
            return year

        yield go_on


@pytest.fixture
def met(reached: Reached) -> PartyYears:
    """The commune's party year once its units wrote and met."""
    return reached(PartyYears, HELD)


@pytest.fixture
def year(context: Context, clock: FixedClock) -> Year:
    """The demo's commune, before its year."""
    clock.time = BEFORE
    return Year(context, clock)


@pytest.fixture(params=KINDS)
def lived_year(request: pytest.FixtureRequest) -> Year:
    """The demo's commune after its year, for whoever only looks at it."""
    lives: Lives = request.getfixturevalue(f"lives_on_{request.param}")
    return lives.of(Year).whole()
