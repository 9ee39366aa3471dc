"""The referral: a request to the network to help one person. Owned by the referral service."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.command import Fault
from sluss_contracts.event import Audience, DataClass, Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Channel,
    Code,
    ConsentPurpose,
    ConsentStatus,
    ContactWay,
    Gender,
    GuardianRule,
    Key,
    Language,
    LinkKind,
    LongText,
    MessageWay,
    Need,
    Protection,
    ReceiptStatus,
    ShortText,
    Slug,
    VaultRef,
    Whose,
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


class ReferralSubmitted(
    Fact,
    type="referral.submitted",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
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
    pathway_version: int = Field(default=0, ge=0)
    referrer: VaultRef
    """The unit and person who refer."""
    reason: VaultRef | None = None
    presented_as: VaultRef | None = None
    replaces: Key | None = None
    protection: Protection = Protection.NONE
    guardian_rule: GuardianRule = GuardianRule.NOT_A_MINOR
    renewed: bool = False
    """It goes on from an earlier referral by itself: nothing was submitted, and no receipt is issued."""
    receipt_shown: bool = False
    """It was written on one of the network's own pages, which showed the receipt: nobody need fetch it."""


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
    pathway_version: int = Field(default=0, ge=0)
    """The version of the pathway it keeps to its end; 0 where none is published."""
    replaces: Key | None = None
    protection: Protection = Protection.NONE
    guardian_rule: GuardianRule = GuardianRule.NOT_A_MINOR
    renewed: bool = False
    """It goes on from an earlier referral by itself: nothing was submitted, and no receipt is issued."""
    receipt_shown: bool = False
    """It was written on one of the network's own pages, which showed the receipt: nobody need fetch it."""


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
    """`consent_to_be_asked` or `guardian_to_be_decided`."""
    pathway: Slug = DEFAULT
    pathway_version: int = Field(default=0, ge=0)
    receipt_shown: bool = False
    """It was written on one of the network's own pages, which showed the receipt: nobody need fetch it."""


class ReferralLinked(
    Fact,
    type="referral.linked",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """The referral hangs together with another of the same person.

    `duplicate_of`: it ends here, and one piece of work answers both; its referrer hears what any referrer
    hears. It does *not* mean that either organisation may learn of the other. `replaces`: the earlier one is
    over, and this one goes on as any.
    """

    referral_id: Key
    organisation: Slug
    how: LinkKind
    to: Key
    """The other referral."""
    pathway: Slug = DEFAULT
    pathway_version: int = Field(default=0, ge=0)
    """What its own referrer was promised: how soon they are expected to fetch the receipt."""
    renewed: bool = False
    """It goes on from an earlier referral by itself: nothing was submitted, and no receipt is issued."""
    receipt_shown: bool = False
    """It was written on one of the network's own pages, which showed the receipt: nobody need fetch it."""


class ReferralDeclined(
    Fact,
    type="referral.declined",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """The network does not take it on, or goes no further: outside its remit, or screened out.

    It does *not* judge the person: the referrer is told whose reason it is, and where to turn instead.
    """

    referral_id: Key
    organisation: Slug
    whose: Whose
    why: Code
    screened_out: bool = False
    turn_to: ShortText | None = None
    """Where the person is better helped, in words for the referrer."""


class ReferralCancelled(
    Fact,
    type="referral.cancelled",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """The referrer takes it back. It does *not* undo what has been done, or erase anything."""

    referral_id: Key
    organisation: Slug
    why: Code


class ReferralEnteredInError(
    Fact,
    type="referral.entered_in_error",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """It should never have been: the wrong person, or by mistake. Void; it counts nowhere.

    It does *not* erase the person: that is `person.erased`.
    """

    referral_id: Key
    organisation: Slug
    why: Code


class ReferralRedirected(
    Fact,
    type="referral.redirected",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """Somebody else is right for it, and the person agrees: another team, or another actor.

    It does *not* mean that they have taken it on. To another team a new referral `replaces` this one; another
    actor is sent `referral.forwarded`. Other organisations' referrals of the same person that were linked to
    it go to the other team with it, each redirected and replaced in its own name.
    """

    referral_id: Key
    organisation: Slug
    why: Code
    to_area: Area | None = None
    """Another team: the area it serves."""
    to_organisation: Slug | None = None
    """Another actor, named among the consent's receivers."""
    replaced_by: Key | None = None
    """The new referral, where there is one."""


class ReferralForwarded(
    Fact,
    type="referral.forwarded",
    aggregate="forwarding",
    id="forwarding_id",
    key="referral_id",
    said_by="referral",
    read_by=("partner",),
    data_class=DataClass.PERSONAL,
    audience=Audience.PARTNER,
):
    """A person is sent on to this organisation, with what they agreed to share.

    It does *not* oblige the organisation to anything, and is on its own stream alone. It may arrive twice
    with the same id.
    """

    forwarding_id: Key
    referral_id: Key
    organisation: Slug
    """The receiver."""
    name: ShortText | None = None
    contact: ContactWays = ContactWays()
    language: Language
    needs: tuple[Need, ...]
    why: Code


class GuardianDecided(
    Fact,
    type="referral.guardian_decided",
    id="referral_id",
    said_by="referral",
    read_by=("console",),
):
    """For a minor somebody has decided whether their guardian consents, is told, or is left out.

    It does *not* mean that the guardian has been asked or told, nor that the referral goes on: where consent
    is there too, `referral.accepted` follows.
    """

    referral_id: Key
    rule: GuardianRule


class AlarmRaised(
    Fact,
    type="alarm.raised",
    aggregate="alarm",
    id="alarm_id",
    key="referral_id",
    said_by="referral",
    read_by=("navigator", "console"),
):
    """Words of suicide or violence stand in what somebody wrote: a human must read it at once.

    It does *not* hold the words, and does *not* judge whether they are meant; the network is no emergency
    service, and whoever wrote them has been shown 112 and 1177.
    """

    alarm_id: Key
    referral_id: Key
    """Where the work is: of a duplicate, the referral that is worked on."""
    area: Area
    """Whose team reads it while nobody has the case."""
    where: Code
    """In which text: `reason`, `presented_as`, `must_not_know`, `turn_to`, or what `referral.keep_words`
    calls it (`words`)."""
    words: VaultRef | None = None
    """The text itself, in the vault; left out where it is a part of something else."""


class ReferralClosed(
    Fact,
    type="referral.closed",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """The referral is over, with what came of it.

    It does *not* mean that the person is well, or may not come back: coming back is a new referral. Nor that
    there was a case: whoever says no before they are taken on has none. Feedback that is due still goes out.
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
    read_by=("navigator", "provider", "notify", "console"),
):
    """The person has said yes, for these purposes and towards these receivers.

    It does *not* mean yes to anything that is not named here, and it is not for ever: a consent can be
    withdrawn.
    """

    referral_id: Key
    person: Key
    purposes: tuple[ConsentPurpose, ...]
    receivers: tuple[Slug, ...] = ()


class ConsentWithdrawn(
    Fact,
    type="consent.withdrawn",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "provider", "notify", "console"),
):
    """The person takes back what they agreed to, for these purposes and towards these receivers.

    Everything else stands. It does *not* undo what is already out: `shared_with` lists it, and each receiver
    is asked to confirm that it is removed. Withdrawing `referral` ends the work.
    """

    referral_id: Key
    person: Key
    purposes: tuple[ConsentPurpose, ...] = ()
    receivers: tuple[Slug, ...] = ()
    shared_with: tuple[Slug, ...] = ()
    """Receivers among them that have already been told something of the person."""


class WithdrawalConfirmed(
    Fact,
    type="consent.withdrawal_confirmed",
    aggregate="referral",
    id="referral_id",
    said_by="referral",
    read_by=("navigator", "notify", "console"),
):
    """A receiver has removed what it was given. It does *not* say what that was."""

    referral_id: Key
    receiver: Slug


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
    """`accepted`, `consent_to_be_asked`, `guardian_to_be_decided`, `cancelled`, `entered_in_error`, or why it
    was refused (`RefusedBecause`)."""
    faults: tuple[Fault, ...] = ()
    received_at: AwareDatetime
    acute: bool = False
    """The free text holds words of suicide or violence. A human in the network is told at once (but of what
    is refused, which nobody here reads), and the network is no emergency service: whoever wrote them calls
    112 where life is in danger (advice: 1177)."""
