"""What a link leads to, read anew for every page: nothing is shown that the link was not made for.

Read through the pages' engine, whose transactions are read-only: looking at a link cannot change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.provider.domain.activity import Activity
from services.provider.domain.activity import Status as ActivityStatus
from services.provider.domain.alias import alias_of
from services.provider.domain.answer import GRACE
from services.provider.domain.enrolment import Enrolment, Status, Suggestion
from services.provider.links.asking import EXPECTED
from services.provider.links.token import Link, Purpose
from sluss_contracts.activity import ActivityAmended, ActivityVerified, ActivityWithdrawn
from sluss_contracts.offering import Venue
from sluss_contracts.vocabulary import Attendance

_OFFER = """
select a.state::text as state, t.due from enrolment e
join aggregate a on a.key = e.referral_id and a.kind = 'enrolment' and a.id = e.enrolment_id
left join timer t on t.kind = 'offer_expires' and t.id = e.enrolment_id
where e.enrolment_id = $1
"""
_ACTIVITY = (
    "select state::text as state, sequence from aggregate where key = $1 and kind = 'activity' and id = $1"
)
_SESSION = "select activity, starts, ends from session where session_id = $1 and not cancelled"
_COMING = """
select starts, ends, venue::text as venue from session where activity = $1 and starts > $2 and not cancelled
order by starts limit $3
"""
_ANSWERED = """
select exists (
  select from event where key = $1 and kind = 'activity' and aggregate_id = $1 and sequence > $2
    and type = any($3::text[])
) as answered
"""
_ANSWERS = [fact.TYPE for fact in (ActivityVerified, ActivityAmended, ActivityWithdrawn)]
_TO_CHOOSE_FROM = 6


@dataclass(frozen=True, slots=True)
class Coming:
    """A session to choose."""

    starts: datetime
    ends: datetime
    venue: Venue | None
    """Where, when it is elsewhere than the activity."""


@dataclass(frozen=True, slots=True)
class OfferSight:
    """An offer that waits for its answer."""

    enrolment: Enrolment
    activity: Activity
    alias: str
    host_wanted: bool
    answer_by: datetime | None
    coming: Sequence[Coming]

    @property
    def suggested(self) -> Suggestion | None:
        """The other time that has been suggested, and not yet agreed to."""
        return self.enrolment.suggested

    @property
    def shown(self) -> str:
        """What an answer must have been given in view of."""
        said = self.suggested
        return (
            f"{self.enrolment.status} {said.starts.isoformat()} {said.host}"
            if said
            else self.enrolment.status
        )


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody expected at a session, by the name the provider knows them by."""

    enrolment: Enrolment
    alias: str
    said: Attendance | None


@dataclass(frozen=True, slots=True)
class SessionSight:
    """A session that is over, or under way, and who was expected."""

    session_id: str
    activity: Activity
    starts: datetime
    ends: datetime
    guests: Sequence[Guest]

    @property
    def shown(self) -> str:
        """What a report must have been made in view of."""
        return " ".join(f"{each.enrolment.enrolment_id}:{each.said or '-'}" for each in self.guests)


@dataclass(frozen=True, slots=True)
class ActivitySight:
    """What is published, to be said right, changed or ended."""

    activity: Activity
    sequence: int

    @property
    def shown(self) -> str:
        """What an answer must have been given in view of."""
        return str(self.sequence)


Sight = OfferSight | SessionSight | ActivitySight


class Sights:
    """Reads what links lead to."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, link: Link, now: datetime) -> Sight | None:
        """What there is to answer; None when nothing is: it has been answered, taken back, or was never
        this provider's."""
        async with self._engine.connect() as connection:
            reading = _Reading(connection)
            match link.purpose:
                case Purpose.OFFER:
                    sight: Sight | None = await reading.offer(link, now)
                case Purpose.ATTENDANCE:
                    sight = await reading.session(link, now)
                case Purpose.CONFIRMATION:
                    sight = await reading.confirmation(link)
        return sight if sight and sight.activity.provider == link.provider else None


class _Reading:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def offer(self, link: Link, now: datetime) -> OfferSight | None:
        row = await self._row(_OFFER, link.about)
        if row is None:
            return None
        enrolment = Enrolment.model_validate_json(row["state"])
        activity = await self._activity(enrolment.activity)
        if activity is None or enrolment.status is not Status.OFFERED or enrolment.provider != link.provider:
            return None
        coming = await self._rows(_COMING, enrolment.activity, now, _TO_CHOOSE_FROM)
        return OfferSight(
            enrolment,
            activity[0],
            alias_of(enrolment.person, enrolment.provider),
            enrolment.host_wanted,
            row["due"] - GRACE if row["due"] else None,
            [Coming(each["starts"], each["ends"], _venue(each["venue"])) for each in coming],
        )

    async def session(self, link: Link, now: datetime) -> SessionSight | None:
        session = await self._row(_SESSION, link.about)
        if session is None or session["starts"] > now:
            return None
        activity = await self._activity(session["activity"])
        if activity is None:
            return None
        rows = await self._rows(EXPECTED, link.about)
        if not rows:
            return None
        guests = [_guest(Enrolment.model_validate_json(row["state"]), link.about) for row in rows]
        return SessionSight(link.about, activity[0], session["starts"], session["ends"], guests)

    async def confirmation(self, link: Link) -> ActivitySight | None:
        found = await self._activity(link.about)
        if found is None or found[0].status not in (ActivityStatus.PUBLISHED, ActivityStatus.HIDDEN):
            return None
        answered = await self._row(_ANSWERED, link.about, link.since, _ANSWERS)
        if answered is None or answered["answered"]:
            return None
        return ActivitySight(*found)

    async def _activity(self, id: str) -> tuple[Activity, int] | None:
        row = await self._row(_ACTIVITY, id)
        return (Activity.model_validate_json(row["state"]), row["sequence"]) if row else None

    async def _row(self, statement: str, *args: object) -> RowMapping | None:
        return next(iter(await self._rows(statement, *args)), None)

    async def _rows(self, statement: str, *args: object) -> Sequence[RowMapping]:
        return (await self._connection.exec_driver_sql(statement, args)).mappings().all()


def _venue(said: Any) -> Venue | None:
    return Venue.model_validate_json(said) if said else None


def _guest(enrolment: Enrolment, session_id: str) -> Guest:
    alias = alias_of(enrolment.person, enrolment.provider)
    return Guest(enrolment, alias, enrolment.attended.get(session_id))
