"""Bring a database to the tables that this program needs, and open it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from events.errors import TusoiError
from events.store.database import Database, Transaction
from events.store.postgresql import PostgresDatabase
from events.store.sqlite import SqliteDatabase

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaOutdated(TusoiError):
    """The database has other tables than this program needs."""

    code = "schema_outdated"

    def __init__(self, found: str | None, needed: str | None) -> None:
        super().__init__(
            f"the database is at revision {found or 'none'}, this program needs {needed}: "
            "run `tusoi migrate`"
        )
        self.found = found
        self.needed = needed


def open_database(url: str) -> Database:
    """Return the database at an address: `sqlite:///path` or `postgresql+psycopg://…`.

    Raises:
        ValueError: another kind of database.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return SqliteDatabase(Path(parsed.database))
    if parsed.get_backend_name() == "postgresql":
        return PostgresDatabase(
            parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        )
    raise ValueError("TUSOI_DATABASE_URL must begin with sqlite:/// or postgresql://")


def migrate(database: Database) -> str:
    """Bring the tables up to date and return their revision, which was perhaps reached before."""
    database.transact(_upgrade)
    return needed_revision()


def require_current(database: Database) -> None:
    """Raise SchemaOutdated unless the tables are those that this program needs."""
    found, needed = database.read(_revision), needed_revision()
    if found != needed:
        raise SchemaOutdated(found, needed)


def needed_revision() -> str:
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _upgrade(transaction: Transaction) -> None:
    if transaction.connection.dialect.name == "postgresql":
        transaction.rows(
            "SELECT pg_advisory_xact_lock(?::int8)", (7_562,)
        )  # one migrates at a time
    config = _config()
    config.attributes["connection"] = transaction.connection
    command.upgrade(config, "head")


def _revision(transaction: Transaction) -> str | None:
    return MigrationContext.configure(transaction.connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
