"""Whom to write as, whom to tell how, and what the couriers carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "notify_0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _carried() -> list[sa.Column[object]]:
    return [
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("referral_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("holder", sa.Uuid),
        sa.Column("held_until", _MOMENT),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", _MOMENT),
    ]


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="How each organisation hears back, as the referral service says",
    )
    op.create_table(
        "link_worker",
        sa.Column("worker", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        comment="Who signs a message, as the navigator says",
    )
    op.create_table(
        "message",
        sa.Column("message_id", sa.Text, primary_key=True),
        *_carried(),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        sa.UniqueConstraint("cause", "person", "template", name="one_message_for_each_cause"),
        comment="Messages to the person; a row stays, so that none is ever queued twice",
    )
    op.create_index("message_to_carry", "message", ["number"], postgresql_where=sa.text("state <> 'over'"))
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Text, primary_key=True),
        *_carried(),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("text", sa.Text),
        comment="What referrers are to be told",
    )
    op.create_index("feedback_to_carry", "feedback", ["number"], postgresql_where=sa.text("state <> 'over'"))
    op.create_index(
        "feedback_of_referral",
        "feedback",
        ["referral_id", "number"],
        postgresql_where=sa.text("state <> 'over'"),
    )


def downgrade() -> None:
    """Forget what is to be carried; the events still hold it."""
    for table in ("feedback", "message", "link_worker", "organisation"):
        op.drop_table(table)
