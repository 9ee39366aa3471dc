"""Looking through the calendar, for pages and for other calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Text,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.provider.calendar.finding import ORDER, SHOWN, at, counted_up_to, matching
from services.provider.calendar.tables import activities, providers, sessions, told
from services.provider.calendar.wanted import Meant, Wanted
from services.provider.calendar.writing import LONGEST
from services.provider.domain.activity import Status
from services.provider.tables import activities as standing
from services.provider.tables import enrolments
from services.runtime.web import Identity
from sluss_contracts.command import Actor
from sluss_contracts.offering import Described, Venue
from sluss_contracts.vocabulary import OrganisationKind, Role

PAGE = 20
"""How many activities stand on a page."""
COUNTED = 1000
"""So many are counted, and can be paged through; whoever finds more narrows it down."""
_LISTED_SESSIONS = 2
_ALL_SESSIONS = 10
_OFFERED = 30
"""How many providers the demonstration's sign-in offers."""
# As the index on enrolments that are not over says it.
_OPEN = text("enrolment.status in ('waitlisted', 'offered', 'accepted')")
_MEETING = (
    select(sessions, told.c.told)
    .join(told, told.c.activity == sessions.c.activity)
    .where(sessions.c.code == bindparam("code", type_=Text))
    .limit(1)
)


@dataclass(frozen=True)
class Session:
    """One time it takes place, or would have."""

    session_id: str
    activity: str
    starts: datetime
    ends: datetime
    cancelled: bool
    changes: int
    changed: datetime
    venue: Venue | None = None
    """Where, when it is elsewhere than the activity."""


@dataclass(frozen=True)
class Provider:
    """Who runs something."""

    provider: str
    name: str
    kind: OrganisationKind
    area: str


@dataclass(frozen=True)
class Shown:
    """One activity, as everybody may see it."""

    told: Described
    provider: Provider
    status: Status
    confirmed: datetime
    vouched_by: Role | None
    """Who last said that it is right; None where that was not kept."""
    ask_again: datetime | None
    """When whoever runs it is asked next whether it is."""
    hides: datetime | None
    """They are asked already, and it is hidden from then on unless somebody answers."""
    sinks: bool
    has_room: bool
    """Whether somebody who asks for a place gets one at once."""
    sessions: Sequence[Session] = ()


@dataclass(frozen=True)
class Meeting:
    """One session, for those who are to come to it."""

    session: Session
    told: Described
    following: Session | None
    """The next that takes place, where this one does not."""


@dataclass(frozen=True)
class Found:
    """One page of what was looked for."""

    total: int
    """How many there are, `COUNTED` when there are at least so many."""
    shown: Sequence[Shown] = ()


@dataclass(frozen=True)
class Choices:
    """What there is to choose among."""

    areas: Mapping[str, str | None] = field(default_factory=dict)
    """Each with the town most of its activities name."""
    languages: Sequence[str] = ()


async def find(
    engine: AsyncEngine, wanted: Wanted, now: datetime, *, page: int = 1, meanings: Mapping[str, Meant]
) -> Found:
    """A page of the shown activities that meet every wish."""
    async with engine.connect() as connection:
        met = matching(wanted, await with_providers(connection, meanings), now)
        total = await connection.scalar(counted_up_to(COUNTED, met))
        names = await connection.scalars(
            select(activities.c.activity)
            .where(*met)
            .order_by(*ORDER)
            .offset(PAGE * (page - 1))
            .limit(PAGE if PAGE * page <= COUNTED else 0)
        )
        times = at(wanted, now) if wanted.in_time else not_over(now)
        return Found(total or 0, await _shown(connection, names.all(), times, _LISTED_SESSIONS))


async def count(engine: AsyncEngine, wanted: Wanted, now: datetime, *, meanings: Mapping[str, Meant]) -> int:
    """How many there are, `COUNTED` when there are at least so many."""
    async with engine.connect() as connection:
        met = matching(wanted, await with_providers(connection, meanings), now)
        return await connection.scalar(counted_up_to(COUNTED, met)) or 0


async def activity_of(engine: AsyncEngine, name: str, now: datetime) -> Shown | None:
    """One activity with its coming sessions, whatever its status, if it has ever been shown."""
    async with engine.connect() as connection:
        if not await connection.scalar(select(activities.c.shown).where(activities.c.activity == name)):
            return None
        found = await _shown(connection, [name], not_over(now), _ALL_SESSIONS)
        return found[0] if found else None


async def meeting_of(engine: AsyncEngine, code: str, now: datetime) -> Meeting | None:
    """The session that messages call so (`services.runtime.session_code`)."""
    async with engine.connect() as connection:
        row = (await connection.execute(_MEETING, {"code": code})).first()
        if row is None:
            return None
        session = session_in(row._mapping)
        taking_place = [*not_over(now), sessions.c.cancelled.is_(False)]
        coming = await _coming(connection, [session.activity], taking_place, 1) if session.cancelled else []
        return Meeting(session, Described.model_validate(row.told), next(iter(coming), None))


async def provider_of(engine: AsyncEngine, name: str) -> Provider | None:
    """One registered provider."""
    async with engine.connect() as connection:
        row = (await connection.execute(select(providers).where(providers.c.provider == name))).first()
        return _provider(name, row._mapping) if row else None


async def all_providers(engine: AsyncEngine) -> list[Provider]:
    """Every provider that shows something, by name."""
    async with engine.connect() as connection:
        showing = select(1).where(activities.c.provider == providers.c.provider, SHOWN).exists()
        rows = await connection.execute(
            select(providers).where(showing).order_by(providers.c.name).limit(COUNTED)
        )
        return [_provider(row.provider, row._mapping) for row in rows]


async def choices(engine: AsyncEngine) -> Choices:
    """The areas and languages of what is shown."""
    async with engine.connect() as connection:
        town = told.c.told["venue"]["town"].astext
        areas = await connection.execute(
            select(activities.c.area, town.label("town"), func.count().label("many"))
            .ext(distinct_on(activities.c.area))
            .join(told, told.c.activity == activities.c.activity)
            .where(SHOWN)
            .group_by(activities.c.area, town)
            .order_by(activities.c.area, town.is_(None), func.count().desc(), town)
        )
        languages = await connection.scalars(
            select(func.unnest(activities.c.languages)).distinct().where(SHOWN)
        )
        return Choices({row.area: row.town for row in areas}, sorted(languages))


async def people_of_the_demo(engine: AsyncEngine) -> list[Identity]:
    """Whom the demonstration offers to be here: the providers. Everybody else signs in at the front page."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(providers).order_by(providers.c.name).limit(_OFFERED))
        return [
            Identity(Actor(id=row.provider, role=Role.PROVIDER, organisation=row.provider), row.name)
            for row in rows
        ]


async def with_providers(connection: AsyncConnection, meanings: Mapping[str, Meant]) -> dict[str, Meant]:
    """The same meanings with the providers whose names hold a word that begins so."""
    found = {}
    for word, meant in meanings.items():
        begins = rf"\m{word}"  # a word is letters, digits and low lines, nothing that means something here
        named = await connection.scalars(
            select(providers.c.provider).where(providers.c.name.regexp_match(begins, "i")).limit(COUNTED)
        )
        found[word] = Meant(meant.interests, meant.categories, tuple(named))
    return found


async def _shown(
    connection: AsyncConnection, names: Sequence[str], times: list[ColumnElement[bool]], each: int
) -> list[Shown]:
    rows = await connection.execute(
        select(
            activities.c.activity,
            activities.c.provider,
            activities.c.status,
            activities.c.confirmed,
            activities.c.sinks,
            standing.c.vouched_by,
            standing.c.ask_again,
            standing.c.hides,
            told.c.told,
            providers.c.name,
            providers.c.kind,
            providers.c.area,
        )
        .join(told, told.c.activity == activities.c.activity)
        .outerjoin(standing, standing.c.activity == activities.c.activity)
        .outerjoin(providers, providers.c.provider == activities.c.provider)
        .where(activities.c.activity == any_(literal([*names], ARRAY(Text))))
    )
    by_name = {row.activity: row for row in rows}
    coming = await _coming(connection, names, times, each)
    taken = await _taken(connection, names)
    found = []
    for name in names:
        if (row := by_name.get(name)) is None:
            continue
        described = Described.model_validate(row.told)
        found.append(
            Shown(
                told=described,
                provider=_provider(row.provider, row._mapping),
                status=Status(row.status),
                confirmed=row.confirmed,
                vouched_by=Role(row.vouched_by) if row.vouched_by else None,
                ask_again=row.ask_again,
                hides=row.hides,
                sinks=row.sinks,
                has_room=taken.get(name, 0) < described.capacity,
                sessions=[one for one in coming if one.activity == name],
            )
        )
    return found


async def _coming(
    connection: AsyncConnection, names: Sequence[str], times: list[ColumnElement[bool]], each: int
) -> list[Session]:
    wanted = func.unnest(literal([*names], ARRAY(Text))).table_valued(column("name", Text))
    first = (
        select(sessions)
        .where(sessions.c.activity == wanted.c.name, *times)
        .order_by(sessions.c.starts, sessions.c.session_id)
        .limit(each)
        .lateral("first")
    )
    rows = await connection.execute(
        select(first).select_from(wanted.join(first, true())).order_by(first.c.starts, first.c.session_id)
    )
    return [session_in(row._mapping) for row in rows]


async def _taken(connection: AsyncConnection, names: Sequence[str]) -> dict[str, int]:
    """By activity, how many hold a place or wait for one: whoever waits comes before whoever asks now."""
    rows = await connection.execute(
        select(enrolments.c.activity, func.count().label("many"))
        .where(enrolments.c.activity == any_(literal([*names], ARRAY(Text))), _OPEN)
        .group_by(enrolments.c.activity)
    )
    return {row.activity: row.many for row in rows}


def not_over(now: datetime) -> list[ColumnElement[bool]]:
    """Sessions still to come, and those that go on right now."""
    return [sessions.c.starts > now - LONGEST, sessions.c.ends > now]


def session_in(row: RowMapping) -> Session:
    """The session a row tells of."""
    told = {name: row[name] for name in Session.__dataclass_fields__}
    return Session(**told | {"venue": Venue.model_validate(row["venue"]) if row["venue"] else None})


def _provider(name: str, row: RowMapping) -> Provider:
    kind = OrganisationKind(row["kind"] or OrganisationKind.OTHER)
    return Provider(name, row["name"] or name, kind, row["area"] or "")
