"""Alembic's entry: migrations run in the transaction that they are given."""

from alembic import context

context.configure(connection=context.config.attributes["transaction"].connection)
context.run_migrations()
