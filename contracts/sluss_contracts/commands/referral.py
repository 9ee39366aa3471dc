"""Commands and questions to the referral service: organisations, consent, the vault."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import (
    Area,
    Code,
    ConsentPurpose,
    FeedbackChannel,
    Key,
    LongText,
    OrganisationKind,
    ShortText,
    Slug,
    VaultRef,
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


class KeepWords(Command, owner="referral", verb="keep_words", key="referral_id"):
    """Put free text about the referral's person in the vault. Result: `refs`, in the order of `words`."""

    referral_id: Key
    words: tuple[LongText, ...] = Field(min_length=1, max_length=24)


class ReadPerson(Command, owner="referral", verb="read_person", key="referral_id"):
    """Who is this person? Answered by role and consent, and written to the access log with the purpose.

    Result: `name`, `identity_number`, `contact` {phone, email, postal_address}, `language`, `reason`,
    each only where the role may see it.
    """

    referral_id: Key
    purpose: Code


class ReadReferrers(Command, owner="referral", verb="read_referrers"):
    """Who referred? For feedback, many at a time. Result: `referrers` {referral_id: {organisation,
    submission_id, unit, person}}. Names staff, not the person, so it is not a read of a person's record."""

    referral_ids: tuple[Key, ...] = Field(min_length=1, max_length=500)


class ReadWords(Command, owner="referral", verb="read_words"):
    """What the vault keeps under these references. Result: `words` {ref: text}; written to the access log."""

    refs: tuple[VaultRef, ...] = Field(min_length=1, max_length=500)
    purpose: Code


class PublishPathway(Command, owner="referral", verb="publish_pathway", key="pathway"):
    """Let referrals begin with this way of working. Saying the same again changes nothing; anything else is a
    new version. Result: `version`."""

    pathway: Slug
    definition: Pathway


class WithdrawPathway(Command, owner="referral", verb="withdraw_pathway", key="pathway"):
    """Let no new referral begin with it; those that have begun keep it."""

    pathway: Slug
