"""The referral from submission to closure, and the receipt every submission is answered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal, Wait
from sluss_contracts.command import Fault
from sluss_contracts.event import Fact
from sluss_contracts.referral import (
    ConsentGiven,
    ReceiptIssued,
    ReferralAccepted,
    ReferralClosed,
    ReferralHeld,
    ReferralRefused,
    ReferralRequested,
    ReferralSubmitted,
)
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    ConsentPurpose,
    ConsentStatus,
    Gender,
    Key,
    Language,
    Need,
    ReceiptStatus,
    Slug,
    VaultRef,
)

T = TypeVar("T")

ACCEPTED = "accepted"
CONSENT_TO_BE_ASKED = "consent_to_be_asked"


class UnknownReferral(Refusal):
    """No referral has this id."""

    code = "unknown_referral"


class ReferralIsClosed(Refusal):
    """The referral is over; coming back is a new referral."""

    code = "referral_is_closed"


class ConsentIsNotToBeReferred(Refusal):
    """A held referral goes on only when the person agrees to being referred."""

    code = "consent_is_not_to_be_referred"


class Status(StrEnum):
    """Where a referral is on its way."""

    SUBMITTED = "submitted"
    HELD = "held"
    OPEN = "open"
    CLOSED = "closed"


class Referral(BaseModel):
    """One referral, without anything that tells who the person is."""

    model_config = ConfigDict(frozen=True)

    referral_id: Key
    person: Key
    organisation: Slug
    area: Area
    language: Language
    needs: tuple[Need, ...]
    requested_gender: Gender | None
    pathway: Slug
    pathway_version: int = 0
    status: Status
    purposes: tuple[ConsentPurpose, ...] = ()
    receivers: tuple[Slug, ...] = ()


def evolve(
    held: Referral | None,
    fact: ReferralSubmitted | ReferralAccepted | ReferralHeld | ConsentGiven | ReferralClosed,
) -> Referral:
    if isinstance(fact, ReferralSubmitted):
        return Referral(
            referral_id=fact.referral_id,
            person=fact.person,
            organisation=fact.organisation,
            area=fact.area,
            language=fact.language,
            needs=fact.needs,
            requested_gender=fact.requested_gender,
            pathway=fact.pathway,
            pathway_version=fact.pathway_version,
            status=Status.SUBMITTED,
            purposes=fact.purposes,
            receivers=fact.receivers,
        )
    assert held is not None, "every referral begins with its submission"
    match fact:
        case ReferralAccepted():
            return held.model_copy(update={"status": Status.OPEN})
        case ReferralHeld():
            return held.model_copy(update={"status": Status.HELD})
        case ConsentGiven():
            return held.model_copy(update={"purposes": fact.purposes, "receivers": fact.receivers})
        case ReferralClosed():
            return held.model_copy(update={"status": Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Filed:
    """Under which ids a submission's personal data was put in the vault."""

    referral_id: Key
    person: Key
    referrer: VaultRef
    reason: VaultRef | None
    pathway_version: int = 0


def submit(request: ReferralRequested, filed: Filed, organisation: Slug, now: datetime) -> Sequence[Fact]:
    """A well-formed submission becomes a referral: accepted, or held until the person has been asked."""
    agreed = request.consent.status is ConsentStatus.GIVEN
    submitted = ReferralSubmitted(
        referral_id=filed.referral_id,
        person=filed.person,
        organisation=organisation,
        submission_id=request.submission_id,
        channel=request.referrer.channel,
        area=request.area,
        language=request.person.language,
        needs=request.needs,
        consent=request.consent.status,
        purposes=request.consent.purposes if agreed else (),
        receivers=request.consent.receivers if agreed else (),
        requested_gender=request.requested_gender,
        pathway=request.pathway,
        pathway_version=filed.pathway_version,
        referrer=filed.referrer,
        reason=filed.reason,
    )
    follows = _accepted(submitted) if agreed else _held(submitted)
    receipt = ReceiptIssued(
        receipt_id=filed.referral_id,
        organisation=organisation,
        submission_id=request.submission_id,
        status=ReceiptStatus.ACCEPTED if agreed else ReceiptStatus.HELD,
        referral_id=filed.referral_id,
        code=ACCEPTED if agreed else CONSENT_TO_BE_ASKED,
        received_at=now,
    )
    return [submitted, follows, receipt]


def refuse(
    *,
    receipt_id: Key,
    organisation: Slug,
    submission_id: Key | None,
    code: RefusedBecause,
    faults: tuple[Fault, ...],
    now: datetime,
) -> Sequence[Fact]:
    """What is no referral is answered too, with a code and the place of each fault."""
    return [
        ReferralRefused(
            receipt_id=receipt_id,
            organisation=organisation,
            submission_id=submission_id,
            code=code.value,
            faults=faults,
        ),
        ReceiptIssued(
            receipt_id=receipt_id,
            organisation=organisation,
            submission_id=submission_id,
            status=ReceiptStatus.REFUSED,
            code=code.value,
            faults=faults,
            received_at=now,
        ),
    ]


def record_consent(
    held: Referral | None, purposes: Sequence[ConsentPurpose], receivers: Sequence[Slug]
) -> Sequence[Fact]:
    """The person says yes: a held referral goes on. On an open one a wider consent is noted, the same is not.

    Raises `UnknownReferral`, `ReferralIsClosed`, `ConsentIsNotToBeReferred`.
    """
    if held is None:
        raise UnknownReferral
    if held.status is Status.CLOSED:
        raise ReferralIsClosed
    widened = _union(held.purposes, purposes), _union(held.receivers, receivers)
    if held.status is Status.OPEN and widened == (held.purposes, held.receivers):
        return []
    if held.status is Status.HELD and ConsentPurpose.REFERRAL not in purposes:
        raise ConsentIsNotToBeReferred("add the purpose 'referral', or leave the referral held")
    given = ConsentGiven(
        referral_id=held.referral_id, person=held.person, purposes=widened[0], receivers=widened[1]
    )
    return [given] if held.status is Status.OPEN else [given, _accepted(held)]


def close(held: Referral | None, outcome: CaseOutcome) -> Sequence[Fact] | Wait:
    """The case is closed, so the referral is. Closing twice is closing once."""
    if held is None:
        return Wait("the case of an unknown referral was closed")
    if held.status is Status.CLOSED:
        return []
    return [ReferralClosed(referral_id=held.referral_id, organisation=held.organisation, outcome=outcome)]


def _accepted(known: Referral | ReferralSubmitted) -> ReferralAccepted:
    return ReferralAccepted(
        referral_id=known.referral_id,
        person=known.person,
        organisation=known.organisation,
        area=known.area,
        language=known.language,
        needs=known.needs,
        requested_gender=known.requested_gender,
        pathway=known.pathway,
        pathway_version=known.pathway_version,
    )


def _held(submitted: ReferralSubmitted) -> ReferralHeld:
    return ReferralHeld(
        referral_id=submitted.referral_id,
        person=submitted.person,
        organisation=submitted.organisation,
        area=submitted.area,
        why=CONSENT_TO_BE_ASKED,
        pathway=submitted.pathway,
        pathway_version=submitted.pathway_version,
    )


def _union(have: tuple[T, ...], more: Sequence[T]) -> tuple[T, ...]:
    return (*have, *(item for item in dict.fromkeys(more) if item not in have))
