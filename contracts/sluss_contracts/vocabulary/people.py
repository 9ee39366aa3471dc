"""Who somebody is to the network, and what may be known of them."""

from __future__ import annotations

from enum import StrEnum

from sluss_contracts.words import OpenVocabulary


class Role(StrEnum):
    """In which role somebody acts."""

    LINK_WORKER = "link_worker"
    VOLUNTEER = "volunteer"
    COORDINATOR = "coordinator"
    REFERRER = "referrer"
    PROVIDER = "provider"
    PERSON = "person"
    OPERATOR = "operator"
    SERVICE = "service"


class OrganisationKind(OpenVocabulary):
    """What kind of actor an organisation is; none may do more than another because of it."""

    CLINIC = "clinic"
    PSYCHIATRY = "psychiatry"
    SOCIAL_SERVICES = "social_services"
    EMPLOYMENT_OFFICE = "employment_office"
    JOB_CENTRE = "job_centre"
    SCHOOL = "school"
    CONGREGATION = "congregation"
    ASSOCIATION = "association"
    MUNICIPALITY = "municipality"
    UNIVERSITY = "university"
    OTHER = "other"


class Engagement(StrEnum):
    """Whether a link worker is paid; a volunteer sees less."""

    EMPLOYED = "employed"
    VOLUNTEER = "volunteer"


class Gender(StrEnum):
    """Of a link worker, and asked for by a person."""

    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class Protection(StrEnum):
    """Whether the person's whereabouts are protected by a decision of an authority."""

    NONE = "none"
    CONFIDENTIAL = "confidential"
    """Sekretessmarkering."""
    PROTECTED_REGISTRATION = "protected_registration"
    """Skyddad folkbokföring."""
    ASSUMED_IDENTITY = "assumed_identity"
    """Fingerade personuppgifter."""


class GuardianRule(StrEnum):
    """For a minor: whether their guardian consents, is told, or is rightly left out."""

    NOT_A_MINOR = "not_a_minor"
    CONSENTS = "consents"
    INFORMED = "informed"
    WITHHELD = "withheld"
    """The guardian is not told; a professional has judged so."""
    TO_BE_DECIDED = "to_be_decided"


class Look(StrEnum):
    """What somebody did with a person's record; stands in the access log."""

    SEARCH_HIT = "search_hit"
    LISTED = "listed"
    OPENED = "opened"
    PRINTED = "printed"
    EXPORTED = "exported"
