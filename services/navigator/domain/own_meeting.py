"""What the person says of a meeting of their own, by the link they got: it suits, another time, or no more.

Each is said of the time they were shown. A meeting that has been moved since, or has begun, is not answered
by what was shown before. Saying the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.navigator.domain.case import Case
from services.navigator.domain.meeting import Meeting
from services.navigator.domain.rules import (
    MeetingHasBegun,
    MeetingHasMoved,
    NoLinkForProtected,
    TimeIsTaken,
)
from services.navigator.domain.standing import whose_it_is
from services.navigator.domain.work import ahead
from services.runtime.decision import NotAllowed
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.meeting import MeetingCancelled, MeetingConfirmed, MeetingMoved, MeetingTimeUnsuited
from sluss_contracts.vocabulary import PartOfDay, Role, Weekday, Whose

CALLED_OFF: Final = "called_off"
"""Why a meeting is cancelled when the person does it: nobody asks them for more."""
_MAY_HAVE_A_LINK: Final = frozenset({Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})


def for_a_link(case: Case, by: Actor, meeting_id: str, now: datetime) -> Meeting:
    """The meeting, if a link may be made for it. Of somebody whose identity is protected none is: all of
    theirs is done by hand."""
    if by.role not in _MAY_HAVE_A_LINK:
        raise NotAllowed("links to meetings are for coordinators and operators, to be handed on")
    if case.protected:
        raise NoLinkForProtected(
            f"the person of case {case.referral_id} has a protected identity; call them instead"
        )
    whose_it_is(case, MeetingConfirmed)
    meeting = ahead(case, meeting_id)
    _to_come(meeting, meeting_id, now)
    return meeting


def confirm(case: Case, meeting_id: str, shown: datetime, now: datetime) -> list[Fact]:
    """The time suits them; after all, perhaps."""
    whose_it_is(case, MeetingConfirmed)
    meeting = _shown(case, meeting_id, shown, now)
    if meeting.confirmed:
        return []
    return [MeetingConfirmed(**_about(case, meeting_id, meeting), starts=meeting.starts)]


def choose(
    case: Case, meeting_id: str, shown: datetime, to: datetime, now: datetime, free: Sequence[datetime]
) -> list[Fact]:
    """Another of the link worker's free times, for as long and in the same way as before."""
    worker = whose_it_is(case, MeetingMoved)
    if (known := case.meetings.get(meeting_id)) and known.starts == to and known.confirmed:
        return []
    meeting = _shown(case, meeting_id, shown, now)
    if to not in free:
        raise TimeIsTaken(f"{worker} is not free at {to.isoformat()}; choose another time")
    told = meeting.model_dump(include={"mode", "minutes", "place", "lone_work"})
    about = _about(case, meeting_id, meeting)
    return [MeetingMoved(**about, **told, person=case.person, worker=worker, starts=to, by_person=True)]


def ask_for_another(
    case: Case,
    meeting_id: str,
    shown: datetime,
    now: datetime,
    *,
    days: Sequence[Weekday],
    parts: Sequence[PartOfDay],
) -> list[Fact]:
    """The time does not suit. It stays booked until the link worker has found another with them."""
    whose_it_is(case, MeetingTimeUnsuited)
    meeting = _shown(case, meeting_id, shown, now)
    told = MeetingTimeUnsuited(
        **_about(case, meeting_id, meeting),
        starts=meeting.starts,
        days=tuple(day for day in Weekday if day in days),
        parts=tuple(dict.fromkeys(parts)),
    )
    same = meeting.unsuited is not None and (meeting.unsuited.days, meeting.unsuited.parts) == (
        told.days,
        told.parts,
    )
    return [] if same else [told]


def call_off(case: Case, meeting_id: str, shown: datetime, now: datetime, *, contact: bool) -> list[Fact]:
    """The meeting does not take place. It is the meeting alone: the case goes on, and a human sees to it."""
    whose_it_is(case, MeetingCancelled)
    if (known := case.meetings.get(meeting_id)) and known.cancelled:
        return []
    meeting = _shown(case, meeting_id, shown, now)
    about = _about(case, meeting_id, meeting)
    return [MeetingCancelled(**about, whose=Whose.PERSON, why=CALLED_OFF, by_person=True, contact=contact)]


def _shown(case: Case, meeting_id: str, shown: datetime, now: datetime) -> Meeting:
    """The meeting, if it is still ahead at the time they were shown."""
    meeting = ahead(case, meeting_id)
    if meeting.starts != shown:
        raise MeetingHasMoved(
            f"meeting {meeting_id} is at {meeting.starts.isoformat()} now; look at it again, and answer that"
        )
    _to_come(meeting, meeting_id, now)
    return meeting


def _to_come(meeting: Meeting, meeting_id: str, now: datetime) -> None:
    if meeting.starts <= now:
        raise MeetingHasBegun(f"meeting {meeting_id} has begun; call the link worker")


def _about(case: Case, meeting_id: str, meeting: Meeting) -> dict[str, Any]:
    return {"referral_id": case.referral_id, "meeting_id": meeting_id, "kind": meeting.kind}
