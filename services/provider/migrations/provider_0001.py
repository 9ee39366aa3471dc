"""What is on offer, and who holds or waits for a place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "provider_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "provider",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        comment="Who is registered",
    )
    op.create_table(
        "moderation",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("since", moment, nullable=False),
        comment="What waits for a coordinator; what is said of it is in the aggregate",
    )
    op.create_index("moderation_since", "moderation", ["since"])
    op.create_table(
        "resource",
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("for_whom", sa.Text, nullable=False),
        sa.Column("languages", ARRAY(sa.Text), nullable=False),
        sa.Column("needs", ARRAY(sa.Text), nullable=False),
        sa.Column("interests", ARRAY(sa.Text), nullable=False),
        sa.Column("said", JSONB, nullable=False),
        comment="The library: what stands in it, as it was said",
    )
    op.create_index("resource_title", "resource", ["title", "resource"])
    op.create_table(
        "activity",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("acceptance", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("vouched_by", sa.Text),
        sa.Column("vouched_at", moment),
        sa.Column("ask_again", moment),
        sa.Column("hides", moment),
        comment="What is on offer; whoever gives a place away locks the row first",
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("starts", moment, nullable=False),
        sa.Column("ends", moment, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("venue", JSONB),
        comment="The dated occurrences of activities",
    )
    op.create_index("session_of_activity", "session", ["activity", "starts"])
    op.create_table(
        "timetable",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("ends", moment),
        comment="Which activities have a schedule, and until when",
    )
    op.create_table(
        "enrolment",
        sa.Column("enrolment_id", sa.Text, primary_key=True),
        sa.Column("referral_id", sa.Text, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("pathway", sa.Text, nullable=False),
        sa.Column("pathway_version", sa.Integer, nullable=False),
        sa.Column("first_session", sa.Text),
        sa.Column("expected_from", moment),
        sa.Column("place_in_line", sa.BigInteger, sa.Identity(always=True), nullable=False),
        comment="Who holds a place, who waits, and who did",
    )
    op.create_index(
        "enrolment_in_line",
        "enrolment",
        ["activity", "place_in_line"],
        postgresql_where=sa.text("status = 'waitlisted'"),
    )
    op.create_index(
        "enrolment_open",
        "enrolment",
        ["activity", "status"],
        postgresql_where=sa.text("status in ('waitlisted', 'offered', 'accepted')"),
    )
    op.create_table(
        "withdrawn_consent",
        sa.Column("referral_id", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, primary_key=True),
        comment="Who may be told nothing of whom any more; * stands for every provider",
    )


def downgrade() -> None:
    """Forget the catalogue and the line; the events still hold them."""
    own = (
        "withdrawn_consent",
        "enrolment",
        "timetable",
        "session",
        "activity",
        "resource",
        "moderation",
        "provider",
    )
    for table in own:
        op.drop_table(table)
