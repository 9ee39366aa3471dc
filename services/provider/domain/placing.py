"""A wish for a place: an offer, a welcome at once, the line, or a no that says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.provider.domain import activity
from services.provider.domain.alias import alias_of
from services.provider.domain.enrolment import (
    LIFECYCLE,
    NO_PROVIDER,
    Enrolment,
    Names,
    OnPathway,
    Status,
    names_of,
    stands,
    way_of,
    welcome,
)
from services.provider.domain.places import Places
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.enrolment import EnrolmentDeclined, EnrolmentOffered, EnrolmentWaitlisted, HostWanted
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Pathway
from sluss_contracts.plan import SupportAgreed
from sluss_contracts.vocabulary import Acceptance, SupportKind, Whose


def request(
    enrolments: Mapping[str, Enrolment],
    wanted: CaseEnrolmentRequested,
    places: Places | None,
    pathway: Pathway,
    now: datetime,
    *,
    consent_withdrawn: bool = False,
) -> list[Fact]:
    """A free place is held and offered, or given at once where nobody needs to say yes; else the line.

    Nobody who comes later gets a place before those in line. What does not exist or is only suggested, and
    what the person already takes part in or waits for, is declined for a reason of the network's; what is
    hidden or withdrawn for one of the provider's; and a provider the person has said no to is told nothing.
    Whoever is asked for by hand, since nothing may go to a provider by itself, is not put in line.
    """
    if wanted.enrolment_id in enrolments:
        return []
    names = Names(
        enrolment_id=wanted.enrolment_id,
        referral_id=wanted.referral_id,
        activity=wanted.activity,
        provider=places.provider if places else NO_PROVIDER,
    )
    if no := _impossible(enrolments, wanted, places, consent_withdrawn):
        whose, reason = no
        return [EnrolmentDeclined(**names, whose=whose, reason=reason)]
    assert places is not None, "what does not exist is impossible"
    on = OnPathway(pathway=wanted.pathway, pathway_version=wanted.pathway_version)
    if places.room_for_a_newcomer:
        return [_give_a_place(names, on, wanted.person, wanted.host_wanted, places, pathway, now)]
    if wanted.by_hand:
        return [EnrolmentDeclined(**names, whose=Whose.PROVIDER, reason="full")]
    return [
        EnrolmentWaitlisted(
            **names,
            **on,
            person=wanted.person,
            position=places.waiting + 1,
            host_wanted=wanted.host_wanted,
        )
    ]


def call(
    enrolment: Enrolment | None, places: Places | None, ahead: int, pathway: Pathway, now: datetime
) -> list[Fact]:
    """Offer a freed place to somebody in line, if the free places reach that far.

    Nothing to say when they have left the line, the place has gone, or the activity takes nobody new: the
    next change looks again.
    """
    if enrolment is None or places is None or enrolment.status is not Status.WAITLISTED:
        return []
    if places.status is not activity.Status.PUBLISHED or not places.reaches(ahead):
        return []
    names, on, person = names_of(enrolment), way_of(enrolment), enrolment.person
    return [_give_a_place(names, on, person, enrolment.host_wanted, places, pathway, now)]


def want_host(enrolments: Iterable[Enrolment], agreed: SupportAgreed) -> list[Fact]:
    """A host was agreed on after a place was asked for: whoever has not answered yet is told, once.

    After the answer, or where nothing may go to a provider by itself, it is the link worker's to see to, who
    has a task for it.
    """
    if agreed.kind is not SupportKind.HOST or agreed.by_hand:
        return []
    return [
        HostWanted(**names_of(each))
        for each in enrolments
        if agreed.enrolment_id in (None, each.enrolment_id)
        and LIFECYCLE.allows(each.status, HostWanted)
        and not each.host_wanted
    ]


def _impossible(
    enrolments: Mapping[str, Enrolment],
    wanted: CaseEnrolmentRequested,
    places: Places | None,
    consent_withdrawn: bool,
) -> tuple[Whose, str] | None:
    """Whose reason it is that there can be no place, and which."""
    if places is None:
        return Whose.NETWORK, "unknown_activity"
    match places.status:
        case activity.Status.PROPOSED:
            return Whose.NETWORK, "not_published"
        case activity.Status.HIDDEN:
            return Whose.PROVIDER, "not_verified"
        case activity.Status.WITHDRAWN:
            return Whose.PROVIDER, "activity_withdrawn"
    if consent_withdrawn:
        return Whose.PERSON, "consent_withdrawn"
    if any(each.activity == wanted.activity and not each.status.over for each in enrolments.values()):
        return Whose.NETWORK, "already_enrolled"
    return None


def _give_a_place(
    names: Names,
    on: OnPathway,
    person: str,
    host_wanted: bool,
    places: Places,
    pathway: Pathway,
    now: datetime,
) -> Fact:
    if places.acceptance is Acceptance.DROP_IN:
        return welcome(names, on, person, places.next_session)
    alias = alias_of(person, places.provider)
    return EnrolmentOffered(
        **names,
        **on,
        person=person,
        alias=alias,
        answer_by=now + stands(pathway),
        host_wanted=host_wanted,
    )
