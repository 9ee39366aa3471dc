"""The read API of Open Referral HSDS: a read model with a history of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "hsds_0001"
down_revision = None
branch_labels = ("hsds",)
depends_on = None


def upgrade() -> None:
    """Make what services and organizations are told by, and the terms they name."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "hsds_service",
        sa.Column("activity", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text),
        sa.Column("document", JSONB),
        sa.Column("assumed", JSONB),
        sa.Column("digest", sa.Text),
        sa.Column("timetable", JSONB),
        sa.Column("modified", moment, nullable=False),
        sa.Column("terms", ARRAY(sa.Text), nullable=False),
        sa.Column("taxonomies", ARRAY(sa.Text), nullable=False),
        sa.Column("places", ARRAY(sa.Text), nullable=False),
        comment="Activities as services of Open Referral HSDS, with what was carried of them",
    )
    op.create_index("hsds_service_id", "hsds_service", ["id"])
    op.create_index("hsds_service_of_provider", "hsds_service", ["provider", "activity"])
    op.create_index("hsds_service_modified", "hsds_service", ["modified"])
    for name, column in (("term", "terms"), ("taxonomy", "taxonomies"), ("place", "places")):
        op.create_index(f"hsds_service_by_{name}", "hsds_service", [column], postgresql_using="gin")
    op.create_table(
        "hsds_organization",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("document", JSONB),
        sa.Column("assumed", JSONB),
        sa.Column("digest", sa.Text),
        sa.Column("modified", moment, nullable=False),
        comment="Providers as organizations of Open Referral HSDS, with what was carried of them",
    )
    op.create_index("hsds_organization_id", "hsds_organization", ["id"])
    op.create_table(
        "hsds_term",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("named_by", sa.Text, primary_key=True),
        sa.Column("taxonomy", sa.Text),
        sa.Column("document", JSONB, nullable=False),
        comment="Terms of other taxonomies, by what names them; ours are in the code",
    )
    op.create_index("hsds_term_named_by", "hsds_term", ["named_by"])
    op.create_table(
        "hsds_taxonomy",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("named_by", sa.Text, primary_key=True),
        sa.Column("document", JSONB, nullable=False),
        comment="Other taxonomies, by what names them; ours are in the code",
    )
    op.create_index("hsds_taxonomy_named_by", "hsds_taxonomy", ["named_by"])


def downgrade() -> None:
    """Forget it; the events still hold it."""
    for table in ("hsds_taxonomy", "hsds_term", "hsds_organization", "hsds_service"):
        op.drop_table(table)
