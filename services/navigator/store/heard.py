"""What other services said, as tables: accepted referrals, activities, and answers to enrolment requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Table, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, Insert

from services.navigator.store.rows import insertion, packed
from services.navigator.store.tables import activity, enrolment, instrument, referral, referral_over, session
from services.runtime.rows import upsert
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import (
    ActivityExpired,
    ActivityPublished,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    SessionCancelled,
    SessionScheduled,
)
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.event import Event
from sluss_contracts.instruments import InstrumentPublished, Pack
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import LinkKind

OVER = ["declined", "ended", "expired"]
"""The statuses of an enrolment that holds no place and waits for none."""
TAKEN_UP = ["accepted", "ended"]
"""The statuses of an enrolment that a provider has said yes to."""


def _latest(table: Table) -> Insert:
    """Write the rows unless something later is written: events may be read again, or out of order."""
    rows = insertion(table)
    said = [each.name for each in table.c if not each.primary_key and not each.nullable]
    may_be_left_out = {
        each.name: func.coalesce(rows.excluded[each.name], each) for each in table.c if each.nullable
    }
    return upsert(rows, *said, where=table.c.sequence < rows.excluded.sequence, **may_be_left_out)


_HOLD = sql(insertion(referral, "referral_id", "person", "organisation", "area").on_conflict_do_nothing())
_ACCEPT = sql(upsert(insertion(referral), *(each.name for each in referral.c if not each.primary_key)))
_OFFER = sql(_latest(activity))
_SHOW = sql(
    update(activity)
    .where(
        activity.c.activity == bindparam("named", type_=Text),
        activity.c.sequence < bindparam("said", type_=BigInteger),
    )
    .values(shown=bindparam("to", type_=Boolean), sequence=bindparam("said", type_=BigInteger))
)
_SCHEDULE = sql(upsert(insertion(session), "starts", "minutes"))
_STRIKE = sql(
    delete(session).where(session.c.session_id == func.any(bindparam("sessions", type_=ARRAY(Text))))
)
_REQUEST = sql(
    insertion(
        enrolment, "enrolment_id", "referral_id", "activity", "status", "sequence"
    ).on_conflict_do_nothing()
)
_ANSWER = sql(_latest(enrolment))


async def write_held(tx: Tx, events: Sequence[Event[ReferralHeld]]) -> None:
    """What is known of a referral nobody has consented to yet."""
    await tx.execute(_HOLD, rows=packed(event.data.model_dump() for event in events))


async def write_accepted(tx: Tx, events: Sequence[Event[ReferralAccepted]]) -> None:
    """What the referral asks for."""
    rows = [{**event.data.model_dump(), "accepted": event.time} for event in events]
    await tx.execute(_ACCEPT, rows=packed(rows))


async def write_activities(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """What is on offer."""
    rows = {
        event.data.activity: {**event.data.model_dump(), "shown": True, "sequence": event.sequence}
        for event in events
    }
    await tx.execute(_OFFER, rows=packed(rows[name] for name in sorted(rows)))


async def write_shown(
    tx: Tx, events: Sequence[Event[ActivityVerified | ActivityExpired | ActivityWithdrawn]]
) -> None:
    """Whether anybody new is sent there: not to what is hidden until somebody verifies it, or withdrawn."""
    for event in events:
        shown = isinstance(event.data, ActivityVerified)
        await tx.execute(_SHOW, named=event.data.activity, to=shown, said=event.sequence)


async def write_sessions(tx: Tx, events: Sequence[Event[SessionScheduled | ActivityRescheduled]]) -> None:
    """When; as last said."""
    rows = {event.data.session_id: event.data.model_dump() for event in events}
    await tx.execute(_SCHEDULE, rows=packed(rows.values()))


async def strike_sessions(tx: Tx, events: Sequence[Event[SessionCancelled]]) -> None:
    """What does not take place is on offer no more."""
    await tx.execute(_STRIKE, sessions=sorted({event.data.session_id for event in events}))


async def write_requests(tx: Tx, events: Sequence[Event[CaseEnrolmentRequested]]) -> None:
    """What we asked of providers."""
    rows = [
        {
            "enrolment_id": event.data.enrolment_id,
            "referral_id": event.data.referral_id,
            "activity": event.data.activity,
            "status": "requested",
            "sequence": 0,
        }
        for event in events
    ]
    await tx.execute(_REQUEST, rows=packed(rows))


async def write_answers(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """What they answered: the last word on each enrolment. What it leaves out stays as it was."""
    last = {event.data.enrolment_id: event for event in sorted(events, key=lambda event: event.sequence)}
    rows = [
        {**last[enrolment_id].data.model_dump(), "status": last[enrolment_id].data.FACT}
        | {"sequence": last[enrolment_id].sequence}
        for enrolment_id in sorted(last)
    ]
    await tx.execute(_ANSWER, rows=packed(rows))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_KNOWN = sql(
    select(activity.c.activity).where(
        activity.c.activity == func.any(_texts("activities")), activity.c.shown.is_(True)
    )
)
_IN_STATUS = sql(
    select(enrolment.c.enrolment_id).where(
        enrolment.c.referral_id == func.any(_texts("referrals")),
        enrolment.c.status == func.any(_texts("statuses")),
    )
)
_AREAS = sql(
    select(referral.c.referral_id, referral.c.area).where(
        referral.c.referral_id == func.any(_texts("referrals"))
    )
)
_AREAS_OF_ACTIVITIES = sql(
    select(activity.c.activity, activity.c.area).where(activity.c.activity == func.any(_texts("activities")))
)
_EXPECTED = sql(
    select(enrolment.c.enrolment_id, enrolment.c.referral_id)
    .select_from(enrolment.outerjoin(session, session.c.session_id == bindparam("session", type_=Text)))
    .where(
        enrolment.c.activity == bindparam("named", type_=Text),
        enrolment.c.status == "accepted",
        # Whoever begins later was not to come to this one.
        or_(
            enrolment.c.starts.is_(None),
            session.c.starts.is_(None),
            enrolment.c.starts <= session.c.starts,
        ),
    )
    .order_by(enrolment.c.enrolment_id)
)
_END = sql(insertion(referral_over).on_conflict_do_nothing())
_ARE_OVER = sql(
    select(referral_over.c.referral_id).where(referral_over.c.referral_id == func.any(_texts("referrals")))
)
_WRITE_INSTRUMENT = sql(upsert(insertion(instrument), "definition"))
_PACKS = sql(
    select(instrument.c.definition)
    .where(instrument.c.instrument == func.any(_texts("instruments")))
    .order_by(instrument.c.version)
)


async def known_activities(tx: Tx, activities: Collection[str]) -> set[str]:
    """Which of these are published, and neither hidden nor withdrawn."""
    return {row["activity"] for row in await tx.fetch(_KNOWN, activities=sorted(set(activities)))}


async def enrolments_over(tx: Tx, referrals: Collection[str]) -> frozenset[str]:
    """The enrolments of these referrals that hold no place and wait for none."""
    return await _enrolments(tx, referrals, OVER)


async def enrolments_taken_up(tx: Tx, referrals: Collection[str]) -> frozenset[str]:
    """The enrolments of these referrals that a provider has accepted."""
    return await _enrolments(tx, referrals, TAKEN_UP)


async def _enrolments(tx: Tx, referrals: Collection[str], statuses: Sequence[str]) -> frozenset[str]:
    rows = await tx.fetch(_IN_STATUS, referrals=sorted(set(referrals)), statuses=list(statuses))
    return frozenset(row["enrolment_id"] for row in rows)


async def areas_of(tx: Tx, referrals: Collection[str]) -> dict[str, str]:
    """The area each of these referrals is from."""
    rows = await tx.fetch(_AREAS, referrals=sorted(set(referrals)))
    return {row["referral_id"]: row["area"] for row in rows}


async def areas_of_activities(tx: Tx, activities: Collection[str]) -> dict[str, str]:
    """Where each of these activities is."""
    rows = await tx.fetch(_AREAS_OF_ACTIVITIES, activities=sorted(set(activities)))
    return {row["activity"]: row["area"] for row in rows}


async def expected_at(tx: Tx, named: str, session_id: str) -> list[tuple[str, str]]:
    """Who was to come to a session of an activity: enrolment and referral."""
    rows = await tx.fetch(_EXPECTED, named=named, session=session_id)
    return [(row["enrolment_id"], row["referral_id"]) for row in rows]


async def write_over(tx: Tx, events: Sequence[Event[Any]]) -> None:
    """Referrals that are over although they may never have become a case."""
    rows = [
        {"referral_id": event.data.referral_id}
        for event in events
        if getattr(event.data, "how", None) is not LinkKind.REPLACES  # which only says whom it follows
    ]
    await tx.execute(_END, rows=packed(rows))


async def referrals_over(tx: Tx, events: Sequence[Event[Any]]) -> frozenset[str]:
    """Those of the events' referrals that are over."""
    rows = await tx.fetch(_ARE_OVER, referrals=sorted({event.data.referral_id for event in events}))
    return frozenset(row["referral_id"] for row in rows)


async def write_instruments(tx: Tx, events: Sequence[Event[InstrumentPublished]]) -> None:
    """What the network may measure with besides what is shipped: each version as last said."""
    rows = {
        (event.data.instrument, event.data.version): {
            **event.data.model_dump(mode="json"),
            "definition": event.data.definition.model_dump(mode="json"),
        }
        for event in events
    }
    await tx.execute(_WRITE_INSTRUMENT, rows=packed(rows.values()))


async def published_packs(tx: Tx, instruments: Collection[str]) -> list[Pack]:
    """Every published version of these instruments."""
    rows = await tx.fetch(_PACKS, instruments=sorted(set(instruments)))
    return [Pack.model_validate(row["definition"], extra="ignore") for row in rows]
