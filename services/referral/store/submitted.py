"""What was submitted and by whom, what became of it, and how a referral stands."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary, Text, bindparam, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from services.referral.store.rows import given, keep
from services.referral.store.tables import organisation, refused, submission
from services.runtime.tables import aggregate, event
from services.runtime.tx import Statement, sql


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


MET_BEFORE = _met_before()
"""Which of these submissions came before: by their bytes, or (`taken`) a referral under the same id."""
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
ORGANISATION_NAMED = sql(
    select(aggregate.c.state).where(
        aggregate.c.key == bindparam("organisation"), aggregate.c.kind == "organisation"
    )
)
ORGANISATIONS = sql(select(organisation.c.organisation).order_by(organisation.c.organisation))
KEEP_ORGANISATIONS = keep(organisation, organisation=Text)
