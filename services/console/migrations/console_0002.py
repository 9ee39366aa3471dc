"""What operators have done, and which masked fields they may see for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "console_0002"
down_revision = "console_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the audit log and the list of what is unmasked."""
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text),
        sa.Column("event_id", sa.Uuid),
        sa.Column("purpose", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("details", JSONB, nullable=False, server_default=sa.text("'{}'")),
        comment="What operators have done, and why: rows are added and never changed",
    )
    op.create_index("audit_about", "audit", ["about"], postgresql_where=sa.text("about is not null"))
    op.create_table(
        "unmasked",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("until", moment, nullable=False),
        comment="Which masked field of which event an operator may see, and how long",
    )


def downgrade() -> None:
    """Forget what was done."""
    op.drop_table("unmasked")
    op.drop_table("audit")
