"""Who is signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of sessions."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("opened", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("seen", moment, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("session_actor", "session", ["actor", "role"])


def downgrade() -> None:
    """Everybody is signed out."""
    op.drop_table("session")
