"""The databases that contract tests run on: every one that an address can name."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Self, TypeVar

import pytest
import sqlalchemy as sa

from events.store import schema
from events.store.address import DATABASES, open_database
from events.store.database import Database, Transaction

T = TypeVar("T")

_UNGUARD = {
    "sqlite": ("DROP TRIGGER IF EXISTS {0}_no_update", "DROP TRIGGER IF EXISTS {0}_no_delete"),
    "postgresql": ("ALTER TABLE {0} DISABLE TRIGGER ALL",),
}
KINDS = tuple(DATABASES)  # the parameters of a fixture that is to be there on each


def empty_address(request: pytest.FixtureRequest, file: Path) -> str:
    """Return the address of an empty database of the kind that a fixture was asked for.

    One that needs a server has a fixture `<kind>_url`.
    """
    kind: str = request.param
    if DATABASES[kind]().embedded:
        return hasty_address(file)
    address: str = request.getfixturevalue(f"{kind}_url")
    return address


def laid_address(request: pytest.FixtureRequest, file: Path) -> str:
    """Return the address of a database as `empty_address` does, with all tables laid."""
    kind: str = request.param
    if DATABASES[kind]().embedded:
        lay_tables(file)
        return hasty_address(file)
    address: str = request.getfixturevalue(f"laid_{kind}_url")
    return address


_migrated: list[bytes] = []  # the file that this process migrated first


def lay_tables(file: Path) -> None:
    """Make an empty log on SQLite: one is migrated in each process, the others are its copies."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _migrated:
        with closing(open_database(f"sqlite:///{file}")) as database:
            schema.migrate(database)
        _migrated.append(file.read_bytes())
    file.write_bytes(_migrated[0])


def hasty(folder: Path) -> dict[str, str]:
    """Return an environment whose databases in a folder wait for no disk."""
    files = {"TUSOI_DATABASE_URL": "tusoi.db", "TUSOI_KEYS_URL": "keys.db"}
    addresses = {name: hasty_address(folder / file) for name, file in files.items()}
    return {"TUSOI_DATA_DIR": str(folder)} | addresses


def hasty_address(file: Path) -> str:
    """Return the address of a database on SQLite that waits for no disk."""
    return f"sqlite:///{file}?synchronous=off"


def let_change(transaction: Transaction, *names: str) -> None:
    """Let rows of guarded tables be changed, as by somebody with the database's password."""
    for name in names:
        for sql in _UNGUARD[transaction.connection.dialect.name]:
            transaction.run(sql.format(name))


class Wrapped(Database):
    """Passes everything on; a test has it do one thing otherwise."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.engine = database.engine

    @classmethod
    def at(cls, url: sa.URL) -> Self:
        raise NotImplementedError

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._database.transact(work)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._database.read(work)

    def scrub(self) -> None:
        self._database.scrub()

    def close(self) -> None:
        self._database.close()
