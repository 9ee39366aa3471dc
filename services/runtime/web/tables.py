"""The tables of the schema `web`: what every service's pages share."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, LargeBinary, MetaData, Table, Text, func

SCHEMA = "web"
metadata = MetaData(schema=SCHEMA)

session = Table(
    "session",
    metadata,
    # Only the hash of the cookie is kept: whoever reads this table cannot sign in with it.
    Column("token_hash", LargeBinary, primary_key=True),
    Column("role", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("organisation", Text),
    Column("team", Text),
    Column("name", Text, nullable=False),
    Column("opened", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Who is signed in. Times are the wall clock's, for a session is not part of the network's story."""
Index("session_actor", session.c.actor, session.c.role)

draft = Table(
    "draft",
    metadata,
    # Whose and where only as a hash, and what was written only encrypted: the key is in no database.
    Column("place", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("saved", DateTime(timezone=True), nullable=False),
)
"""What somebody has begun to write and not sent."""
Index("draft_saved", draft.c.saved)
