"""Who may sign in, read and written."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.board import party
from services.navigator.store.tables import account
from services.runtime.rows import new_row, upsert
from services.runtime.tables import aggregate
from services.runtime.tx import sql

_this = (account.c.role == bindparam("role", type_=Text)) & (account.c.who == bindparam("who", type_=Text))
_workers = func.any(bindparam("workers", type_=ARRAY(Text)))

ALLOW = sql(
    upsert(
        new_row(account, "role", "who", "name", "organisation", "email", "issuer", "subject", "since"),
        "name",
        "organisation",
        "email",
        "issuer",
        "subject",
    )
)
"""Corrected, it is bound anew at the next sign-in."""
END = sql(delete(account).where(_this).returning(account.c.who))
END_WORKERS = sql(delete(account).where(account.c.role == literal("link_worker"), account.c.who == _workers))
END_ORGANISATIONS = sql(
    delete(account).where(account.c.organisation == func.any(bindparam("organisations", type_=ARRAY(Text))))
)
TAKEN = sql(
    select(account.c.who).where(
        account.c.role == bindparam("role", type_=Text),
        account.c.who != bindparam("who", type_=Text),
        or_(
            account.c.email == bindparam("email", type_=Text),
            account.c.subject == bindparam("subject", type_=Text),
        ),
    )
)
"""Who else signs in to this role with the same address or subject."""
LISTED = sql(
    select(account)
    .order_by(account.c.role, account.c.organisation, account.c.who)
    .offset(bindparam("first"))
    .limit(bindparam("most"))
)
OF_SUBJECT = sql(
    select(account)
    .where(
        account.c.subject == bindparam("subject", type_=Text),
        or_(account.c.issuer.is_(None), account.c.issuer == bindparam("issuer", type_=Text)),
    )
    .order_by(account.c.role, account.c.who)
)
OF_EMAIL = sql(
    select(account)
    .where(account.c.email == bindparam("email", type_=Text), account.c.subject.is_(None))
    .order_by(account.c.role, account.c.who)
)
"""Those that nobody has signed in with yet."""
BIND = sql(
    update(account)
    .where(_this, or_(account.c.subject.is_(None), account.c.issuer.is_(None)))
    .values(issuer=bindparam("issuer", type_=Text), subject=bindparam("subject", type_=Text))
)
WORKER = sql(
    select(aggregate.c.state).where(
        aggregate.c.kind == literal("linkworker"), aggregate.c.key == bindparam("who", type_=Text)
    )
)
ORGANISATION = sql(
    select(party.c.name).where(
        party.c.kind == literal("organisation"), party.c.id == bindparam("organisation", type_=Text)
    )
)
