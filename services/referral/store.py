"""The referral service's own tables: the vault, what was submitted, and who looked at what.

None of them is needed to fold the service's state, and nothing in them is readable without the master key
but ids, times and the access log.
"""

from __future__ import annotations

from typing import Any

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
    bindparam,
    column,
    delete,
    func,
    literal_column,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, distinct_on, insert
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from services.runtime.rows import new_row
from services.runtime.tables import aggregate, event
from services.runtime.tx import Statement, sql

metadata = MetaData()
_MOMENT = TIMESTAMP(timezone=True)
_NOW = text("now()")
_Kind = type[TypeEngine[Any]] | TypeEngine[Any]

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
    Column("since", _MOMENT, nullable=False, server_default=_NOW),
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
    Column("kept", _MOMENT, nullable=False, server_default=_NOW),
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
    Column("since", _MOMENT, nullable=False),
    comment="Who has been told something of a referral's person: what a withdrawn consent lists",
)

erasure = Table(
    "erasure",
    metadata,
    Column("person", Uuid, primary_key=True),
    Column("at", _MOMENT, nullable=False),
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
    Column("received", _MOMENT, nullable=False, server_default=_NOW),
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
    Column("received", _MOMENT, nullable=False, server_default=_NOW),
    comment="The bytes of what was refused, each sealed with a key of its own",
)

access = Table(
    "access",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _MOMENT, nullable=False),
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


def given(**columns: _Kind) -> TableValuedAlias:
    """Rows handed over as one array parameter for each column."""
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()]
    typed = [column(name, kind) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*typed, name="given").render_derived()


def keep(table: Table, **columns: _Kind) -> Statement:
    """Insert many rows in one statement; what is there already stays."""
    new = given(**columns)
    rows = select(*(new.c[name] for name in columns))
    return sql(insert(table).from_select(list(columns), rows).on_conflict_do_nothing())


def _settle_people() -> Statement:
    met_now = given(person=Uuid, identity=LargeBinary, wrapped=LargeBinary)
    # In one order in every transaction, so that two that meet the same people cannot lock each other out.
    rows = select(met_now.c.person, met_now.c.identity, met_now.c.wrapped).order_by(met_now.c.identity)
    wish = insert(person).from_select(["person", "identity", "wrapped"], rows)
    # Touching the row is what returns it, however lately another transaction has made it.
    met = wish.on_conflict_do_update(index_elements=["identity"], set_={"identity": wish.excluded.identity})
    return sql(met.returning(person.c.person, person.c.identity, person.c.wrapped))


def _met_before() -> Statement:
    asked = given(organisation=Text, digest=LargeBinary, submission_id=Text)
    told = (
        submission.c.organisation,
        submission.c.digest,
        submission.c.submission_id,
        submission.c.receipt_id,
    )
    same_bytes = select(*told, literal_column("false").label("taken")).join(
        asked,
        (submission.c.organisation == asked.c.organisation) & (submission.c.digest == asked.c.digest),
    )
    same_id = select(*told, literal_column("true").label("taken")).join(
        asked,
        (submission.c.organisation == asked.c.organisation)
        & (submission.c.submission_id == asked.c.submission_id)
        & submission.c.referral_id.is_not(None),
    )
    return sql(union_all(same_bytes, same_id))


SETTLE_PEOPLE = _settle_people()
"""Each person by identity hash, made where unknown; (person, identity, wrapped) as they are now."""
MET_BEFORE = _met_before()
"""Which of these submissions came before: by their bytes, or (`taken`) a referral under the same id."""
KEEP_SECRETS = keep(secret, ref=Uuid, person=Uuid, referral_id=Text, kind=Text, sealed=LargeBinary)
KEEP_SUBMISSIONS = keep(
    submission, organisation=Text, digest=LargeBinary, submission_id=Text, receipt_id=Text, referral_id=Text
)
KEEP_REFUSED = keep(
    refused,
    receipt_id=Text,
    organisation=Text,
    digest=LargeBinary,
    size=Integer,
    wrapped=LargeBinary,
    sealed=LargeBinary,
)
WRITE_DOWN_ACCESS = sql(
    new_row(
        access,
        "at",
        "actor",
        "role",
        "unit",
        "person",
        "referral_id",
        "action",
        "purpose",
        "allowed",
        "why_not",
        "command_id",
    )
)
RECEIPTS = sql(
    select(event.c.key, event.c.subject, event.c.body).where(
        event.c.key == func.any(bindparam("receipt_ids", type_=ARRAY(Text))), event.c.kind == "receipt"
    )
)
"""The very bytes of receipts that were issued."""
STANDING = sql(
    select(aggregate.c.id, aggregate.c.state).where(
        aggregate.c.key == func.any(bindparam("referral_ids", type_=ARRAY(Text))),
        aggregate.c.kind == "referral",
    )
)
"""How these referrals stand."""
SECRETS_OF = sql(
    select(
        secret.c.ref, secret.c.person, secret.c.referral_id, secret.c.kind, secret.c.sealed, person.c.wrapped
    )
    .join(person, person.c.person == secret.c.person)
    .where(
        secret.c.referral_id == func.any(bindparam("referral_ids", type_=ARRAY(Text))),
        secret.c.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
    )
)
SECRETS_UNDER = sql(
    select(
        secret.c.ref, secret.c.person, secret.c.referral_id, secret.c.kind, secret.c.sealed, person.c.wrapped
    )
    .join(person, person.c.person == secret.c.person)
    .where(secret.c.ref == func.any(bindparam("refs", type_=ARRAY(Uuid))))
)
LATEST_OF = sql(
    select(
        secret.c.ref, secret.c.person, secret.c.referral_id, secret.c.kind, secret.c.sealed, person.c.wrapped
    )
    .ext(distinct_on(secret.c.person))
    .join(person, person.c.person == secret.c.person)
    .where(
        secret.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid))),
        secret.c.kind == bindparam("kind", type_=Text),
    )
    .order_by(secret.c.person, secret.c.ref.desc())
)
"""Of each person the latest that is kept of a kind; references grow with time."""
PERSON_SECRETS = sql(
    select(
        secret.c.ref, secret.c.person, secret.c.referral_id, secret.c.kind, secret.c.sealed, person.c.wrapped
    )
    .join(person, person.c.person == secret.c.person)
    .where(
        secret.c.person == bindparam("person", type_=Uuid),
        secret.c.kind == bindparam("kind", type_=Text),
    )
    .order_by(secret.c.ref)
    .with_for_update(of=secret)
)
"""All of one kind that is kept of a person, locked."""


def _reseal() -> Statement:
    rows = given(ref=Uuid, sealed=LargeBinary)
    return sql(update(secret).values(sealed=rows.c.sealed).where(secret.c.ref == rows.c.ref))


RESEAL = _reseal()
"""Put something else in the same places."""
KEY_OF = sql(select(person.c.wrapped).where(person.c.person == bindparam("person", type_=Uuid)))
KEYS_OF = sql(
    select(person.c.person, person.c.wrapped).where(
        person.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid)))
    )
)
IDENTIFIED = sql(
    select(person.c.person, person.c.identity).where(
        person.c.identity == func.any(bindparam("identities", type_=ARRAY(LargeBinary)))
    )
)
"""Who has these keyed hashes of a number."""
FORGET_SECRETS = sql(
    delete(secret).where(secret.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid))))
)
FORGET_PERSONS = sql(
    delete(person).where(person.c.person == func.any(bindparam("persons", type_=ARRAY(Uuid))))
)
KEEP_ERASURES = keep(erasure, person=Uuid, at=_MOMENT, why=Text)
ERASURES = sql(select(erasure.c.person, erasure.c.at, erasure.c.why).order_by(erasure.c.at))
ORGANISATION_NAMED = sql(
    select(aggregate.c.state).where(
        aggregate.c.key == bindparam("organisation"), aggregate.c.kind == "organisation"
    )
)
ORGANISATIONS = sql(select(organisation.c.organisation).order_by(organisation.c.organisation))
KEEP_ORGANISATIONS = keep(organisation, organisation=Text)
