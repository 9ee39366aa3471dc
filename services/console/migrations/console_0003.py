"""From which account at a machine something was done, where the name is a claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "console_0003"
down_revision = "console_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    op.add_column("audit", sa.Column("account", sa.Text))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("audit", "account")
