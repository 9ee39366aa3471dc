"""This service's own events, into the calendar's tables, in the transaction that says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.provider.calendar.tables import MOMENT, activities, providers, sessions, told
from services.provider.domain.activity import LIFECYCLE, Status
from services.provider.registry import service
from services.runtime.rows import new_row, upsert
from services.runtime.session_code import code_of
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityProposed,
    ActivityPublished,
    ActivityRescheduled,
    ActivityVerified,
    ActivityWithdrawn,
    ProviderAmended,
    ProviderRegistered,
    SessionCancelled,
    SessionScheduled,
    VerificationDue,
)
from sluss_contracts.event import Event

ZONE = ZoneInfo("Europe/Stockholm")

TOLD = {
    *("activity", "provider", "title", "kind", "needs", "area", "languages", "capacity", "acceptance"),
    *("about", "category", "interests", "mode", "venue", "cost", "eligibility", "access", "hosted", "page"),
}
"""What everybody is told of an activity. Named one by one: what an event learns to say later, such as whom
link workers ring, is not shown to the world before somebody adds it here."""

SWEDISH: ColumnElement[str] = literal_column("'swedish'")

LONGEST = timedelta(days=1)
"""No session lasts longer."""

_WRITE_PROVIDER = sql(upsert(new_row(providers, "provider", "name", "kind", "area"), "name", "kind", "area"))
_FILTERS = (
    *("provider", "status", "shown", "confirmed", "area", "category", "interests", "languages", "mode"),
    *("kronor", "from_age", "to_age"),
)


def _read(words: BindParameter[str], weight: str) -> Any:
    """The words as they are looked for; how Swedish bends them does not matter."""
    return func.setweight(func.to_tsvector(SWEDISH, words), literal_column(f"'{weight}'"))


_WRITE_ACTIVITY = sql(
    upsert(
        new_row(activities, "activity", *_FILTERS).values(
            sinks=literal_column("false"),
            search=_read(bindparam("title", type_=Text), "A").op("||")(
                _read(bindparam("words", type_=Text), "D")
            ),
        ),
        *(*_FILTERS, "sinks", "search"),
    )
)
_told = insert(told).values(
    activity=bindparam("activity", type_=Text), told=cast(bindparam("told", type_=Text), JSONB)
)
_TELL = sql(upsert(_told, "told"))
_named = activities.c.activity == bindparam("named", type_=Text)
_CONFIRM = sql(
    update(activities)
    .where(_named)
    .values(
        status=bindparam("to", type_=Text),
        confirmed=bindparam("at", type_=MOMENT),
        sinks=literal_column("false"),
    )
)
_MOVE = sql(update(activities).where(_named).values(status=bindparam("to", type_=Text)))
_SINK = sql(update(activities).where(_named).values(sinks=literal_column("true")))
_MOVED = ("starts", "ends", "weekday", "changes", "changed")
_WRITE_SESSION = sql(
    upsert(
        new_row(sessions, "session_id", "code", "activity", *_MOVED).values(
            cancelled=literal_column("false"), venue=cast(bindparam("venue", type_=Text), JSONB)
        ),
        *_MOVED,
        "venue",
    )
)
_STRIKE = sql(
    update(sessions)
    .where(sessions.c.session_id == bindparam("session", type_=Text))
    .values(
        cancelled=literal_column("true"),
        changes=bindparam("changes", type_=sessions.c.changes.type),
        changed=bindparam("at", type_=MOMENT),
    )
)
# The rows are locked in one order by everybody, so that two batches never wait for each other.
_locked = (
    select(activities.c.activity)
    .where(activities.c.activity == any_(bindparam("activities", type_=ARRAY(Text))))
    .order_by(activities.c.activity)
    .with_for_update()
    .cte("locked")
)
_MOVE_ON = sql(
    update(activities)
    .where(activities.c.activity == _locked.c.activity)
    .values(
        next_starts=select(func.min(sessions.c.starts))
        .where(
            sessions.c.activity == activities.c.activity,
            sessions.c.cancelled.is_(False),
            sessions.c.starts > bindparam("soonest", type_=MOMENT),
            sessions.c.ends > bindparam("now", type_=MOMENT),
        )
        .scalar_subquery()
    )
)
_WHOSE = sql(
    select(sessions.c.activity)
    .distinct()
    .where(sessions.c.session_id == any_(bindparam("sessions", type_=ARRAY(Text))))
)


@service.project(ProviderRegistered, ProviderAmended)
async def show_providers(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    """Who runs things, as they are called now."""
    await tx.execute_many(
        _WRITE_PROVIDER,
        [
            {
                "provider": each.data.provider,
                "name": each.data.name,
                "kind": each.data.kind.value,
                "area": each.data.area,
            }
            for each in events
        ],
    )


@service.project(ActivityProposed, ActivityPublished, ActivityAmended)
async def show_activities(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """What there is, in the words of whoever runs it. A suggestion is kept, and shown to nobody."""
    await tx.execute_many(_WRITE_ACTIVITY, [filtered_by(each.data, each.time) for each in events])
    said = (each.data.model_dump(mode="json", include=TOLD, exclude_none=True) for each in events)
    rows = [{"activity": each["activity"], "told": orjson.dumps(each).decode()} for each in said]
    await tx.execute_many(_TELL, rows)


def filtered_by(said: ActivityPublished, at: datetime) -> dict[str, Any]:
    """What an activity is found by."""
    status = LIFECYCLE.moves[type(said)].to
    assert status is not None, "each of these leads somewhere"
    place = said.venue
    words = [said.about, *said.eligibility.groups]
    words += [place.name, place.street, place.town] if place else []
    return {
        "activity": said.activity,
        "provider": said.provider,
        "status": status.value,
        "shown": status is Status.PUBLISHED,
        "confirmed": at,
        "area": said.area,
        "category": said.category.value if said.category else None,
        "interests": [each.value for each in said.interests],
        "languages": list(said.languages),
        "mode": said.mode.value,
        "kronor": said.cost.kronor if said.cost else None,
        "from_age": said.eligibility.from_age,
        "to_age": said.eligibility.to_age,
        "title": said.title,
        "words": " ".join(each for each in words if each),
    }


@service.project(ActivityVerified, VerificationDue, ActivityExpired, ActivityWithdrawn)
async def confirm_sink_or_hide(
    tx: Tx, events: Sequence[Event[ActivityVerified | VerificationDue | ActivityExpired | ActivityWithdrawn]]
) -> None:
    """What somebody vouches for stays where it is; what nobody does sinks, and then is hidden."""
    for each in events:
        name, status = each.data.activity, LIFECYCLE.moves[type(each.data)].to
        match each.data:
            case VerificationDue():
                await tx.execute(_SINK, named=name)
            case ActivityVerified():
                assert status is not None, "what is verified is shown"
                await tx.execute(_CONFIRM, named=name, to=status.value, at=each.time)
            case _:
                assert status is not None, "each of these leads somewhere"
                await tx.execute(_MOVE, named=name, to=status.value)


@service.project(SessionScheduled, ActivityRescheduled, SessionCancelled)
async def show_sessions(
    tx: Tx, events: Sequence[Event[SessionScheduled | ActivityRescheduled | SessionCancelled]]
) -> None:
    """When things take place. What is cancelled stays, struck: somebody may have written it down."""
    for each in events:
        said = each.data
        if isinstance(said, SessionCancelled):
            await tx.execute(_STRIKE, session=said.session_id, changes=each.sequence - 1, at=each.time)
            continue
        await tx.execute(
            _WRITE_SESSION,
            session_id=said.session_id,
            code=code_of(said.session_id),
            activity=said.activity,
            starts=said.starts,
            ends=said.starts + timedelta(minutes=said.minutes),
            weekday=said.starts.astimezone(ZONE).isoweekday(),
            changes=each.sequence - 1,
            changed=each.time,
            venue=said.venue.model_dump_json(exclude_none=True) if said.venue else None,
        )
    await _move_on(tx, {each.data.activity for each in events})


async def move_on(tx: Tx, over: Sequence[str]) -> None:
    """These sessions are over: the next ones of their activities come first now."""
    await _move_on(tx, {row["activity"] for row in await tx.fetch(_WHOSE, sessions=sorted(over))})


async def _move_on(tx: Tx, names: set[str]) -> None:
    await tx.execute(_MOVE_ON, activities=sorted(names), soonest=tx.now - LONGEST, now=tx.now)
