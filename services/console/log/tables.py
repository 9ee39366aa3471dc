"""The log's tables.

A row's `position` is the microsecond in which the event was written down, counted on where that is taken:
it is the log's order, says the month a row lies in, and is what a reader goes on after. `shown` is the
payload as operators see it: a masked field is there with null, so that what is masked is neither kept nor
found here.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

metadata = MetaData()
_MOMENT = TIMESTAMP(timezone=True)

log = Table(
    "log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False),
    Column("service", Text, nullable=False),
    # Where its bytes are: the primary key of the service's event table.
    Column("lane", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type", Text, nullable=False),  # without prefix: case.assigned.v1
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("referral", Text),
    Column("person", Text),  # the pseudonym
    Column("organisation", Text),
    Column("correlation", Text, nullable=False),
    Column("causation", Text),
    Column("reference", Text),  # what the organisation itself calls what it submitted
    Column("outcome", Text),
    Column("time", _MOMENT, nullable=False),  # by the network's clock
    Column("recorded", _MOMENT, nullable=False),  # by the wall clock
    Column("shown", JSONB, nullable=False),
    Index("log_event_id", "event_id"),
    Index("log_type", "type", "position"),
    Index("log_organisation_type", "organisation", "type", "position"),
    Index("log_organisation", "organisation", "position"),
    Index("log_referral", "referral", "position", postgresql_where=text("referral is not null")),
    Index("log_person", "person", "position", postgresql_where=text("person is not null")),
    Index("log_correlation", "correlation", "position"),
    Index("log_causation", "causation", postgresql_where=text("causation is not null")),
    Index("log_reference", "reference", "position", postgresql_where=text("reference is not null")),
    Index("log_outcome", "outcome", "position", postgresql_where=text("outcome is not null")),
    comment="Every event of every service as operators see it, a partition for each month",
    postgresql_partition_by="range (position)",
)

field = Table(
    "log_field",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),  # of `field=value`
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    comment="Which coded values an event holds, to be looked for; a partition for each month",
    postgresql_partition_by="range (position)",
)

gathered = Table(
    "gathered",
    metadata,
    Column("service", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    comment="How far each lane of each service is in the log",
)

doubt = Table(
    "log_doubt",
    metadata,
    Column("service", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("noticed", _MOMENT, nullable=False, server_default=text("now()")),
    comment="Lanes whose numbers are not as they should be: events lost, a table older than the log",
)

end = Table(
    "log_end",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False),
    comment="The last position given, in one row",
)
