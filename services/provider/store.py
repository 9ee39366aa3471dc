"""The provider service's own tables: what is on offer, and who holds or waits for a place.

Written by projections from this service's own events, in the transaction that says them. Places are not
counted in a column of their own: they are the enrolments that hold one, counted under the activity's lock.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, Insert, distinct_on, insert

from services.provider.domain.places import Catalogue, Coming, Places
from services.runtime.tx import Tx, sql
from sluss_contracts.vocabulary import Acceptance

metadata = MetaData()

_MOMENT = TIMESTAMP(timezone=True)
# Written out, not bound, so that the planner can prove that the partial indexes apply.
_WAITS = text("enrolment.status = 'waitlisted'")
_HOLDS = text("enrolment.status in ('offered', 'accepted')")
_COUNTS = text("enrolment.status in ('waitlisted', 'offered', 'accepted')")

providers = Table(
    "provider",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, nullable=False),
    comment="Who is registered",
)

activities = Table(
    "activity",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("acceptance", Text, nullable=False),
    comment="What is on offer; whoever gives a place away locks the row first",
)

sessions = Table(
    "session",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("activity", Text, nullable=False),
    Column("starts", _MOMENT, nullable=False),
    Index("session_of_activity", "activity", "starts"),
    comment="The dated occurrences of activities",
)

enrolments = Table(
    "enrolment",
    metadata,
    Column("enrolment_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("status", Text, nullable=False),
    # Given while the activity's row is locked, so the line is as long as the order in which people joined.
    Column("place_in_line", BigInteger, Identity(always=True), nullable=False),
    Index("enrolment_in_line", "activity", "place_in_line", postgresql_where=text("status = 'waitlisted'")),
    Index(
        "enrolment_open",
        "activity",
        "status",
        postgresql_where=text("status in ('waitlisted', 'offered', 'accepted')"),
    ),
    comment="Who holds a place, who waits, and who did",
)

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
        sessions.c.starts >= bindparam("now", type_=_MOMENT),
    )
    .order_by(sessions.c.activity, sessions.c.starts, sessions.c.session_id)
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
    .where(activities.c.activity == any_(bindparam("activities", type_=ARRAY(Text))))
    .group_by(activities.c.activity, activities.c.capacity)
)
_ACTIVITIES_OF = sql(
    select(enrolments.c.enrolment_id, enrolments.c.activity).where(
        enrolments.c.enrolment_id == any_(bindparam("enrolments", type_=ARRAY(Text)))
    )
)
_ACTIVITIES_OF_SESSIONS = sql(
    select(sessions.c.session_id, sessions.c.activity).where(
        sessions.c.session_id == any_(bindparam("sessions", type_=ARRAY(Text)))
    )
)
_KNOWN_PROVIDERS = sql(
    select(providers.c.provider).where(
        providers.c.provider == any_(bindparam("providers", type_=ARRAY(Text)))
    )
)


def _new(table: Table, *columns: str) -> Insert:
    """A row of these columns, each given by a parameter of its name."""
    return insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})


_provider = _new(providers, "provider", "name")
WRITE_PROVIDER = sql(
    _provider.on_conflict_do_update(index_elements=["provider"], set_={"name": _provider.excluded.name})
)
_activity = _new(activities, "activity", "provider", "capacity", "acceptance")
WRITE_ACTIVITY = sql(
    _activity.on_conflict_do_update(
        index_elements=["activity"],
        set_={"capacity": _activity.excluded.capacity, "acceptance": _activity.excluded.acceptance},
    )
)
WRITE_SESSION = sql(_new(sessions, "session_id", "activity", "starts").on_conflict_do_nothing())
WRITE_ENROLMENT = sql(
    _new(enrolments, "enrolment_id", "referral_id", "activity", "status").on_conflict_do_nothing()
)
MOVE_ENROLMENT = sql(
    update(enrolments)
    .where(enrolments.c.enrolment_id == bindparam("enrolment", type_=Text))
    .values(status=bindparam("to", type_=Text))
)


async def places_under_lock(tx: Tx, wanted: Collection[str], *, in_line: Collection[str] = ()) -> Catalogue:
    """The places of these activities, theirs to give away until the transaction ends.

    Counted after the locks are held, so whatever another transaction gave away before is seen. `in_line`
    are enrolments whose place in the line is wanted too.
    """
    names = sorted(set(wanted))
    rows = await tx.fetch(_LOCKED, activities=names)
    counts = {row["activity"]: row for row in await tx.fetch(_COUNTED, activities=names)}
    coming = await next_sessions(tx, names)
    ahead = await tx.fetch(_AHEAD, enrolments=sorted(in_line)) if in_line else ()
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
            )
            for row in rows
        ),
        {row["enrolment_id"]: row["ahead"] for row in ahead},
    )


async def next_sessions(tx: Tx, wanted: Collection[str]) -> dict[str, Coming]:
    """By activity, the first session that has not begun."""
    rows = await tx.fetch(_NEXT_SESSIONS, activities=sorted(set(wanted)), now=tx.now)
    return {row["activity"]: Coming(row["session_id"], row["starts"]) for row in rows}


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
