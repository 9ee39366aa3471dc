"""What the vault keeps of people, who looked at it, and what is forgotten."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert

from services.referral.store.rows import given, keep
from services.referral.store.tables import MOMENT, access, erasure, person, secret
from services.runtime.rows import new_row
from services.runtime.tx import Statement, sql


def _settle_people() -> Statement:
    met_now = given(person=Uuid, identity=LargeBinary, wrapped=LargeBinary)
    # In one order in every transaction, so that two that meet the same people cannot lock each other out.
    rows = select(met_now.c.person, met_now.c.identity, met_now.c.wrapped).order_by(met_now.c.identity)
    wish = insert(person).from_select(["person", "identity", "wrapped"], rows)
    # Touching the row is what returns it, however lately another transaction has made it.
    met = wish.on_conflict_do_update(index_elements=["identity"], set_={"identity": wish.excluded.identity})
    return sql(met.returning(person.c.person, person.c.identity, person.c.wrapped))


SETTLE_PEOPLE = _settle_people()
"""Each person by identity hash, made where unknown; (person, identity, wrapped) as they are now."""
KEEP_SECRETS = keep(secret, ref=Uuid, person=Uuid, referral_id=Text, kind=Text, sealed=LargeBinary)
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
KEEP_ERASURES = keep(erasure, person=Uuid, at=MOMENT, why=Text)
ERASURES = sql(select(erasure.c.person, erasure.c.at, erasure.c.why).order_by(erasure.c.at))
