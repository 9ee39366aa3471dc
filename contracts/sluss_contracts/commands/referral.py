"""Commands and questions to the referral service: organisations, consent, the vault."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.offering import Interest
from sluss_contracts.pathway import InstrumentId, Pathway
from sluss_contracts.request import ContactWays, SafeContact
from sluss_contracts.vocabulary import (
    Area,
    Channel,
    Code,
    ConsentPurpose,
    FeedbackChannel,
    GuardianRule,
    Key,
    LonelyFor,
    LongText,
    Look,
    MessageWay,
    Need,
    OrganisationKind,
    ShortText,
    Slug,
    VaultRef,
    Whose,
)
from sluss_contracts.words import Known


class RegisterOrganisation(Command, owner="referral", verb="register_organisation", key="organisation"):
    """Add an organisation, or correct it if it is there; saying the same again changes nothing."""

    organisation: Slug
    name: ShortText
    kind: Annotated[OrganisationKind, Known]
    area: Area
    feedback_channel: FeedbackChannel = FeedbackChannel.STREAM


class RevokeOrganisation(Command, owner="referral", verb="revoke_organisation", key="organisation"):
    """Let an organisation refer no more."""

    organisation: Slug
    why: Code


class RecordConsent(Command, owner="referral", verb="record_consent", key="referral_id"):
    """The person has been asked and said yes; a held referral is accepted."""

    referral_id: Key
    purposes: tuple[ConsentPurpose, ...] = Field(
        default=(ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER), min_length=1
    )
    receivers: tuple[Slug, ...] = ()


class WithdrawConsent(Command, owner="referral", verb="withdraw_consent", key="referral_id"):
    """The person takes back what they agreed to; of one not asked yet, the answer is no.

    Without `referral` the work ends. A withdrawn receiver is asked to remove what it was given. Result:
    `shared_with`, those among the receivers that were told something already.
    """

    referral_id: Key
    purposes: tuple[ConsentPurpose, ...] = ()
    receivers: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _takes_something_back(self) -> Self:
        if not self.purposes and not self.receivers:
            raise ValueError("name a purpose or a receiver")
        return self


class ConfirmWithdrawal(Command, owner="referral", verb="confirm_withdrawal", key="referral_id"):
    """A receiver has removed what it was given, as it was asked to."""

    referral_id: Key
    receiver: Slug


class DecideGuardian(Command, owner="referral", verb="decide_guardian", key="referral_id"):
    """For a minor: the guardian consents, is told, or is rightly left out. A referral held for it goes on."""

    referral_id: Key
    rule: GuardianRule


class CancelReferral(Command, owner="referral", verb="cancel_referral", key="referral_id"):
    """The organisation that referred takes its referral back."""

    referral_id: Key
    why: Code


class EnterInError(Command, owner="referral", verb="enter_in_error", key="referral_id"):
    """The organisation that referred says that it should never have: the wrong person, or by mistake."""

    referral_id: Key
    why: Code


class DeclineReferral(Command, owner="referral", verb="decline_referral", key="referral_id"):
    """The network does not take it on, or goes no further: outside its remit, or screened out.

    Somebody screened out is told where to turn (`turn_to`), in words for the referrer. Result: `acute` where
    they speak of suicide or violence.
    """

    referral_id: Key
    whose: Whose
    why: Code
    screened_out: bool = False
    turn_to: ShortText | None = None


class RedirectReferral(Command, owner="referral", verb="redirect_referral", key="referral_id"):
    """Somebody else is right for it, and the person agrees: another area's team, or another organisation that
    the consent names. Result: `replaced_by`, the new referral, or `forwarding_id`."""

    referral_id: Key
    why: Code
    to_area: Area | None = None
    to_organisation: Slug | None = None

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if (self.to_area is None) == (self.to_organisation is None):
            raise ValueError("name an area or an organisation, and not both")
        return self


class RecordSignposting(Command, owner="referral", verb="record_signposting"):
    """Somebody was told of something that may suit them; no case is opened and nobody is named. Result:
    `signposting_id`."""

    organisation: Slug | None = None
    channel: Annotated[Channel, Known] = Channel.STAFF
    area: Area
    needs: tuple[Annotated[Need, Known], ...] = ()
    activity: Slug | None = None
    age_group: Literal["under_18", "age_18_29", "age_30_64", "age_65_79", "age_80_up"] | None = None
    interests: tuple[Annotated[Interest, Known], ...] = Field(default=(), max_length=20)


class RecordScreening(Command, owner="referral", verb="record_screening", key="organisation"):
    """Somebody was asked how lonely they are, before and apart from any referral. Result: `screening_id`."""

    organisation: Slug
    area: Area
    instrument: InstrumentId = "ons-direct"
    version: int = Field(default=1, ge=1)
    answer: int = Field(ge=0, le=100)
    lonely_for: LonelyFor = LonelyFor.UNKNOWN
    led_to: Literal["nothing", "signposted", "referred", "declined"] = "nothing"


class ErasePerson(Command, owner="referral", verb="erase_person", key="person"):
    """Destroy the person's key and identity hash. Open work is closed first, and a rule may hold it: then it
    happens by itself as soon as it may. Result: `erased`, or `held` with why and until when."""

    person: Key
    """The pseudonym."""
    why: Code = "asked_by_person"


class HoldErasure(Command, owner="referral", verb="hold_erasure", key="person"):
    """A rule (archive law) says that what is kept of the person may not be destroyed before a date."""

    person: Key
    why: Code = "archive_law"
    until: date


class ReplayErasure(Command, owner="referral", verb="replay_erasure", key="person"):
    """After an older backup was restored: erase again who was erased, whatever the old state says."""

    person: Key
    why: Code


class ReadErasures(Command, owner="referral", verb="read_erasures"):
    """Who has been erased, by pseudonym: the ledger that is kept apart from the backups and replayed after
    every restore. Result: `erasures` [{person, why, at}]."""


class KeepWords(Command, owner="referral", verb="keep_words", key="referral_id"):
    """Put free text about the referral's person in the vault. Result: `refs`, in the order of `words`; and
    `acute` where they hold words of suicide or violence (show 112 and 1177; a human is told by an alarm)."""

    referral_id: Key
    words: tuple[LongText, ...] = Field(min_length=1, max_length=24)
    where: Code = "words"
    """What the text is: `goal`, `feedback`, `mapping` …; an alarm names it."""


class ChangeContact(Command, owner="referral", verb="change_contact", key="referral_id"):
    """The person is reached otherwise than the vault knows, or wants to be. Each part that is given is the
    whole new truth of it, in all that is kept of the person; what is left out stays as it is. Said in no
    event: what the vault knows is its own business. Result: `acute` where `must_not_know` speaks of suicide
    or violence (show 112 and 1177; a human is told by an alarm)."""

    referral_id: Key
    contact: ContactWays | None = None
    prefers: tuple[Annotated[MessageWay, Known], ...] | None = None
    safe_contact: SafeContact | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.contact is None and self.prefers is None and self.safe_contact is None:
            raise ValueError("give contact, prefers or safe_contact")
        return self


class ReadPerson(Command, owner="referral", verb="read_person", key="referral_id"):
    """Who is this person? Answered by role and consent, and written to the access log with the purpose.

    Result: `name`, `contact` {phone, email, postal_address, inbox}, `language`, `reason`, `presented_as`,
    each only where the role may see it; with `contact` come `safe_contact` {never, not_before, not_after,
    must_not_know}, `prefers` and `guardian` where there are any, and `guardian_rule` for a minor;
    `protection` where it is not `none`.
    """

    referral_id: Key
    purpose: Code
    action: Look | None = None
    """What is done with the answer, for the access log; a page says so."""


class ReadReferrers(Command, owner="referral", verb="read_referrers"):
    """Who referred? For feedback, many at a time. Result: `referrers` {referral_id: {organisation,
    submission_id, unit, person}}, and `withheld`, those of them whose person has taken back that the referrer
    hears: they are told that it is over, and nothing of how. Names staff, not the person, so it is not a read
    of a person's record."""

    referral_ids: tuple[Key, ...] = Field(min_length=1, max_length=500)


class ReadWords(Command, owner="referral", verb="read_words"):
    """What the vault keeps under these references. Result: `words` {ref: text}; written to the access log."""

    refs: tuple[VaultRef, ...] = Field(min_length=1, max_length=500)
    purpose: Code
    action: Look | None = None


class PublishPathway(Command, owner="referral", verb="publish_pathway", key="pathway"):
    """Let referrals begin with this way of working. Saying the same again changes nothing; anything else is a
    new version. Result: `version`."""

    pathway: Slug
    definition: Pathway


class WithdrawPathway(Command, owner="referral", verb="withdraw_pathway", key="pathway"):
    """Let no new referral begin with it; those that have begun keep it."""

    pathway: Slug
