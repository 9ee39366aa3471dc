"""A referral: how it came, what it asks for, what was agreed to, what was answered."""

from __future__ import annotations

from enum import StrEnum

from sluss_contracts.words import OpenVocabulary


class Channel(OpenVocabulary):
    """How a referral reached the network."""

    STAFF = "staff"
    WEB = "web"
    PHONE = "phone"
    NATIONAL_HEALTH_PORTAL = "national_health_portal"
    RELATIVE = "relative"
    SELF = "self"


class Need(OpenVocabulary):
    """What the person needs, wider than loneliness."""

    COMPANY = "company"
    BEFRIENDING = "befriending"
    PHYSICAL_ACTIVITY = "physical_activity"
    CULTURE = "culture"
    NATURE = "nature"
    LANGUAGE = "language"
    STUDIES = "studies"
    WORK = "work"
    DEBT = "debt"
    HOUSING = "housing"
    PARENTING = "parenting"
    CARER_SUPPORT = "carer_support"
    GRIEF = "grief"
    MENTAL_WELLBEING = "mental_wellbeing"
    SUBSTANCE_USE = "substance_use"
    DIGITAL_HELP = "digital_help"
    VOLUNTEERING = "volunteering"
    MEANING = "meaning"


class ConsentStatus(StrEnum):
    """What the person has said about being referred."""

    GIVEN = "given"
    TO_BE_ASKED = "to_be_asked"


class ConsentPurpose(StrEnum):
    """What a consent is for."""

    REFERRAL = "referral"
    SHARE_WITH_PROVIDER = "share_with_provider"
    FEEDBACK_TO_REFERRER = "feedback_to_referrer"


class ReceiptStatus(StrEnum):
    """What became of a submission."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"


class LinkKind(StrEnum):
    """How one referral hangs together with another."""

    DUPLICATE_OF = "duplicate_of"
    """The same person, while the other is open: one piece of work answers both."""
    REPLACES = "replaces"
    """The person comes back, moves, or is sent on: the other is over."""


class FeedbackPoint(OpenVocabulary):
    """When the referrer hears back."""

    ACCEPTANCE = "acceptance"
    ASSIGNMENT = "assignment"
    PLAN = "plan"
    CLOSURE = "closure"


class FeedbackChannel(StrEnum):
    """How an organisation hears back."""

    STREAM = "stream"
    EMAIL = "email"
    LETTER = "letter"
