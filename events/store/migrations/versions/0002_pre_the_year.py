"""The year: accounts and their sessions, drafts, evidence files, tiles of the tree.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    make_access_tables()
    make_vault_tables()
    make_tile_table()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE TRIGGER tiles_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON tiles
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""")
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER tiles_no_{change.lower()} BEFORE {change} ON tiles
            BEGIN SELECT RAISE(ABORT, 'rows of tiles are never changed'); END""")


def make_access_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("preferences", sa.Text, nullable=False),
        sa.Column("createdat", sa.BigInteger, nullable=False),
        sa.Column("disabledat", sa.BigInteger),
        sa.UniqueConstraint("login", name="accounts_login"),
        sa.UniqueConstraint("member_id", name="accounts_member"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("createdat", sa.BigInteger, nullable=False),
        sa.Column("seenat", sa.BigInteger, nullable=False),
        sa.Column("expiresat", sa.BigInteger, nullable=False),
    )
    op.create_index("sessions_account", "sessions", ["account_id"])
    op.create_table(
        "attempts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("lastat", sa.BigInteger, nullable=False),
    )


def make_vault_tables() -> None:
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


def make_tile_table() -> None:
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
