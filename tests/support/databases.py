"""The databases that contract tests run on: every one that an address can name."""

from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import pytest
import sqlalchemy as sa

from events.store.address import DATABASES
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
    if DATABASES[kind].embedded:
        return f"{DATABASES[kind].address}{file}"
    address: str = request.getfixturevalue(f"{kind}_url")
    return address


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
    def at(cls, url: sa.URL, *, private: bool) -> Self:
        raise NotImplementedError

    def transact(self, work: Callable[[Transaction], T]) -> T:
        return self._database.transact(work)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._database.read(work)

    def scrub(self) -> None:
        self._database.scrub()

    def close(self) -> None:
        self._database.close()
