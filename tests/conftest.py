"""Servers that tests share, servers of their own, and how hard Hypothesis looks."""

import itertools
import os
import signal
from collections.abc import Iterator

import pytest
import redis
from hypothesis import settings

from tests.support.servers import PostgreSQL, Valkey

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=300, derandomize=True, print_blob=True, deadline=None)
settings.register_profile("nightly", max_examples=10_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)

_databases = itertools.count(1)


def pytest_sessionstart() -> None:
    """A SIGTERM ends the tests as Ctrl-C does, so that it too leaves no server behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running server for all tests of this process. Who kills it takes `own_postgresql`."""
    server = PostgreSQL().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A running server for all tests of this process. Who kills it takes `own_valkey`."""
    server = Valkey().start()
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty database; afterwards it goes, even if somebody is still connected."""
    name = f"test_{next(_databases)}"
    with postgresql.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgresql.url_of(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    """An empty Valkey."""
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A running server for one test, which may kill it."""
    server = PostgreSQL().start()
    yield server
    server.stop()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """A running server for one test, which may kill it."""
    server = Valkey().start()
    yield server
    server.stop()
