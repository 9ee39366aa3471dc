"""What the provider service reads of its tables to decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, Text, and_, any_, bindparam, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from services.provider.domain.activity import Status
from services.provider.domain.places import Catalogue, Coming, Places
from services.provider.tables import (
    MOMENT,
    activities,
    enrolments,
    metadata,
    providers,
    sessions,
    timetables,
    withdrawn_consents,
)
from services.runtime.tx import Tx, sql
from sluss_contracts.vocabulary import Acceptance

__all__ = ["metadata"]

# Written out, not bound, so that the planner can prove that the partial indexes apply.
_WAITS = text("enrolment.status = 'waitlisted'")
_HOLDS = text("enrolment.status in ('offered', 'accepted')")
_COUNTS = text("enrolment.status in ('waitlisted', 'offered', 'accepted')")

_LOCKED = sql(
    select(activities)
    .where(activities.c.activity == any_(bindparam("activities", type_=ARRAY(Text))))
    .order_by(activities.c.activity)
    .with_for_update()
)
_COUNTED = sql(
    select(
        enrolments.c.activity,
        func.count().filter(_WAITS).label("waiting"),
        func.count().filter(_HOLDS).label("taken"),
    )
    .where(
        enrolments.c.activity == any_(bindparam("activities", type_=ARRAY(Text))),
        _COUNTS,
    )
    .group_by(enrolments.c.activity)
)
_NEXT_SESSIONS = sql(
    select(sessions.c.activity, sessions.c.session_id, sessions.c.starts)
    .ext(distinct_on(sessions.c.activity))
    .where(
        sessions.c.activity == any_(bindparam("activities", type_=ARRAY(Text))),
        sessions.c.starts >= bindparam("now", type_=MOMENT),
        sessions.c.cancelled.is_(False),
    )
    .order_by(sessions.c.activity, sessions.c.starts, sessions.c.session_id)
)
_SESSION_AT = sql(
    select(sessions.c.session_id, sessions.c.starts).where(
        sessions.c.activity == bindparam("activity", type_=Text),
        sessions.c.starts == bindparam("starts", type_=MOMENT),
        sessions.c.cancelled.is_(False),
    )
)
_before = enrolments.alias("before")
_AHEAD = sql(
    select(
        enrolments.c.enrolment_id,
        select(func.count())
        .select_from(_before)
        .where(
            _before.c.activity == enrolments.c.activity,
            _before.c.status == literal_column("'waitlisted'"),
            _before.c.place_in_line < enrolments.c.place_in_line,
        )
        .scalar_subquery()
        .label("ahead"),
    ).where(enrolments.c.enrolment_id == any_(bindparam("enrolments", type_=ARRAY(Text))))
)
_LINE = sql(
    select(enrolments.c.enrolment_id, enrolments.c.referral_id)
    .where(enrolments.c.activity == bindparam("activity", type_=Text), _WAITS)
    .order_by(enrolments.c.place_in_line)
    .limit(bindparam("free", type_=Integer))
)
_FREE = sql(
    select(
        activities.c.activity,
        (activities.c.capacity - func.count(enrolments.c.enrolment_id)).label("free"),
    )
    .select_from(
        activities.outerjoin(
            enrolments,
            and_(
                enrolments.c.activity == activities.c.activity,
                _HOLDS,
            ),
        )
    )
    .where(
        activities.c.activity == any_(bindparam("activities", type_=ARRAY(Text))),
        activities.c.status == literal_column("'published'"),
    )
    .group_by(activities.c.activity, activities.c.capacity)
)
_ACTIVITIES_OF = sql(
    select(enrolments.c.enrolment_id, enrolments.c.activity).where(
        enrolments.c.enrolment_id == any_(bindparam("enrolments", type_=ARRAY(Text)))
    )
)
_ACTIVITIES_OF_SESSIONS = sql(
    select(sessions.c.session_id, sessions.c.activity).where(
        sessions.c.session_id == any_(bindparam("sessions", type_=ARRAY(Text))),
        sessions.c.cancelled.is_(False),
    )
)
_KNOWN_PROVIDERS = sql(
    select(providers.c.provider).where(
        providers.c.provider == any_(bindparam("providers", type_=ARRAY(Text)))
    )
)

_OF_KNOWN_PROVIDERS = sql(
    select(activities.c.activity)
    .join(providers, providers.c.provider == activities.c.provider)
    .where(activities.c.activity == any_(bindparam("activities", type_=ARRAY(Text))))
)
_OPEN_IN = sql(
    select(enrolments.c.enrolment_id, enrolments.c.referral_id)
    .where(enrolments.c.activity == any_(bindparam("activities", type_=ARRAY(Text))), _COUNTS)
    .order_by(enrolments.c.place_in_line)
)
_WITHDRAWN = sql(
    select(withdrawn_consents.c.referral_id, withdrawn_consents.c.provider).where(
        withdrawn_consents.c.referral_id == any_(bindparam("referrals", type_=ARRAY(Text)))
    )
)
STILL_TO_LAY_OUT = sql(
    select(timetables.c.activity)
    .where(
        timetables.c.activity == any_(bindparam("activities", type_=ARRAY(Text))),
        or_(timetables.c.ends.is_(None), timetables.c.ends > bindparam("until", type_=MOMENT)),
    )
    .order_by(timetables.c.activity)
)
_first = sessions.alias("first")
_begins = func.coalesce(
    select(_first.c.starts).where(_first.c.session_id == enrolments.c.first_session).scalar_subquery(),
    enrolments.c.expected_from,
)
_EXPECTED_AT = sql(
    select(
        sessions.c.session_id,
        sessions.c.ends,
        enrolments.c.enrolment_id,
        enrolments.c.referral_id,
        enrolments.c.pathway,
        enrolments.c.pathway_version,
    )
    .join(enrolments, enrolments.c.activity == sessions.c.activity)
    .where(
        sessions.c.session_id == any_(bindparam("sessions", type_=ARRAY(Text))),
        sessions.c.cancelled.is_(False),
        enrolments.c.status == literal_column("'accepted'"),
        _begins <= sessions.c.starts,
    )
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who should have been at a session."""

    session_id: str
    over: datetime
    enrolment_id: str
    referral_id: str
    pathway: str
    pathway_version: int


@dataclass(frozen=True, slots=True)
class ComingTo:
    """Where whoever is welcomed may come first."""

    first: Mapping[str, Coming]
    """By activity, its first session that is to come."""
    chosen: Mapping[str, Coming]
    """By enrolment, the session at the time the provider named."""


async def places_under_lock(
    tx: Tx, wanted: Collection[str], *, in_line: Collection[str] = (), referrals: Collection[str] = ()
) -> Catalogue:
    """The places of these activities, theirs to give away until the transaction ends.

    Counted after the locks are held, so whatever another transaction gave away before is seen. `in_line`
    are enrolments whose place in the line is wanted too, `referrals` those whose withdrawn consents are.
    """
    names = sorted(set(wanted))
    rows = await tx.fetch(_LOCKED, activities=names)
    counts = {row["activity"]: row for row in await tx.fetch(_COUNTED, activities=names)}
    coming = await next_sessions(tx, names)
    ahead = await tx.fetch(_AHEAD, enrolments=sorted(in_line)) if in_line else ()
    withdrawn = await tx.fetch(_WITHDRAWN, referrals=sorted(set(referrals))) if referrals else ()
    return Catalogue(
        (
            Places(
                activity=row["activity"],
                provider=row["provider"],
                capacity=row["capacity"],
                acceptance=Acceptance(row["acceptance"]),
                taken=counts[row["activity"]]["taken"] if row["activity"] in counts else 0,
                waiting=counts[row["activity"]]["waiting"] if row["activity"] in counts else 0,
                next_session=coming.get(row["activity"]),
                status=Status(row["status"]),
            )
            for row in rows
        ),
        {row["enrolment_id"]: row["ahead"] for row in ahead},
        [(row["referral_id"], row["provider"]) for row in withdrawn],
    )


async def next_sessions(tx: Tx, wanted: Collection[str]) -> dict[str, Coming]:
    """By activity, the first session that has not begun."""
    rows = await tx.fetch(_NEXT_SESSIONS, activities=sorted(set(wanted)), now=tx.now)
    return {row["activity"]: Coming(row["session_id"], row["starts"]) for row in rows}


async def coming_to(tx: Tx, named: Mapping[str, datetime | None]) -> ComingTo:
    """The sessions these enrolments may begin with; `named` is when, where somebody says so."""
    wanted = await activities_of(tx, named)
    chosen = {}
    for enrolment_id, starts in named.items():
        if starts is None or enrolment_id not in wanted:
            continue
        if row := await tx.row(_SESSION_AT, activity=wanted[enrolment_id], starts=starts):
            chosen[enrolment_id] = Coming(row["session_id"], row["starts"])
    return ComingTo(await next_sessions(tx, wanted.values()), chosen)


async def first_in_line(tx: Tx, wanted: Collection[str]) -> list[tuple[str, str, str]]:
    """Whom the free places reach: activity, enrolment and referral, in the order of the line."""
    reached = []
    for row in await tx.fetch(_FREE, activities=sorted(set(wanted))):
        if row["free"] > 0:
            line = await tx.fetch(_LINE, activity=row["activity"], free=row["free"])
            reached += [(row["activity"], each["enrolment_id"], each["referral_id"]) for each in line]
    return reached


async def activities_of(tx: Tx, wanted: Collection[str]) -> dict[str, str]:
    """By enrolment, the activity it is about."""
    rows = await tx.fetch(_ACTIVITIES_OF, enrolments=sorted(set(wanted)))
    return {row["enrolment_id"]: row["activity"] for row in rows}


async def activities_of_sessions(tx: Tx, wanted: Collection[str]) -> dict[str, str]:
    """By session, the activity it belongs to."""
    rows = await tx.fetch(_ACTIVITIES_OF_SESSIONS, sessions=sorted(set(wanted)))
    return {row["session_id"]: row["activity"] for row in rows}


async def known_providers(tx: Tx, wanted: Collection[str]) -> set[str]:
    """Which of these providers are registered."""
    return {row["provider"] for row in await tx.fetch(_KNOWN_PROVIDERS, providers=sorted(set(wanted)))}


async def of_known_providers(tx: Tx, wanted: Collection[str]) -> set[str]:
    """Which of these activities, published or only suggested, are of a registered provider."""
    rows = await tx.fetch(_OF_KNOWN_PROVIDERS, activities=sorted(set(wanted)))
    return {row["activity"] for row in rows}


async def open_in(tx: Tx, wanted: Collection[str]) -> list[tuple[str, str]]:
    """Enrolment and referral of everybody who takes part in these activities, is on offer or waits."""
    rows = await tx.fetch(_OPEN_IN, activities=sorted(set(wanted)))
    return [(row["enrolment_id"], row["referral_id"]) for row in rows]


async def still_to_lay_out(tx: Tx, wanted: Collection[str], until: datetime) -> list[str]:
    """Which of these activities take place by their schedule after `until` too."""
    rows = await tx.fetch(STILL_TO_LAY_OUT, activities=sorted(set(wanted)), until=until)
    return [row["activity"] for row in rows]


async def expected_at(tx: Tx, wanted: Collection[str]) -> list[Expected]:
    """Everybody who should have been at these sessions."""
    rows = await tx.fetch(_EXPECTED_AT, sessions=sorted(set(wanted)))
    return [
        Expected(
            row["session_id"],
            row["ends"],
            row["enrolment_id"],
            row["referral_id"],
            row["pathway"],
            row["pathway_version"],
        )
        for row in rows
    ]
