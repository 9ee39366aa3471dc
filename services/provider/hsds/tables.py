"""What the read API tells: a read model of its own, which can be dropped and read anew."""

from __future__ import annotations

from sqlalchemy import Column, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

metadata = MetaData()

MOMENT = TIMESTAMP(timezone=True)

services = Table(
    "hsds_service",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("id", Text, nullable=False),
    # Whose it is; nothing where the record never became an activity.
    Column("provider", Text),
    # What a directory elsewhere said, and what was assumed where it said nothing; null for what began here.
    Column("document", JSONB),
    Column("assumed", JSONB),
    Column("digest", Text),
    # When it takes place, as it was set here last.
    Column("timetable", JSONB),
    Column("modified", MOMENT, nullable=False),
    # What it may be asked for by: its terms and their taxonomies, and its places.
    Column("terms", ARRAY(Text), nullable=False),
    Column("taxonomies", ARRAY(Text), nullable=False),
    Column("places", ARRAY(Text), nullable=False),
    Index("hsds_service_id", "id"),
    Index("hsds_service_of_provider", "provider", "activity"),
    Index("hsds_service_modified", "modified"),
    Index("hsds_service_by_term", "terms", postgresql_using="gin"),
    Index("hsds_service_by_taxonomy", "taxonomies", postgresql_using="gin"),
    Index("hsds_service_by_place", "places", postgresql_using="gin"),
    comment="Activities as services of Open Referral HSDS, with what was carried of them",
)

organizations = Table(
    "hsds_organization",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("document", JSONB),
    Column("assumed", JSONB),
    Column("digest", Text),
    Column("modified", MOMENT, nullable=False),
    Index("hsds_organization_id", "id"),
    comment="Providers as organizations of Open Referral HSDS, with what was carried of them",
)

terms = Table(
    "hsds_term",
    metadata,
    Column("id", Text, primary_key=True),
    # What names it: an activity, or nothing but itself.
    Column("named_by", Text, primary_key=True),
    Column("taxonomy", Text),
    Column("document", JSONB, nullable=False),
    Index("hsds_term_named_by", "named_by"),
    comment="Terms of other taxonomies, by what names them; ours are in the code",
)

taxonomies = Table(
    "hsds_taxonomy",
    metadata,
    Column("id", Text, primary_key=True),
    Column("named_by", Text, primary_key=True),
    Column("document", JSONB, nullable=False),
    Index("hsds_taxonomy_named_by", "named_by"),
    comment="Other taxonomies, by what names them; ours are in the code",
)
