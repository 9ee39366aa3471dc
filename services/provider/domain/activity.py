"""Activities and their sessions: what there is to take part in, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.provider.domain.refusals import AnothersActivity, SessionClash, UnknownActivity, UnknownProvider
from sluss_contracts.activity import ActivityAmended, ActivityPublished, SessionScheduled
from sluss_contracts.commands.provider import PublishActivity, ScheduleSession
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind


class Activity(BaseModel):
    """What is published about one activity."""

    model_config = ConfigDict(frozen=True)

    activity: str
    provider: str
    title: str
    kind: PrescriptionKind
    needs: tuple[Need, ...]
    area: str
    languages: tuple[str, ...]
    capacity: int
    """How many may take part at the same time."""
    acceptance: Acceptance


class Session(BaseModel):
    """One dated occurrence of an activity."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    activity: str
    starts: datetime
    minutes: int


def publish(known: Activity | None, wanted: PublishActivity, *, provider_is_known: bool) -> list[Fact]:
    """Publish, or correct what was published. Saying the same again changes nothing.

    Fewer places than people taking part is allowed: rooms shrink. Nobody loses a place because of it, and
    nobody new gets one until there is room. An activity stays with the provider that published it.
    """
    if not provider_is_known:
        raise UnknownProvider(f"no provider {wanted.provider} is registered; register it first")
    if known and known.provider != wanted.provider:
        raise AnothersActivity(f"{wanted.activity} belongs to {known.provider}; publish it under another id")
    truth = Activity(**{name: getattr(wanted, name) for name in Activity.model_fields})
    if known == truth:
        return []
    fact = ActivityPublished if known is None else ActivityAmended
    return [fact(**dict(truth))]


def schedule(
    activity: Activity | None, sessions: Mapping[str, Session], wanted: ScheduleSession, new_id: str
) -> tuple[str, list[Fact]]:
    """The session's id, and what there is to say. Scheduling the same time twice is scheduling once."""
    if activity is None:
        raise UnknownActivity(f"no activity {wanted.activity} is published; publish it first")
    there = next((session for session in sessions.values() if session.starts == wanted.starts), None)
    if there is None:
        scheduled = SessionScheduled(
            session_id=new_id, activity=wanted.activity, starts=wanted.starts, minutes=wanted.minutes
        )
        return new_id, [scheduled]
    if there.minutes != wanted.minutes:
        raise SessionClash(f"{wanted.activity} has a session of {there.minutes} minutes at that time already")
    return there.session_id, []


def evolve(_: Activity | None, fact: ActivityPublished) -> Activity:
    """An amendment carries the whole new truth, so the last one said is all there is."""
    return Activity(**{name: getattr(fact, name) for name in Activity.model_fields})


def evolve_session(_: Session | None, fact: SessionScheduled) -> Session:
    """A session is what was scheduled."""
    return Session(
        session_id=fact.session_id, activity=fact.activity, starts=fact.starts, minutes=fact.minutes
    )
