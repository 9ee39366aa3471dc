"""Alembic's environment for every history of ours: the connection and the history come from `migrate.py`."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
history = context.config.attributes["history"]

context.configure(
    connection=connection,
    version_table=history.version_table,
    version_table_schema=history.schema,
)
# The caller's transaction spans every history and holds the lock; nothing is committed here.
with context.begin_transaction():
    context.run_migrations()
