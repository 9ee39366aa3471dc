"""What a provider answers to an offer, and what happens when it does not."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.provider.domain.acting import acts_for
from services.provider.domain.enrolment import (
    LIFECYCLE,
    Enrolment,
    Status,
    Suggestion,
    known,
    names_of,
    stands,
    way_of,
    welcome,
)
from services.provider.domain.places import Coming
from services.provider.domain.refusals import (
    NoSessionThen,
    NoTimeSuggested,
    NotOffered,
    OfferExpired,
    TimeHasPassed,
)
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    AgreeToTime,
    DeclineEnrolment,
    SuggestAnotherTime,
)
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentExpired,
)
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Pathway

GRACE = timedelta(days=7)
"""How long after `answer_by` an offer still stands: by then the link worker has been told that nobody has
answered, and has had a week to ask the provider before the place goes to the next in line."""


def accept(
    enrolment: Enrolment | None,
    wanted: AcceptEnrolment,
    first_session: Coming | None,
    now: datetime,
    chosen: Coming | None = None,
) -> list[Fact]:
    """Accepting twice is accepting once, and the host named first stands; accepting another's offer is
    refused. `chosen` is the session at the time they are welcome, where the provider names one; what has no
    sessions may begin at any time."""
    match _held_by(enrolment, wanted):
        case Enrolment(status=Status.OFFERED) as offered:
            if wanted.starts and wanted.starts <= now:
                raise TimeHasPassed("welcome them at a time that is to come")
            if wanted.starts and chosen is None and first_session:
                raise NoSessionThen("there is no session at that time; suggest another time instead")
            welcomed = welcome(
                names_of(offered),
                way_of(offered),
                offered.person,
                chosen or first_session,
                wanted.host,
                starts=wanted.starts,
            )
            return [welcomed]
        case Enrolment(status=Status.ACCEPTED):
            return []
        case other:
            raise no_offer(other, wanted.provider)


def decline(enrolment: Enrolment | None, wanted: DeclineEnrolment) -> list[Fact]:
    """No to an offer, or to somebody in line. Whoever has been accepted is not declined but ended."""
    match _held_by(enrolment, wanted):
        case Enrolment(status=Status.OFFERED | Status.WAITLISTED) as open_:
            return [EnrolmentDeclined(**names_of(open_), whose=wanted.whose, reason=wanted.reason)]
        case Enrolment(status=Status.DECLINED):
            return []
        case other:
            raise no_offer(other, wanted.provider)


def suggest_another_time(
    enrolment: Enrolment | None, wanted: SuggestAnotherTime, pathway: Pathway, now: datetime
) -> list[Fact]:
    """Welcome, but another time. The place is held as long again as an offer is; suggesting the same twice is
    suggesting it once, suggesting something else replaces it."""
    offered = _held_by(enrolment, wanted)
    if not LIFECYCLE.allows(offered.status, AnotherTimeSuggested):
        raise no_offer(offered, wanted.provider)
    if wanted.starts <= now:
        raise TimeHasPassed("suggest a time that is to come")
    if offered.suggested == Suggestion(starts=wanted.starts, host=wanted.host):
        return []
    return [
        AnotherTimeSuggested(
            **names_of(offered), starts=wanted.starts, host=wanted.host, answer_by=now + stands(pathway)
        )
    ]


def agree_to_time(enrolment: Enrolment | None, wanted: AgreeToTime, now: datetime) -> list[Fact]:
    """The person says yes to the time suggested last; the provider has said yes to it by suggesting it."""
    there = known(enrolment, wanted.enrolment_id)
    if there.status is Status.ACCEPTED and there.suggested:
        return []
    if there.status is not Status.OFFERED:
        raise no_offer(there, there.provider)
    if there.suggested is None:
        raise NoTimeSuggested(f"{there.provider} has suggested no other time; it may still accept the offer")
    if there.suggested.starts <= now:
        raise TimeHasPassed("the time suggested has passed; ask the provider for another")
    agreed = EnrolmentAccepted(
        **names_of(there),
        **way_of(there),
        person=there.person,
        host=there.suggested.host,
        starts=there.suggested.starts,
    )
    return [agreed]


def expire(enrolment: Enrolment | None) -> list[Fact]:
    """Nobody has answered: the place goes to the next in line. What was answered meanwhile stands."""
    if enrolment is None or not LIFECYCLE.allows(enrolment.status, EnrolmentExpired):
        return []
    return [EnrolmentExpired(**names_of(enrolment))]


def _held_by(
    enrolment: Enrolment | None, wanted: AcceptEnrolment | DeclineEnrolment | SuggestAnotherTime
) -> Enrolment:
    """The enrolment, if it is with the provider that answers, and whoever answers is of that provider."""
    there = known(enrolment, wanted.enrolment_id)
    if there.provider != wanted.provider:
        raise NotOffered(f"{wanted.enrolment_id} is not on offer to {wanted.provider}")
    acts_for(wanted.actor, there.provider)
    return there


def no_offer(enrolment: Enrolment, provider: str) -> NotOffered | OfferExpired:
    """Why there is nothing to answer."""
    if enrolment.status is Status.EXPIRED:
        return OfferExpired("the offer was not answered in time; ask the link worker to ask anew")
    return NotOffered(f"{enrolment.enrolment_id} is not on offer to {provider}")
