"""Servers that tests share, servers of their own, and how hard Hypothesis looks."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis
from argon2 import PasswordHasher
from hypothesis import settings

from events.store import schema
from events.store.address import open_database
from services.access import passwords
from tests.support.lived_folders import LivedFolders
from tests.support.servers import PostgreSQL, Valkey

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=300, derandomize=True, print_blob=True, deadline=None)
settings.register_profile("nightly", max_examples=10_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)

TESTS, MIGRATED = "tests", "migrated"  # databases of the server that tests share


def pytest_sessionstart() -> None:
    """A SIGTERM ends the tests as Ctrl-C does, so that it too leaves no server behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def hasty_passwords() -> Iterator[None]:
    """Passwords are hashed as fast as Argon2 allows, for it is made to be slow.

    Processes that tests start hash as everybody's do, and one test looks at how strong that is.
    """
    weak = PasswordHasher(1, 8, 1, passwords.HASH_BYTES, passwords.SALT_BYTES)
    nobodys = f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", weak)
        patched.setattr(passwords, "NOBODYS", nobodys)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running server for all tests of this process. Who kills it takes `own_postgresql`."""
    server = PostgreSQL(durable=False).start()
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {TESTS}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def lived_folders(tmp_path_factory: pytest.TempPathFactory) -> LivedFolders:
    """The commune on days of its years, shared by all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    return LivedFolders(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A running server for all tests of this process. Who kills it takes `own_valkey`."""
    server = Valkey().start()
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty database; it is emptied afterwards, even if somebody is still connected."""
    yield postgresql.url_of(TESTS)
    postgresql.clear(TESTS)


@pytest.fixture(scope="session")
def tables_of_postgresql(postgresql: PostgreSQL) -> str:
    """The statements that lay all tables: those that were migrated once in this process."""
    with postgresql.connect() as connection:
        connection.execute(f"CREATE DATABASE {MIGRATED}")
    with closing(open_database(postgresql.url_of(MIGRATED))) as database:
        schema.migrate(database)
    return postgresql.dump(MIGRATED)


@pytest.fixture
def laid_postgresql_url(
    postgresql: PostgreSQL, postgresql_url: str, tables_of_postgresql: str
) -> str:
    """A database with all tables and nothing in them."""
    with postgresql.connect(TESTS) as connection:
        connection.execute(tables_of_postgresql)
    return postgresql_url


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
