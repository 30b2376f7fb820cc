"""The log: events, their order, the vault, documents, subscribers, tokens.

Revision ID: 0001
Revises:
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

IMMUTABLE = ("events", "log", "checkpoints")

# In SQLite only an INTEGER primary key is the row's own number; any other costs a second index.
PLACE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    make_log_tables()
    make_vault_tables()
    make_subscriber_tables()
    make_access_tables()
    if op.get_bind().dialect.name == "postgresql":
        guard_postgresql()
    else:
        guard_sqlite()
    op.get_bind().exec_driver_sql(
        "INSERT INTO head (id, size, root, edge, sequencedat) VALUES (1, 0, {0}, {1}, 0)".format(
            *(("'\\x{}'::bytea", "''::bytea") if postgresql() else ("x'{}'", "x''"))
        ).format(hashlib.sha256(b"").hexdigest())
    )


def postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def make_log_tables() -> None:
    arrival = [sa.Identity(always=False, cache=1)] if postgresql() else []
    op.create_table(
        "events",
        sa.Column("arrival", PLACE, *arrival, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("request_digest", sa.LargeBinary),
        sa.UniqueConstraint("stream", "version", name="events_stream_version"),
        sa.UniqueConstraint("id", "source", name="events_source_id"),
    )
    op.create_table(
        "pending",
        sa.Column("arrival", PLACE, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "log",
        sa.Column("position", PLACE, primary_key=True, autoincrement=False),
        sa.Column("arrival", sa.BigInteger, nullable=False),
        sa.Column("sequencedat", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("arrival", name="log_arrival"),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("edge", sa.LargeBinary, nullable=False),
        sa.Column("sequencedat", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="head_one_row"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("origin", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signedat", sa.BigInteger, nullable=False),
    )


def make_vault_tables() -> None:
    op.create_table(
        "texts",
        sa.Column("commitment", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
    )
    op.create_index("texts_owner_scope", "texts", ["owner", "scope"])
    op.create_table(
        "numbers",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
    )
    op.create_index("numbers_id", "numbers", ["id"])
    op.create_table(
        "documents",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def make_subscriber_tables() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("build", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("serving", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parked",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("build", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("parkedat", sa.BigInteger, nullable=False),
    )
    op.create_index("parked_stream", "parked", ["name", "build", "stream"])


def make_access_tables() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("grants", sa.Text, nullable=False),
        sa.Column("createdat", sa.BigInteger, nullable=False),
        sa.Column("revokedat", sa.BigInteger),
        sa.UniqueConstraint("digest", name="tokens_digest"),
    )


def guard_postgresql() -> None:
    """Refuse every change of what is immutable, and keep the queue of pending rows slim."""
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$""")
    for table in IMMUTABLE:
        op.execute(f"""
            CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""")
    op.execute("""
        ALTER TABLE pending SET (autovacuum_vacuum_scale_factor = 0,
            autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)""")


def guard_sqlite() -> None:
    """Refuse every change of what is immutable, and let no event be without its pending row."""
    op.execute("""
        CREATE TRIGGER events_are_pending AFTER INSERT ON events
        BEGIN INSERT INTO pending (arrival) VALUES (NEW.arrival); END""")
    for table in IMMUTABLE:
        for change in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END""")
