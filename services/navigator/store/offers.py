"""What providers offer, as tables: activities, whether anybody vouches for them, sessions, places held."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from services.navigator.domain.wishes import Standing, a_month
from services.navigator.store.rows import insertion, latest, packed
from services.navigator.store.shelves import SHOWN, put_in_order
from services.navigator.store.tables import activity, places_taken, provider, session
from services.runtime.rows import upsert
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import (
    ActivityExpired,
    ActivityPublished,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.event import Event
from sluss_contracts.vocabulary import Acceptance

_MOMENT = TIMESTAMP(timezone=True)
_SAID = bindparam("said", type_=BigInteger)


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_PROVIDER = sql(latest(provider, keep_unsaid=False))
_OFFER = sql(latest(activity, keep_unsaid=False))
_STAND = sql(
    update(activity)
    .where(activity.c.activity == bindparam("named", type_=Text), activity.c.sequence < _SAID)
    .values(
        standing=bindparam("to", type_=Text),
        vouched=func.coalesce(bindparam("at", type_=_MOMENT), activity.c.vouched),
        hidden_at=bindparam("until", type_=_MOMENT),
        sequence=_SAID,
    )
)
_SCHEDULE = sql(latest(session, keep_unsaid=False))
_CANCEL = sql(
    update(session)
    .where(session.c.session_id == bindparam("named", type_=Text), session.c.sequence < _SAID)
    .values(cancelled=True, sequence=_SAID)
)
_this = session.c.session_id == bindparam("named", type_=Text)
_STARTS = sql(select(session.c.starts).where(_this))
_other = session.alias("other")
_ON_AGAIN = sql(
    select(session.c.session_id).where(
        _this,
        select(1)
        .where(
            _other.c.activity == session.c.activity,
            _other.c.starts == session.c.starts,
            _other.c.cancelled.is_(False),
        )
        .exists(),
    )
)
_counted = insertion(places_taken)
_COUNT = sql(
    upsert(
        _counted,
        taken=places_taken.c.taken + _counted.excluded.taken,
        waiting=places_taken.c.waiting + _counted.excluded.waiting,
    ).returning(places_taken.c.activity, (places_taken.c.taken + places_taken.c.waiting).label("held"))
)
_ROOM = sql(
    select(activity.c.activity, activity.c.capacity).where(
        activity.c.activity == func.any(_texts("activities")),
        activity.c.acceptance != Acceptance.DROP_IN.value,
    )
)
_KNOWN = sql(select(activity.c.activity).where(activity.c.activity == func.any(_texts("activities")), SHOWN))


async def write_providers(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    """Who offers something."""
    rows = {event.data.provider: {**event.data.model_dump(), "sequence": event.sequence} for event in events}
    await tx.execute(_PROVIDER, rows=packed(rows[name] for name in sorted(rows)))


async def write_activities(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """What is on offer. Whoever publishes or corrects it says that it is right."""
    rows = {event.data.activity: _row(event) for event in events}
    names = sorted(rows)
    # Locks the counts, so that nobody fills a place unseen between here and the shelves.
    await tx.fetch(_COUNT, rows=packed({"activity": name, "taken": 0, "waiting": 0} for name in names))
    await tx.execute(_OFFER, rows=packed(rows[name] for name in names))
    await put_in_order(tx, names)


def _row(event: Event[ActivityPublished]) -> dict[str, Any]:
    said = event.data.model_dump()
    venue, cost = event.data.venue, event.data.cost
    return {
        **said,
        **said["eligibility"],
        "latitude": venue.latitude if venue else None,
        "longitude": venue.longitude if venue else None,
        "a_month": a_month(cost.kronor, cost.per) if cost else None,
        "standing": Standing.PUBLISHED,
        "vouched": event.time,
        "sequence": event.sequence,
    }


async def write_standing(
    tx: Tx,
    events: Sequence[Event[ActivityVerified | VerificationDue | ActivityExpired | ActivityWithdrawn]],
) -> None:
    """Whether anybody vouches for it, and so whether anybody new is sent there."""
    # In the order in which everybody locks them.
    for event in sorted(events, key=lambda event: (event.data.activity, event.sequence)):
        said, verified = event.data, isinstance(event.data, ActivityVerified)
        await tx.execute(
            _STAND,
            named=said.activity,
            to=_STANDS[type(said)].value,
            at=event.time if verified else None,
            until=getattr(said, "hidden_at", None),
            said=event.sequence,
        )
    await put_in_order(tx, {event.data.activity for event in events})


_STANDS: Mapping[type, Standing] = {
    ActivityVerified: Standing.VERIFIED,
    VerificationDue: Standing.VERIFICATION_DUE,
    ActivityExpired: Standing.EXPIRED,
    ActivityWithdrawn: Standing.WITHDRAWN,
}


async def write_sessions(tx: Tx, events: Sequence[Event[SessionScheduled | ActivityRescheduled]]) -> None:
    """When; a session that is moved is where it was moved to."""
    rows = {
        event.data.session_id: {**event.data.model_dump(), "cancelled": False, "sequence": event.sequence}
        for event in events
    }
    await tx.execute(_SCHEDULE, rows=packed(rows.values()))


async def write_cancelled(tx: Tx, events: Sequence[Event[SessionCancelled]]) -> None:
    """And when not."""
    for event in events:
        await tx.execute(_CANCEL, named=event.data.session_id, said=event.sequence)


async def starts_of(tx: Tx, session_id: str) -> datetime | None:
    """When a session is, or would have been; None where nobody here has heard of it."""
    starts: datetime | None = await tx.value(_STARTS, named=session_id)
    return starts


async def is_on_again(tx: Tx, session_id: str) -> bool:
    """Whether there is another at the same time in its place."""
    return bool(await tx.fetch(_ON_AGAIN, named=session_id))


class Places(NamedTuple):
    """How many places are held, and how many people wait in line for one."""

    taken: int
    waiting: int


async def count_places(tx: Tx, changes: Mapping[str, Places]) -> None:
    """So many places more of each activity are held, and so many more wait (or, below zero, fewer). An
    activity that becomes full, or is so no more, is looked at in another order: whoever waits comes before
    whoever asks now."""
    rows = [{"activity": name, **change._asdict()} for name, change in sorted(changes.items()) if any(change)]
    if not rows:
        return
    held = {row["activity"]: row["held"] for row in await tx.fetch(_COUNT, rows=packed(rows))}
    room = {row["activity"]: row["capacity"] for row in await tx.fetch(_ROOM, activities=sorted(held))}
    turned = [
        name
        for name, capacity in room.items()
        if (held[name] >= capacity) != (held[name] - sum(changes[name]) >= capacity)
    ]
    await put_in_order(tx, turned)


async def known_activities(tx: Tx, activities: Collection[str]) -> set[str]:
    """Which of these are published, and neither hidden nor withdrawn."""
    return {row["activity"] for row in await tx.fetch(_KNOWN, activities=sorted(set(activities)))}
