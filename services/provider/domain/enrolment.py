"""One person offered to, waiting for, or taking part in one activity."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict

from services.provider.domain.places import Coming
from services.provider.domain.refusals import UnknownEnrolment
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
    HostWanted,
)
from sluss_contracts.event import Fact
from sluss_contracts.pathway import DEFAULT, Pathway
from sluss_contracts.vocabulary import Attendance

NO_PROVIDER = "nobody"
"""Stands where a provider's id must, when the activity asked for does not exist."""


class Status(StrEnum):
    """Where an enrolment is. `DECLINED`, `EXPIRED` and `ENDED` are over."""

    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def over(self) -> bool:
        """Nothing follows; a new wish is a new enrolment."""
        return self in (Status.DECLINED, Status.EXPIRED, Status.ENDED)

    @property
    def holds_a_place(self) -> bool:
        """Counts against the activity's capacity."""
        return self in (Status.OFFERED, Status.ACCEPTED)


LIFECYCLE: Lifecycle[Status] = Lifecycle(
    "enrolment",
    {
        EnrolmentWaitlisted: born(Status.WAITLISTED),
        EnrolmentOffered: move(None, Status.WAITLISTED, to=Status.OFFERED),
        EnrolmentAccepted: move(None, Status.WAITLISTED, Status.OFFERED, to=Status.ACCEPTED),
        EnrolmentDeclined: move(None, Status.WAITLISTED, Status.OFFERED, to=Status.DECLINED),
        EnrolmentExpired: move(Status.OFFERED, to=Status.EXPIRED),
        AnotherTimeSuggested: move(Status.OFFERED),
        HostWanted: move(Status.WAITLISTED, Status.OFFERED),
        EnrolmentEnded: move(Status.WAITLISTED, Status.OFFERED, Status.ACCEPTED, to=Status.ENDED),
        AttendanceRecorded: move(Status.ACCEPTED),
        AttendanceMissing: move(Status.ACCEPTED),
    },
    Status,
)


class Suggestion(BaseModel):
    """Another time at which the provider would welcome the person."""

    model_config = ConfigDict(frozen=True)

    starts: datetime
    host: str | None = None


class Enrolment(BaseModel):
    """State of one enrolment."""

    model_config = ConfigDict(frozen=True)

    enrolment_id: str
    referral_id: str
    activity: str
    provider: str
    status: Status
    person: str = ""
    pathway: str = DEFAULT
    pathway_version: int = 0
    told: bool = False
    """Whether the provider has been told of the person; that is so for ever."""
    host_wanted: bool = False
    """The person would like to be met by somebody of the provider."""
    suggested: Suggestion | None = None
    attended: dict[str, Attendance] = {}
    """By session, what was last said."""
    missing: tuple[str, ...] = ()
    """Sessions of which it has been said that nobody has said anything."""


class Names(TypedDict):
    """What every fact about an enrolment begins with."""

    enrolment_id: str
    referral_id: str
    activity: str
    provider: str


class OnPathway(TypedDict):
    """Which way of working an enrolment is on."""

    pathway: str
    pathway_version: int


def evolve(state: Enrolment | None, fact: Any) -> Enrolment:
    """What a fact makes of an enrolment."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if state is None:
        state = Enrolment(
            enrolment_id=fact.enrolment_id,
            referral_id=fact.referral_id,
            activity=fact.activity,
            provider=fact.provider,
            status=status,
            person=getattr(fact, "person", ""),
            pathway=getattr(fact, "pathway", DEFAULT),
            pathway_version=getattr(fact, "pathway_version", 0),
            host_wanted=getattr(fact, "host_wanted", False),
        )
    return state.model_copy(update={"status": status, **_changed(state, fact)})


def _changed(state: Enrolment, fact: Any) -> dict[str, Any]:
    match fact:
        case EnrolmentOffered() | EnrolmentAccepted():
            return {"told": True}
        case HostWanted():
            return {"host_wanted": True}
        case AnotherTimeSuggested():
            return {"suggested": Suggestion(starts=fact.starts, host=fact.host)}
        case AttendanceRecorded():
            return {"attended": {**state.attended, fact.session_id: fact.outcome}}
        case AttendanceMissing():
            return {"missing": (*state.missing, fact.session_id)}
        case _:
            return {}


def status_after(fact: Fact) -> Status | None:
    """The status an enrolment has once this has been said of it; None where it keeps the one it had."""
    return LIFECYCLE.moves[type(fact)].to


def names_of(enrolment: Enrolment) -> Names:
    """What every fact about an enrolment begins with."""
    return Names(
        enrolment_id=enrolment.enrolment_id,
        referral_id=enrolment.referral_id,
        activity=enrolment.activity,
        provider=enrolment.provider,
    )


def way_of(enrolment: Enrolment) -> OnPathway:
    """The way of working the referral began with."""
    return OnPathway(pathway=enrolment.pathway, pathway_version=enrolment.pathway_version)


def known(enrolment: Enrolment | None, id: str) -> Enrolment:
    """The enrolment a command is about. Raises `UnknownEnrolment`."""
    if enrolment is None:
        raise UnknownEnrolment(f"the referral has no enrolment {id}")
    return enrolment


def stands(pathway: Pathway) -> timedelta:
    """How long a provider is given to answer an offer."""
    return timedelta(days=pathway.silence.offer_answered)


def welcome(
    names: Names,
    on: OnPathway,
    person: str,
    first: Coming | None,
    host: str | None = None,
    *,
    starts: datetime | None = None,
) -> Fact:
    """The person is welcome: at the session `first`, or where there is none, at a time somebody names."""
    return EnrolmentAccepted(
        **names,
        **on,
        person=person,
        host=host,
        first_session=first.session_id if first else None,
        starts=first.starts if first else starts,
    )
