"""The referral: a request to the network to help one person. Owned by the referral service."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.command import Fault
from sluss_contracts.event import Audience, DataClass, Fact
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Channel,
    Code,
    ConsentPurpose,
    ConsentStatus,
    Gender,
    Key,
    Language,
    LongText,
    Need,
    ReceiptStatus,
    ShortText,
    Slug,
    VaultRef,
)
from sluss_contracts.words import Known


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactWays(_Part):
    """Where the person may be reached. Kept in the vault alone."""

    phone: ShortText | None = None
    """E.164 or Swedish national format."""
    email: ShortText | None = None
    postal_address: ShortText | None = None


class SubmittedPerson(_Part):
    """Who the referral is about, as the organisation knows them. Everything here goes to the vault."""

    identity_number: ShortText | None = None
    """Personnummer or samordningsnummer, or nothing at all."""
    name: ShortText | None = None
    contact: ContactWays = ContactWays()
    language: Language = "sv"
    """The language the person wants to speak."""


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
    requested_gender: Gender | None = None
    """Of the link worker, if it matters to the person."""
    pathway: Slug = "open-network"


class ReferralSubmitted(
    Fact,
    type="referral.submitted",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "console"),
):
    """A well-formed submission was received and its personal data put in the vault.

    It does *not* mean that anybody will act on it: `referral.accepted` or `referral.held` follows.
    """

    referral_id: Key
    person: Key
    """A random pseudonym, the same for the same identity number."""
    organisation: Slug
    submission_id: Key
    channel: Channel
    area: Area
    language: Language
    needs: tuple[Need, ...]
    consent: ConsentStatus
    purposes: tuple[ConsentPurpose, ...] = ()
    """What the person has agreed to, when consent is given."""
    receivers: tuple[Slug, ...] = ()
    requested_gender: Gender | None = None
    """Of the link worker, if it matters to the person."""
    pathway: Slug
    referrer: VaultRef
    """The unit and person who refer."""
    reason: VaultRef | None = None


class ReferralRefused(
    Fact,
    type="referral.refused",
    aggregate="refusal",
    id="receipt_id",
    said_by="referral",
    read_by=("console",),
):
    """A submission was not a referral at all. A corrected one is welcome.

    It does *not* mean that the person was turned away: no referral exists, and none ever did. The bytes are
    kept encrypted; the event says where they were wrong and never what they said.
    """

    receipt_id: Key
    organisation: Slug
    submission_id: Key | None = None
    code: Code
    faults: tuple[Fault, ...] = ()


class ReferralAccepted(
    Fact,
    type="referral.accepted",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """Consent and the least data are present: the network takes the referral on.

    It does *not* mean that a link worker has it: `case.assigned` or `case.queued` follows.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    area: Area
    language: Language
    needs: tuple[Need, ...]
    requested_gender: Gender | None = None
    pathway: Slug


class ReferralHeld(
    Fact,
    type="referral.held",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """The person has not been asked yet, so the referral waits: somebody must ask, and a task is opened.

    It does *not* mean that the referral was turned down, and nothing of it goes onward until the person says
    yes (`consent.given`, then `referral.accepted`).
    """

    referral_id: Key
    person: Key
    organisation: Slug
    area: Area
    why: Code


class ReferralClosed(
    Fact,
    type="referral.closed",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "console"),
):
    """The referral is over, with what came of it.

    It does *not* mean that the person is well, or may not come back: coming back is a new referral.
    Feedback that is due still goes out.
    """

    referral_id: Key
    organisation: Slug
    outcome: CaseOutcome


class ConsentGiven(
    Fact,
    type="consent.given",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "console"),
):
    """The person has said yes, for these purposes and towards these receivers.

    It does *not* mean yes to anything that is not named here, and it is not for ever: a consent can be
    withdrawn.
    """

    referral_id: Key
    person: Key
    purposes: tuple[ConsentPurpose, ...]
    receivers: tuple[Slug, ...] = ()


class ReceiptIssued(
    Fact,
    type="receipt.issued",
    id="receipt_id",
    said_by="referral",
    read_by=("partner",),
    audience=Audience.PARTNER,
):
    """The network's answer to one submission; the only thing that means it was taken on.

    It does *not* mean that anybody has begun to work. It goes to the submitting organisation's own stream and
    may arrive twice: the event's id is the same then.
    """

    receipt_id: Key
    """The referral's id when there is a referral, so that its story holds the receipt too."""
    organisation: Slug
    submission_id: Key | None = None
    """The organisation's own id, absent when it could not be read."""
    status: ReceiptStatus
    referral_id: Key | None = None
    code: Code
    """`accepted`, `consent_to_be_asked`, or why it was refused (`RefusedBecause`)."""
    faults: tuple[Fault, ...] = ()
    received_at: AwareDatetime
