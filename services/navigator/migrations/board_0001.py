"""The board: a read model with a history of its own, which can be dropped and read anew from the events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "board_0001"
down_revision = None
branch_labels = ("board",)
depends_on = None


def upgrade() -> None:
    """Make the cards, their steps, and the names of those who took them."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "board",
        sa.Column("referral", sa.Text, primary_key=True),
        sa.Column("organisation", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("worker", sa.Text),
        sa.Column("lane", sa.Text, nullable=False, server_default="received"),
        sa.Column("mark", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("received", moment),
        sa.Column("step", sa.Text, nullable=False, server_default=""),
        sa.Column("stepped", moment),
        sa.Column("latest", sa.Text, nullable=False, server_default=""),
        sa.Column("placed", moment),
        sa.Column("placed_by", sa.Text, nullable=False, server_default=""),
        sa.Column("marked", moment),
        sa.Column("marked_by", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("board_lane", "board", ["lane", sa.text("stepped desc"), "referral"])
    op.create_index("board_organisation", "board", ["organisation", "lane", sa.text("stepped desc")])
    op.create_index("board_team", "board", ["team", "lane", sa.text("stepped desc")])
    op.create_index("board_worker", "board", ["worker", "lane"])
    op.create_table(
        "board_step",
        sa.Column("referral", sa.Text, primary_key=True),
        sa.Column("time", moment, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("told", JSONB, nullable=False),
    )
    op.create_table(
        "board_party",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("volunteer", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Forget the board; the events still hold it."""
    op.drop_table("board_party")
    op.drop_table("board_step")
    op.drop_table("board")
