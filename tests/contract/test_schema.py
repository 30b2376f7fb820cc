"""The migrations make the tables that the code knows, once, and guard what never changes."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from events.store import schema, sequencing, tables
from events.store.address import open_database
from events.store.database import Database, Transaction
from events.store.store import Store
from tests.support import facts
from tests.support.databases import KINDS, empty_address
from tests.support.fakes import FixedClock, SeededChance


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    with closing(open_database(empty_address(request, tmp_path / "empty.db"))) as database:
        yield database


def differences(transaction: Transaction) -> list[Any]:
    """Return what alembic would change, but for the tables that others own."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in tables.metadata.tables

    options = {"compare_type": True, "include_name": is_ours}
    context = MigrationContext.configure(transaction.connection, opts=options)
    return list(compare_metadata(context, tables.metadata))


def test_alembic_would_change_nothing(store: Store) -> None:
    assert store.database.transact(differences) == []


def test_alembic_would_notice(store: Store) -> None:
    store.database.transact(lambda t: t.run("DROP INDEX parked_stream"))

    assert [each[0] for each in store.database.transact(differences)] == ["add_index"]


def test_primary_keys_are_those_that_the_code_knows(store: Store) -> None:
    inspector = sa.inspect(store.database.engine)

    for table in tables.metadata.sorted_tables:
        found = inspector.get_pk_constraint(table.name)["constrained_columns"]
        assert found == [column.name for column in table.primary_key]


def test_revisions_are_those_that_alembic_finds() -> None:
    found = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()

    assert schema.revisions() == tuple(sorted(each.revision for each in found))


def test_empty_database_is_told_to_be_migrated(empty: Database) -> None:
    with pytest.raises(schema.SchemaOutdated, match="tusoi migrate") as told:
        schema.require_current(empty)

    assert (told.value.found, told.value.needed) == (None, schema.needed_revision())


def test_migration_makes_the_log_empty_and_runs_once(empty: Database) -> None:
    assert [schema.migrate(empty) for _ in range(2)] == [schema.needed_revision()] * 2

    schema.require_current(empty)
    assert empty.rows("SELECT size, sequencedat FROM head") == [(0, 0)]
    assert empty.rows("SELECT count(*) FROM alembic_version") == [(1,)]


def test_newer_database_is_not_taken_for_a_current_one(store: Store) -> None:
    store.database.transact(lambda t: t.run("UPDATE alembic_version SET version_num = '9999'"))

    for use in (schema.require_current, schema.migrate):
        with pytest.raises(schema.SchemaOutdated, match="another version made it") as told:
            use(store.database)

        assert told.value.found == "9999"


@pytest.mark.parametrize("address", ["sqlite://", "mysql://localhost/log"])
def test_log_lies_in_a_file_or_in_postgresql(address: str) -> None:
    with pytest.raises(ValueError, match="TUSOI_DATABASE_URL"):
        open_database(address)


@pytest.mark.parametrize("table", tables.IMMUTABLE)
def test_sqlite_replaces_no_row_by_an_insert(tmp_path: Path, clock: FixedClock, table: str) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/log.db")) as database:
        schema.migrate(database)
        Store(database, clock=clock, chance=SeededChance(1)).append(facts.single())
        sequencing.sequence(database, clock)
        database.transact(lambda t: t.insert(tables.checkpoints, [("x", 1, "note", 0)]))
        database.transact(lambda t: t.insert(tables.tiles, [(0, 0, b"hashes")]))
        before = database.rows(f"SELECT * FROM {table}")

        with pytest.raises(Exception, match="never changed"):
            database.transact(lambda t: t.run(f"REPLACE INTO {table} SELECT * FROM {table}"))

        assert database.rows(f"SELECT * FROM {table}") == before != []


def test_a_file_whose_address_says_so_waits_for_no_disk(tmp_path: Path) -> None:
    addresses = (f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db?synchronous=off")

    with ExitStack() as stack:
        opened = [stack.enter_context(closing(open_database(each))) for each in addresses]
        told = [each.rows("PRAGMA synchronous")[0][0] for each in opened]

    assert told == [2, 0]  # FULL and OFF
