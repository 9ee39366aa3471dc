"""What other services said, as tables: accepted referrals, and answers to enrolment requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.navigator.store.offers import Places, count_places
from services.navigator.store.rows import insertion, latest, packed
from services.navigator.store.tables import activity, enrolment, instrument, referral, referral_over, session
from services.runtime.rows import upsert
from services.runtime.tx import Tx, sql
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.event import Event
from sluss_contracts.instruments import InstrumentPublished, Pack
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import LinkKind

OVER = ["declined", "ended", "expired"]
"""The statuses of an enrolment that holds no place and waits for none."""
TAKEN_UP = ["accepted", "ended"]
"""The statuses of an enrolment that a provider has said yes to."""
HOLDS_A_PLACE = ("offered", "accepted")
"""The statuses of an enrolment that counts against its activity's capacity."""
IN_LINE = "waitlisted"


_HOLD = sql(insertion(referral, "referral_id", "person", "organisation", "area").on_conflict_do_nothing())
_ACCEPT = sql(upsert(insertion(referral), *(each.name for each in referral.c if not each.primary_key)))
_REQUEST = sql(
    insertion(
        enrolment, "enrolment_id", "referral_id", "activity", "status", "sequence"
    ).on_conflict_do_nothing()
)
_ANSWER = sql(latest(enrolment, keep_unsaid=True))
_BEFORE = sql(
    select(enrolment.c.enrolment_id, enrolment.c.status, enrolment.c.sequence).where(
        enrolment.c.enrolment_id == func.any(bindparam("enrolments", type_=ARRAY(Text)))
    )
)


async def write_held(tx: Tx, events: Sequence[Event[ReferralHeld]]) -> None:
    """What is known of a referral nobody has consented to yet."""
    await tx.execute(_HOLD, rows=packed(event.data.model_dump() for event in events))


async def write_accepted(tx: Tx, events: Sequence[Event[ReferralAccepted]]) -> None:
    """What the referral asks for."""
    rows = [{**event.data.model_dump(), "accepted": event.time} for event in events]
    await tx.execute(_ACCEPT, rows=packed(rows))


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
    """What they answered: the last word on each enrolment. What it leaves out stays as it was. With it goes
    how many places of each activity are held."""
    last = {event.data.enrolment_id: event for event in sorted(events, key=lambda event: event.sequence)}
    before = {row["enrolment_id"]: row for row in await tx.fetch(_BEFORE, enrolments=sorted(last))}
    held: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for enrolment_id, event in last.items():
        known = before.get(enrolment_id)
        if known is None or known["sequence"] < event.sequence:
            activity, now, then = event.data.activity, event.data.FACT, known["status"] if known else None
            held[activity] += (now in HOLDS_A_PLACE) - (then in HOLDS_A_PLACE)
            waiting[activity] += (now == IN_LINE) - (then == IN_LINE)
    rows = [
        {**last[enrolment_id].data.model_dump(), "status": last[enrolment_id].data.FACT}
        | {"sequence": last[enrolment_id].sequence}
        for enrolment_id in sorted(last)
    ]
    await tx.execute(_ANSWER, rows=packed(rows))
    await count_places(tx, {name: Places(held[name], waiting[name]) for name in held.keys() | waiting})


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


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
        # Whoever begins later was not to come to it; whoever begins with it was, wherever it is moved to.
        or_(
            enrolment.c.first_session == bindparam("session", type_=Text),
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
