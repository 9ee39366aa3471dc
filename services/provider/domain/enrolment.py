"""One person offered to, waiting for, or taking part in one activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict

from services.provider.domain.alias import alias_of
from services.provider.domain.places import Coming, Places
from services.provider.domain.refusals import NotOffered, NotTakingPart, UnknownEnrolment, UnknownSession
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    RecordAttendance,
)
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Acceptance, Attendance, Role, Whose

OFFER_STANDS = timedelta(days=7)
"""How long a provider has to answer an offer."""

NO_PROVIDER = "nobody"
"""Stands where a provider's id must, when the activity asked for does not exist."""


class Status(StrEnum):
    """Where an enrolment is. `DECLINED` and `ENDED` are over."""

    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"

    @property
    def over(self) -> bool:
        """Nothing follows; a new wish is a new enrolment."""
        return self in (Status.DECLINED, Status.ENDED)

    @property
    def holds_a_place(self) -> bool:
        """Counts against the activity's capacity."""
        return self in (Status.OFFERED, Status.ACCEPTED)


class Enrolment(BaseModel):
    """State of one enrolment."""

    model_config = ConfigDict(frozen=True)

    enrolment_id: str
    referral_id: str
    activity: str
    provider: str
    status: Status
    person: str = ""
    attended: dict[str, Attendance] = {}
    """By session, what was last said."""


class _Names(TypedDict):
    enrolment_id: str
    referral_id: str
    activity: str
    provider: str


def request(
    enrolments: Mapping[str, Enrolment], wanted: CaseEnrolmentRequested, places: Places | None, now: datetime
) -> list[Fact]:
    """A free place is held and offered, or given at once where nobody needs to say yes; else the line.

    Nobody who comes later gets a place before those in line. An activity that does not exist, and one the
    person already takes part in or waits for, is declined for a reason of the network's.
    """
    if wanted.enrolment_id in enrolments:
        return []
    names = _Names(
        enrolment_id=wanted.enrolment_id,
        referral_id=wanted.referral_id,
        activity=wanted.activity,
        provider=places.provider if places else NO_PROVIDER,
    )
    if places is None:
        return [EnrolmentDeclined(**names, whose=Whose.NETWORK, reason="unknown_activity")]
    if any(each.activity == wanted.activity and not each.status.over for each in enrolments.values()):
        return [EnrolmentDeclined(**names, whose=Whose.NETWORK, reason="already_enrolled")]
    if places.room_for_a_newcomer:
        return [_give_a_place(names, wanted.person, places, now)]
    return [EnrolmentWaitlisted(**names, person=wanted.person, position=places.waiting + 1)]


def call(enrolment: Enrolment | None, places: Places | None, ahead: int, now: datetime) -> list[Fact]:
    """Offer a freed place to somebody in line, if the free places reach that far.

    Nothing to say when they have left the line, or the place has gone: the next change looks again.
    """
    if enrolment is None or places is None or enrolment.status is not Status.WAITLISTED:
        return []
    if not places.reaches(ahead):
        return []
    return [_give_a_place(_names(enrolment), enrolment.person, places, now)]


def accept(enrolment: Enrolment | None, wanted: AcceptEnrolment, first_session: Coming | None) -> list[Fact]:
    """Accepting twice is accepting once; accepting another's offer is refused."""
    match _known(enrolment, wanted.enrolment_id):
        case Enrolment(status=Status.OFFERED, provider=holder) as offered if holder == wanted.provider:
            return [_accepted(_names(offered), offered.person, first_session, wanted.host)]
        case Enrolment(status=Status.ACCEPTED, provider=holder) if holder == wanted.provider:
            return []
        case _:
            raise NotOffered(f"{wanted.enrolment_id} is not on offer to {wanted.provider}")


def decline(enrolment: Enrolment | None, wanted: DeclineEnrolment) -> list[Fact]:
    """No to an offer, or to somebody in line. Whoever has been accepted is not declined but ended."""
    match _known(enrolment, wanted.enrolment_id):
        case Enrolment(status=Status.OFFERED | Status.WAITLISTED, provider=holder) as open_ if (
            holder == wanted.provider
        ):
            return [EnrolmentDeclined(**_names(open_), whose=wanted.whose, reason=wanted.reason)]
        case Enrolment(status=Status.DECLINED, provider=holder) if holder == wanted.provider:
            return []
        case _:
            raise NotOffered(f"{wanted.enrolment_id} is not on offer to {wanted.provider}")


def end(enrolment: Enrolment | None, wanted: EndEnrolment) -> list[Fact]:
    """The person takes part no more, or will not: an offer and a place in line end the same way."""
    match _known(enrolment, wanted.enrolment_id):
        case Enrolment(status=Status.DECLINED):
            raise NotTakingPart(f"{wanted.enrolment_id} was declined; there is nothing to end")
        case Enrolment(status=Status.ENDED):
            return []
        case open_:
            return [EnrolmentEnded(**_names(open_), whose=wanted.whose, reason=wanted.reason)]


def close(enrolments: Iterable[Enrolment]) -> list[Fact]:
    """The case is over: what is open ends, offers are withdrawn, places in line given up."""
    return [
        EnrolmentEnded(**_names(each), whose=Whose.NETWORK, reason="case_closed")
        for each in enrolments
        if not each.status.over
    ]


def record_attendance(
    enrolment: Enrolment | None, wanted: RecordAttendance, by: Role, sessions: Mapping[str, str]
) -> list[Fact]:
    """Whether the person came. Saying the same again changes nothing; otherwise it is a correction.

    `sessions` tells which activity the sessions asked about belong to.
    """
    known = _known(enrolment, wanted.enrolment_id)
    if known.status is not Status.ACCEPTED:
        raise NotTakingPart(f"{wanted.enrolment_id} is {known.status}, not accepted; nobody can have come")
    if sessions.get(wanted.session_id) != known.activity:
        raise UnknownSession(f"{known.activity} has no session {wanted.session_id}")
    if known.attended.get(wanted.session_id) == wanted.outcome:
        return []
    return [AttendanceRecorded(**_names(known), session_id=wanted.session_id, outcome=wanted.outcome, by=by)]


_STATUS: dict[type[Fact], Status] = {
    EnrolmentOffered: Status.OFFERED,
    EnrolmentAccepted: Status.ACCEPTED,
    EnrolmentDeclined: Status.DECLINED,
    EnrolmentWaitlisted: Status.WAITLISTED,
    EnrolmentEnded: Status.ENDED,
}


def evolve(state: Enrolment | None, fact: Any) -> Enrolment:
    """What a fact makes of an enrolment."""
    if isinstance(fact, AttendanceRecorded):
        assert state is not None, "attendance is recorded of an accepted enrolment"
        return state.model_copy(update={"attended": {**state.attended, fact.session_id: fact.outcome}})
    status = status_after(fact)
    if state is not None:
        return state.model_copy(update={"status": status})
    return Enrolment(
        enrolment_id=fact.enrolment_id,
        referral_id=fact.referral_id,
        activity=fact.activity,
        provider=fact.provider,
        status=status,
        person=getattr(fact, "person", ""),
    )


def status_after(fact: Fact) -> Status:
    """The status an enrolment has once this has been said of it."""
    return _STATUS[type(fact)]


def _known(enrolment: Enrolment | None, id: str) -> Enrolment:
    if enrolment is None:
        raise UnknownEnrolment(f"the referral has no enrolment {id}")
    return enrolment


def _names(enrolment: Enrolment) -> _Names:
    return _Names(
        enrolment_id=enrolment.enrolment_id,
        referral_id=enrolment.referral_id,
        activity=enrolment.activity,
        provider=enrolment.provider,
    )


def _give_a_place(names: _Names, person: str, places: Places, now: datetime) -> Fact:
    if places.acceptance is Acceptance.DROP_IN:
        return _accepted(names, person, places.next_session)
    alias = alias_of(person, places.provider)
    return EnrolmentOffered(**names, person=person, alias=alias, answer_by=now + OFFER_STANDS)


def _accepted(names: _Names, person: str, first: Coming | None, host: str | None = None) -> Fact:
    return EnrolmentAccepted(
        **names,
        person=person,
        host=host,
        first_session=first.session_id if first else None,
        starts=first.starts if first else None,
    )
