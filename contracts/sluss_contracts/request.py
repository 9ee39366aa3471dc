"""What an organisation says when it asks the network to help somebody, or takes that back."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sluss_contracts.event import Audience, DataClass, Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import (
    Area,
    Channel,
    Code,
    ConsentPurpose,
    ConsentStatus,
    ContactWay,
    Gender,
    GuardianRule,
    Key,
    Language,
    LongText,
    MessageWay,
    Need,
    Protection,
    ShortText,
    Slug,
)
from sluss_contracts.words import Known


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ContactWays(_Part):
    """Where the person may be reached. Kept in the vault alone."""

    phone: ShortText | None = None
    """E.164 or Swedish national format."""
    email: ShortText | None = None
    postal_address: ShortText | None = None
    inbox: ShortText | None = None
    """What their own inbox (as 1177's) knows them by."""


class SafeContact(_Part):
    """What must not be done when the person is reached. Kept in the vault; every message obeys it."""

    never: tuple[ContactWay | Annotated[MessageWay, Known], ...] = ()
    """Ways that must not be used at all."""
    not_before: time | None = None
    not_after: time | None = None
    """Hours of the day, local time, outside which nobody calls or writes."""
    must_not_know: ShortText | None = None
    """Somebody who must not learn of it, as the person puts it."""


class SubmittedPerson(_Part):
    """Who the referral is about, as the organisation knows them. Everything here goes to the vault."""

    identity_number: ShortText | None = None
    """Personnummer or samordningsnummer, or nothing at all."""
    name: ShortText | None = None
    contact: ContactWays = ContactWays()
    language: Language = "sv"
    """The language the person wants to speak."""
    born: int | None = Field(default=None, ge=1900, le=2100)
    """Year of birth, where no identity number is given and age matters."""
    protection: Protection = Protection.NONE
    safe_contact: SafeContact | None = None
    prefers: tuple[Annotated[MessageWay, Known], ...] = ()
    """How the person wants to be written to, what they like best first. Where none of it can be used, another
    way that is safe is."""
    guardian: ContactWays | None = None
    """How a minor's guardian is reached, where the rule for minors says that they may be. Where the guardian
    consents, they are written to in place of the minor."""
    guardian_rule: GuardianRule | None = None
    """For a minor, what a professional at the organisation has decided; left out, the team decides."""


class SubmittedConsent(_Part):
    """What the person has agreed to."""

    status: ConsentStatus
    purposes: tuple[ConsentPurpose, ...] = (ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER)
    receivers: tuple[Slug, ...] = ()


class SubmittingReferrer(_Part):
    """Who at the organisation refers; feedback names them again."""

    unit: ShortText
    person: ShortText | None = None
    channel: Annotated[Channel, Known] = Channel.STAFF


class ReferralRequested(
    Fact,
    type="referral.requested",
    id="submission_id",
    said_by="partner",
    read_by=("referral",),
    data_class=DataClass.PERSONAL,
    audience=Audience.INGRESS,
):
    """An organisation asks the network to help a person.

    It does *not* mean that the network has taken the referral on: only a receipt means that, and the
    organisation sends the same bytes again until it has one. Travels on the organisation's own ingress stream
    and nowhere else; the referral service deletes it there once receipted.
    """

    submission_id: Key
    """The organisation's own id of this submission. The same id and content gives the same receipt."""
    person: SubmittedPerson
    area: Area
    """Where the person lives or wants to be helped."""
    needs: tuple[Annotated[Need, Known], ...] = Field(min_length=1, max_length=12)
    consent: SubmittedConsent
    referrer: SubmittingReferrer
    reason: LongText | None = None
    """Why, in free text. Goes to the vault; a diagnosis is never required."""
    presented_as: LongText | None = None
    """What the person sought help for, where that is something else than the reason. Goes to the vault."""
    replaces: Key | None = None
    """An earlier referral of the same person that this one follows: they come back, move or are sent on."""
    requested_gender: Gender | None = None
    """Of the link worker, if it matters to the person."""
    pathway: Slug = DEFAULT


class ReferralTakenBack(
    Fact,
    type="referral.taken_back",
    id="submission_id",
    said_by="partner",
    read_by=("referral",),
    audience=Audience.INGRESS,
):
    """The organisation that referred takes its referral back, or says that it should never have been.

    It does *not* end anything by itself: the receipt tells whether it did. Travels on the organisation's own
    ingress stream, as a request does, and is answered once with the same receipt however often it is sent.
    """

    submission_id: Key
    """The organisation's own id of this message, not of the submission it takes back."""
    referral_id: Key
    """The referral, as its receipt named it."""
    why: Code
    """`person_asked`, `no_longer_needed`, `found_other_help`, `wrong_person` …"""
    entered_in_error: bool = False
    """It should never have been sent: void, and counted nowhere."""
