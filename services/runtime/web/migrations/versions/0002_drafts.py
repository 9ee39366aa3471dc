"""What somebody has begun to write and not sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of drafts."""
    op.create_table(
        "draft",
        sa.Column("place", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("draft_saved", "draft", ["saved"])


def downgrade() -> None:
    """What was begun is lost."""
    op.drop_table("draft")
