"""The referral service's own tables: the vault, what was submitted, and who looked at what.

None of them is needed to fold the service's state, and nothing in them is readable without the master key
but ids, times and the access log.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

metadata = MetaData()
MOMENT = TIMESTAMP(timezone=True)
_NOW = text("now()")

organisation = Table(
    "organisation",
    metadata,
    Column("organisation", Text, primary_key=True),
    comment="Every organisation that was ever registered: whose streams there must be",
)

person = Table(
    "person",
    metadata,
    Column("person", Uuid, primary_key=True),  # the pseudonym
    Column("identity", LargeBinary, unique=True),  # keyed hash of the identity number, if there is one
    Column("wrapped", LargeBinary, nullable=False),  # the data key under the master key
    Column("since", MOMENT, nullable=False, server_default=_NOW),
    comment="Everybody the vault keeps something about, and the key it is sealed with",
)

secret = Table(
    "secret",
    metadata,
    Column("ref", Uuid, primary_key=True),
    Column("person", Uuid, nullable=False),
    Column("referral_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # 'person', 'referrer', 'reason', 'presented_as', 'words'
    Column("sealed", LargeBinary, nullable=False),
    Column("kept", MOMENT, nullable=False, server_default=_NOW),
    Index("secret_referral", "referral_id", "kind"),
    Index("secret_person", "person"),
    comment="Names, ways of contact and free text, each sealed with its person's key",
)

standing = Table(
    "standing",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("person", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("linked_to", Text),  # of a duplicate: where the work is
    Column("case_open", Boolean, nullable=False, server_default=text("false")),
    # Whatever else happens: of one person, one referral is open.
    Index("standing_open", "person", unique=True, postgresql_where=text("status = 'open'")),
    Index("standing_person", "person"),
    Index("standing_linked", "linked_to", postgresql_where=text("linked_to is not null")),
    comment="Whose each referral is and how it stands, to find a person's others",
)

shared = Table(
    "shared",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("receiver", Text, primary_key=True),
    Column("since", MOMENT, nullable=False),
    comment="Who has been told something of a referral's person: what a withdrawn consent lists",
)

erasure = Table(
    "erasure",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("why", Text, nullable=False),
    comment="Who has been erased, by pseudonym; replayed after an older backup was restored",
)

submission = Table(
    "submission",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),  # keyed hash of the bytes
    Column("submission_id", Text),  # the organisation's own
    Column("receipt_id", Text, nullable=False),
    Column("referral_id", Text),  # absent when it was refused
    Column("received", MOMENT, nullable=False, server_default=_NOW),
    Index(
        "submission_taken", "organisation", "submission_id", unique=True,
        postgresql_where=text("referral_id is not null"),
    ),
    Index("submission_referral", "referral_id", postgresql_where=text("referral_id is not null")),
    comment="Which bytes were answered with which receipt, so that the same get the same again",
)  # fmt: skip

refused = Table(
    "refused",
    metadata,
    Column("receipt_id", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),  # of what was sent, of which an oversized one is kept in part
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("received", MOMENT, nullable=False, server_default=_NOW),
    comment="The bytes of what was refused, each sealed with a key of its own",
)

access = Table(
    "access",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit", Text),  # the actor's organisation
    Column("person", Uuid),  # absent when nobody is known under what was asked for
    Column("referral_id", Text),
    Column("action", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("why_not", Text),
    Column("command_id", Uuid, nullable=False),
    Index("access_person", "person", "at"),
    Index("access_actor", "actor", "at"),
    Index("access_at", "at", postgresql_using="brin"),
    comment="Who looked at or added to whose record, when, for which unit and why; denied tries too",
)

draft = Table(
    "draft",
    metadata,
    Column("draft", LargeBinary, primary_key=True),  # made of the form's id and the browser's secret
    Column("sealed", LargeBinary, nullable=False),
    Column("expires", MOMENT, nullable=False),  # by the wall clock, as sessions are
    comment="Forms half filled in, each sealed with a key that its writer's browser alone has",
)
