"""The log, in partitions that whoever writes to it makes, and how far it has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "console_0001"
down_revision = None
branch_labels = ("console",)
depends_on = None


def upgrade() -> None:
    """Make the tables and the one row of `log_end`."""
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "log",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("referral", sa.Text),
        sa.Column("person", sa.Text),
        sa.Column("organisation", sa.Text),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("causation", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("time", moment, nullable=False),
        sa.Column("recorded", moment, nullable=False),
        sa.Column("shown", JSONB, nullable=False),
        comment="Every event of every service as operators see it, a partition for each month",
        postgresql_partition_by="range (position)",
    )
    op.create_index("log_event_id", "log", ["event_id"])
    op.create_index("log_type", "log", ["type", "position"])
    op.create_index("log_organisation_type", "log", ["organisation", "type", "position"])
    op.create_index("log_organisation", "log", ["organisation", "position"])
    op.create_index("log_correlation", "log", ["correlation", "position"])
    for name in ("referral", "person", "reference", "outcome"):
        where = sa.text(f"{name} is not null")
        op.create_index(f"log_{name}", "log", [name, "position"], postgresql_where=where)
    op.create_index("log_causation", "log", ["causation"], postgresql_where=sa.text("causation is not null"))
    op.create_table(
        "log_field",
        sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        comment="Which coded values an event holds, to be looked for; a partition for each month",
        postgresql_partition_by="range (position)",
    )
    op.create_table(
        "gathered",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("lane", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        comment="How far each lane of each service is in the log",
    )
    op.create_table(
        "log_doubt",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("lane", sa.Text, primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("noticed", moment, nullable=False, server_default=sa.func.now()),
        comment="Lanes whose numbers are not as they should be: events lost, a table older than the log",
    )
    end = op.create_table(
        "log_end",
        sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.text("true")),
        sa.Column("position", sa.BigInteger, nullable=False),
        comment="The last position given, in one row",
    )
    op.bulk_insert(end, [{"position": 0}])


def downgrade() -> None:
    """Forget the log; the services' event tables hold everything."""
    for name in ("log_end", "log_doubt", "gathered", "log_field", "log"):
        op.drop_table(name)
