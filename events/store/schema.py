"""Bring a database to the tables that this program needs."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from events.errors import TusoiError
from events.store.database import Database, Transaction

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_562  # of whoever migrates


class SchemaOutdated(TusoiError):
    """The database has other tables than this program needs."""

    code = "schema_outdated"

    def __init__(self, found: str | None, needed: str | None) -> None:
        remedy = (
            "run `tusoi migrate`"
            if found is None or found in _revisions()
            else "another version made it: run that one, or begin with an empty database"
        )
        super().__init__(
            f"the database is at revision {found or 'none'}, this program needs {needed}: {remedy}"
        )
        self.found = found
        self.needed = needed


def migrate(database: Database) -> str:
    """Bring the tables up to date and return their revision, which was perhaps reached before.

    Raises:
        SchemaOutdated: another version of the program made these tables; nothing was changed.
    """
    database.transact(_upgrade)
    return needed_revision()


def require_current(database: Database) -> None:
    """Raise SchemaOutdated unless the tables are those that this program needs."""
    found, needed = database.read(_revision), needed_revision()
    if found != needed:
        raise SchemaOutdated(found, needed)


@functools.cache
def needed_revision() -> str:
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _revisions() -> frozenset[str]:
    """Return all revisions that this program can bring further."""
    return frozenset(
        each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def _upgrade(transaction: Transaction) -> None:
    transaction.lead(MIGRATION_LOCK)
    found = _revision(transaction)
    if found == needed_revision():
        return
    if found is not None and found not in _revisions():
        raise SchemaOutdated(found, needed_revision())
    config = _config()
    config.attributes["transaction"] = transaction
    command.upgrade(config, "head")


def _revision(transaction: Transaction) -> str | None:
    return MigrationContext.configure(transaction.connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
