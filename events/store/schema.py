"""Bring a database to the tables that this program needs.

Only migrating loads Alembic: every command asks for the revision, and would wait for it.
"""

import functools
from pathlib import Path

import sqlalchemy as sa

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
            if found is None or found in revisions()
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
def revisions() -> tuple[str, ...]:
    """Return all revisions that this program can bring further, the oldest first.

    The file of each begins with its name, and they are counted.
    """
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(each.name.partition("_")[0] for each in files))


def needed_revision() -> str:
    return revisions()[-1]


def _upgrade(transaction: Transaction) -> None:
    transaction.lead(MIGRATION_LOCK)
    found = _revision(transaction)
    if found == needed_revision():
        return
    if found is not None and found not in revisions():
        raise SchemaOutdated(found, needed_revision())
    from alembic import command, config  # noqa: PLC0415 - see above

    told = config.Config()
    told.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    told.attributes["transaction"] = transaction
    command.upgrade(told, "head")


def _revision(transaction: Transaction) -> str | None:
    """Return what Alembic wrote down last, or None in a database without tables."""
    if not sa.inspect(transaction.connection).has_table("alembic_version"):
        return None
    rows = transaction.rows("SELECT version_num FROM alembic_version")
    return str(rows[0][0]) if rows else None
