"""The public calendar: a read model with a history of its own, which can be dropped and read anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "calendar_0001"
down_revision = None
branch_labels = ("calendar",)
depends_on = None


def upgrade() -> None:
    """Make what the calendar is looked through by, what it tells, and when."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "calendar_provider",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        comment="Who runs what the calendar shows",
    )
    op.create_table(
        "calendar_activity",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sinks", sa.Boolean, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("confirmed", moment, nullable=False),
        sa.Column("next_starts", moment),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("interests", ARRAY(sa.Text), nullable=False),
        sa.Column("languages", ARRAY(sa.Text), nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("kronor", sa.Integer),
        sa.Column("from_age", sa.SmallInteger),
        sa.Column("to_age", sa.SmallInteger),
        sa.Column("search", TSVECTOR, nullable=False),
        comment="What the calendar is looked through by; suggested and hidden activities too",
    )
    order, shown = ["sinks", "next_starts", "activity"], sa.text("status = 'published'")
    op.create_index("calendar_order", "calendar_activity", order, postgresql_where=shown)
    for column in ("area", "category"):
        op.create_index(
            f"calendar_by_{column}", "calendar_activity", [column, *order], postgresql_where=shown
        )
    op.create_index("calendar_by_provider", "calendar_activity", ["provider", *order])
    for name, column in (("interest", "interests"), ("language", "languages"), ("words", "search")):
        op.create_index(
            f"calendar_by_{name}",
            "calendar_activity",
            [column],
            postgresql_using="gin",
            postgresql_where=shown,
        )
    op.create_table(
        "calendar_told",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("told", JSONB, nullable=False),
        comment="What is said of each activity to everybody",
    )
    op.create_table(
        "calendar_session",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("starts", moment, nullable=False),
        sa.Column("ends", moment, nullable=False),
        sa.Column("weekday", sa.SmallInteger, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("changed", moment, nullable=False),
        sa.Column("venue", JSONB),
        comment="When activities take place",
    )
    op.create_index("calendar_session_of_activity", "calendar_session", ["activity", "starts"])
    op.create_index("calendar_session_by_code", "calendar_session", ["code"])
    op.create_index(
        "calendar_session_by_time",
        "calendar_session",
        ["starts", "activity", "weekday"],
        postgresql_where=sa.text("not cancelled"),
    )


def downgrade() -> None:
    """Forget the calendar; the events still hold it."""
    for table in ("calendar_session", "calendar_told", "calendar_activity", "calendar_provider"):
        op.drop_table(table)
