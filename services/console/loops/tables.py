"""The open loops and the paces, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

metadata = MetaData()
_MOMENT = TIMESTAMP(timezone=True)

loop = Table(
    "loop",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),  # of the story it belongs to
    Column("whose", Text),  # the organisation or provider who should act or be told
    Column("opened", _MOMENT, nullable=False),  # by the network's clock
    Column("recorded", _MOMENT, nullable=False),  # by the wall clock
    Column("due", _MOMENT, nullable=False),  # by the network's clock
    Index("loop_due", "due"),
    comment="What somebody was promised and has not had",
)

pace = Table(
    "pace",
    metadata,
    Column("whose", Text, primary_key=True),
    Column("voice", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", _MOMENT, nullable=False),  # by the network's clock
    Column("gap", Float),  # seconds of the network's time between two, as it usually is
    comment="How often each organisation and provider is heard from",
)

followed = Table(
    "loops_followed",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False),
    comment="How far the log has been folded, in one row",
)
