"""The log and the year: every table, and what the database itself refuses.

Revision ID: 0001
Revises:
"""

import hashlib

import sqlalchemy as sa
from alembic import op

from events.store.database import Transaction
from events.store.tables import Place

revision = "0001"
down_revision = None

IMMUTABLE = ("events", "log", "checkpoints", "tiles")


def upgrade() -> None:
    make_log_tables()
    make_vault_tables()
    make_subscriber_tables()
    make_access_tables()
    transaction = under_way()
    transaction.prepare_appends()
    for table in IMMUTABLE:
        transaction.refuse_changes(table)
    empty = (1, 0, hashlib.sha256(b"").digest(), b"", 0)
    transaction.run(
        "INSERT INTO head (id, size, root, edge, sequencedat) VALUES (?, ?, ?, ?, ?)", empty
    )


def under_way() -> Transaction:
    """Return the transaction that this migration runs in; it knows what its database can."""
    config = op.get_context().config
    assert config is not None
    transaction = config.attributes["transaction"]
    assert isinstance(transaction, Transaction)
    return transaction


def make_log_tables() -> None:
    op.create_table(
        "events",
        sa.Column("arrival", Place, sa.Identity(cache=1), primary_key=True),
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
        sa.Column("arrival", Place, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "log",
        sa.Column("position", Place, primary_key=True, autoincrement=False),
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
        sa.Column("link", sa.Text, nullable=False),
    )
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
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
        "retold",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("heldat", sa.BigInteger, nullable=False),
        sa.Column("recordedat", sa.BigInteger, nullable=False),
        sa.Column("toldat", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("request_digest", sa.LargeBinary),
    )
    op.create_index("retold_stream", "retold", ["stream"])
    op.create_index("retold_toldat", "retold", ["toldat"])
    op.create_table(
        "documents",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("author", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
        sa.Column("savedat", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("commitment", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mediatype", sa.Text, nullable=False),
        sa.Column("header", sa.LargeBinary, nullable=False),
        sa.Column("storedat", sa.BigInteger, nullable=False),
    )
    op.create_index("files_owner_scope", "files", ["owner", "scope"])
    op.create_table(
        "chunks",
        sa.Column("commitment", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
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
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("digest", name="tokens_digest"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("member_id", sa.Text),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("createdat", sa.BigInteger, nullable=False),
        sa.Column("disabledat", sa.BigInteger),
        sa.Column("stoppedat", sa.BigInteger),
        sa.Column("tree", sa.Text),
        sa.Column("box", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("digest", name="accounts_digest"),
        sa.UniqueConstraint("member_id", name="accounts_member"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("createdat", sa.BigInteger, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
    )
    op.create_index("sessions_account", "sessions", ["account_id"])
    op.create_table(
        "attempts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("lastat", sa.BigInteger, nullable=False),
    )
    op.create_index("attempts_lastat", "attempts", ["lastat"])
