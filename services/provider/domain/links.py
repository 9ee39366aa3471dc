"""What a link may be made for: something that waits for its provider's answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.provider.domain.activity import Activity
from services.provider.domain.activity import Status as ActivityStatus
from services.provider.domain.answer import no_offer
from services.provider.domain.enrolment import Enrolment, Status, known
from services.provider.domain.refusals import (
    HasNotBegun,
    NotPublished,
    SessionIsCancelled,
    TakesPlaceNoMore,
    UnknownActivity,
    UnknownSession,
)
from services.provider.domain.session import Session
from services.provider.domain.session import Status as SessionStatus
from services.runtime.decision import NotAllowed
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

OFFER_LINK = timedelta(days=30)
"""Longer than any offer stands: the offer's own end is what ends its link."""
ATTENDANCE_LINK = timedelta(days=30)
"""As long can be corrected who came."""
CONFIRMATION_LINK = timedelta(days=120)
"""A month longer than there is to answer before it is hidden: whoever comes too late can bring it back."""


_MAY_HAVE_ONE = frozenset({Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})


def may_have_one(actor: Actor) -> None:
    """Whoever has a link answers as the provider. Raises `NotAllowed`."""
    if actor.role not in _MAY_HAVE_ONE:
        raise NotAllowed("links to providers are for coordinators and operators, to be handed on")


def for_offer(enrolment: Enrolment | None, id: str) -> Enrolment:
    """The enrolment, if it is on offer. Raises `UnknownEnrolment`, `NotOffered`, `OfferExpired`."""
    there = known(enrolment, id)
    if there.status is not Status.OFFERED:
        raise no_offer(there, there.provider)
    return there


def for_activity(activity: Activity | None, id: str) -> Activity:
    """The activity, if somebody may say of it that it is right. Raises `UnknownActivity`, `NotPublished`,
    `TakesPlaceNoMore`."""
    if activity is None:
        raise UnknownActivity(f"there is no activity {id}; see `sluss activity list`")
    if activity.status is ActivityStatus.WITHDRAWN:
        raise TakesPlaceNoMore(f"{id} is withdrawn; publish it anew under another id")
    if activity.status is ActivityStatus.PROPOSED:
        raise NotPublished(f"{id} is only suggested; publish it, and it is right")
    return activity


def for_session(session: Session | None, id: str, activity: str, now: datetime) -> Session:
    """The session, if anybody can have come to it. Raises `UnknownSession`, `SessionIsCancelled`,
    `HasNotBegun`."""
    if session is None:
        raise UnknownSession(f"{activity} has no session {id}; see `sluss attendance sessions {activity}`")
    if session.status is SessionStatus.CANCELLED:
        raise SessionIsCancelled(f"{id} is cancelled; nobody can have come")
    if session.starts > now:
        raise HasNotBegun(f"{id} has not begun; ask again when it has")
    return session


def unreported(expected: Iterable[Enrolment], session_id: str) -> int:
    """Of how many nobody has said whether they came."""
    return sum(session_id not in each.attended for each in expected)
