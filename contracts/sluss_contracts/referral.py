"""The referral: a request to the network to help one person. Owned by the referral service.

How it is asked for stands in `request`, the answer in `receipt`, what the person agrees to in `consent`.
"""

from __future__ import annotations

from pydantic import Field

from sluss_contracts.event import Audience, DataClass, Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.request import ContactWays
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Channel,
    Code,
    ConsentPurpose,
    ConsentStatus,
    Gender,
    GuardianRule,
    Key,
    Language,
    LinkKind,
    Need,
    Protection,
    ShortText,
    Slug,
    VaultRef,
    Whose,
)


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
