"""What the pages of the work with one person read besides the case itself: what was said before, what other
services said, and what activities are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.board import party, step
from services.navigator.store.tables import activity, enrolment, instrument, link_worker, provider, session
from services.runtime.tables import event
from sluss_contracts.event import FACTS, Event, Fact, read_event
from sluss_contracts.instruments import Pack, built_in
from sluss_contracts.offering import Venue
from sluss_contracts.plan import PlanAgreed, PlanRevised


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_KEY: Final = bindparam("referral_id", type_=Text)
_SAID = (
    select(event.c.type, event.c.body)
    .where(
        event.c.key == _KEY,
        event.c.kind == "case",
        event.c.aggregate_id == _KEY,
        event.c.type == func.any(_texts("types")),
    )
    .order_by(event.c.sequence)
)
_TOLD = (
    select(step.c.time, step.c.step, step.c.told)
    .where(step.c.referral == _KEY, step.c.step == func.any(_texts("steps")))
    .order_by(step.c.time, step.c.event)
)
_NAMED = select(
    activity.c.activity,
    activity.c.title,
    activity.c.provider,
    activity.c.acceptance,
    activity.c.venue,
    activity.c.area,
    activity.c.standing,
    func.coalesce(provider.c.name, activity.c.provider).label("provider_name"),
).select_from(activity.outerjoin(provider, provider.c.provider == activity.c.provider))
_ACTIVITIES = _NAMED.where(activity.c.activity == func.any(_texts("activities")))
_PLACES = select(enrolment).where(enrolment.c.referral_id == _KEY).order_by(enrolment.c.enrolment_id)
_MOMENT: Final = TIMESTAMP(timezone=True)
_SESSIONS = (
    select(session.c.session_id, session.c.activity, session.c.starts, session.c.minutes)
    .where(
        session.c.activity == func.any(_texts("activities")),
        ~session.c.cancelled,
        session.c.starts.between(bindparam("since", type_=_MOMENT), bindparam("until", type_=_MOMENT)),
    )
    .order_by(session.c.starts, session.c.session_id)
    .limit(400)
)
_PACKS = select(instrument.c.definition).order_by(instrument.c.instrument, instrument.c.version)
_WORKERS = select(party.c.id, party.c.name).where(
    party.c.kind == "worker", party.c.id == func.any(_texts("workers"))
)
_GUIDES = (
    select(link_worker.c.worker, link_worker.c.volunteer)
    .where(or_(link_worker.c.team == bindparam("team", type_=Text), link_worker.c.worker == _KEY))
    .order_by(link_worker.c.volunteer, link_worker.c.worker)
    .limit(100)
)


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as a page of a case names it."""

    activity: str
    title: str
    provider: str
    provider_name: str
    acceptance: str
    area: str
    standing: str
    venue: Venue | None


@dataclass(frozen=True, slots=True)
class Time:
    """One time an activity takes place."""

    session_id: str
    activity: str
    starts: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Told:
    """Something another service said, as the board keeps it."""

    time: datetime
    step: str
    told: Mapping[str, Any]


class Reading:
    """Reads through the pages' engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def said(self, referral_id: str, *facts: type[Fact]) -> list[Event[Any]]:
        """Everything of these kinds that was said of a case, in order: every version there has been."""
        rows = await self._rows(_SAID, referral_id=referral_id, types=[fact.TYPE for fact in facts])
        return [read_event(FACTS[row["type"]], bytes(row["body"])) for row in rows]

    async def told(self, referral_id: str, *facts: type[Fact]) -> list[Told]:
        """What other services said of these kinds, in order."""
        steps = [f"{fact.NOUN}.{fact.FACT}" for fact in facts]
        rows = await self._rows(_TOLD, referral_id=referral_id, steps=steps)
        return [Told(row["time"], row["step"], row["told"]) for row in rows]

    async def words_of_goal(self, referral_id: str, goal_id: str) -> str | None:
        """Where the vault keeps a goal's words, also of one that no plan has any more."""
        for plan in reversed(await self.said(referral_id, PlanAgreed, PlanRevised)):
            for goal in plan.data.goals:
                if goal.goal_id == goal_id:
                    return str(goal.words)
        return None

    async def activities(self, names: Collection[str]) -> dict[str, Activity]:
        """What these activities are; unknown ones are left out."""
        rows = await self._rows(_ACTIVITIES, activities=sorted(set(names))) if names else []
        return {row["activity"]: Activity(**{**row, "venue": _venue(row["venue"])}) for row in rows}

    async def places(self, referral_id: str) -> Sequence[Mapping[str, Any]]:
        """Every place that was asked for, and what came of it."""
        return await self._rows(_PLACES, referral_id=referral_id)

    async def times(self, activities: Collection[str], since: datetime, until: datetime) -> list[Time]:
        """When these activities take place between two moments."""
        if not activities:
            return []
        rows = await self._rows(_SESSIONS, activities=sorted(set(activities)), since=since, until=until)
        return [Time(**row) for row in rows]

    async def packs(self) -> list[Pack]:
        """Every instrument the network may measure with, the newest version of each: what is published goes
        before what is shipped, for it may add wording."""
        rows = await self._rows(_PACKS)
        published = [Pack.model_validate(row["definition"], extra="ignore") for row in rows]
        newest: dict[str, Pack] = {}
        for pack in (*built_in(), *published):
            if pack.instrument not in newest or pack.version >= newest[pack.instrument].version:
                newest[pack.instrument] = pack
        return [newest[name] for name in sorted(newest)]

    async def guides(self, team: str, worker: str | None) -> list[tuple[str, bool]]:
        """Who in the team may come along, and whether each is a volunteer."""
        rows = await self._rows(_GUIDES, team=team, referral_id=worker or "")
        return [(row["worker"], row["volunteer"]) for row in rows]

    async def names_of_workers(self, workers: Collection[str]) -> dict[str, str]:
        """What link workers are called."""
        rows = await self._rows(_WORKERS, workers=sorted(set(workers))) if workers else []
        return {row["id"]: row["name"] for row in rows}

    async def _rows(self, statement: Any, **given: Any) -> list[dict[str, Any]]:
        async with self._engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(statement, given)).mappings()]


def _venue(said: Any) -> Venue | None:
    return Venue.model_validate(said, extra="ignore") if said else None


def newest_of(packs: Sequence[Pack], name: str) -> Pack | None:
    """The pack of this name, if there is one."""
    return next((pack for pack in packs if pack.instrument == name), None)
