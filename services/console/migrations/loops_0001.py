"""Open loops and paces, folded from the log, and how far that has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "loops_0001"
down_revision = None
branch_labels = ("loops",)
depends_on = None


def upgrade() -> None:
    """Make the tables and the one row of `loops_followed`."""
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "loop",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("whose", sa.Text),
        sa.Column("opened", moment, nullable=False),
        sa.Column("recorded", moment, nullable=False),
        sa.Column("due", moment, nullable=False),
        comment="What somebody was promised and has not had",
    )
    op.create_index("loop_due", "loop", ["due"])
    op.create_table(
        "pace",
        sa.Column("whose", sa.Text, primary_key=True),
        sa.Column("voice", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last", moment, nullable=False),
        sa.Column("gap", sa.Float),
        comment="How often each organisation and provider is heard from",
    )
    followed = op.create_table(
        "loops_followed",
        sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.text("true")),
        sa.Column("position", sa.BigInteger, nullable=False),
        comment="How far the log has been folded, in one row",
    )
    op.bulk_insert(followed, [{"position": 0}])


def downgrade() -> None:
    """Drop them; they are folded anew."""
    for name in ("loops_followed", "pace", "loop"):
        op.drop_table(name)
