"""The work with one person, from the first attempt to reach them to how it ended."""

from __future__ import annotations

from enum import StrEnum

from sluss_contracts.words import OpenVocabulary


class ContactWay(StrEnum):
    """How a link worker tried to reach the person."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    VISIT = "visit"


class ContactOutcome(StrEnum):
    """What came of it."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_ADDRESS = "wrong_address"
    ASKED_TO_CALL_BACK = "asked_to_call_back"


class MeetingMode(StrEnum):
    """Where or how a meeting takes place."""

    CLINIC = "clinic"
    HOME = "home"
    PHONE = "phone"
    VIDEO = "video"
    WALK = "walk"


class MeetingKind(StrEnum):
    """What a meeting is for."""

    FIRST = "first"
    PLANNING = "planning"
    STEP_TWO = "step_two"
    MAPPING = "mapping"
    SHORT = "short"
    """One of many short contacts."""
    FOLLOW_UP = "follow_up"


class LonelyFor(StrEnum):
    """How long the person has felt lonely; what matters most in the research the model rests on."""

    NOT_LONELY = "not_lonely"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    ALWAYS = "always"
    UNKNOWN = "unknown"


class RelationWish(StrEnum):
    """What the person wants of somebody they know."""

    DEEPEN = "deepen"
    RESUME = "resume"
    KEEP = "keep"
    LEAVE = "leave"


class Barrier(OpenVocabulary):
    """What may stand in the way of taking part."""

    TRANSPORT = "transport"
    COST = "cost"
    LANGUAGE = "language"
    MOBILITY = "mobility"
    HEALTH = "health"
    ANXIETY = "anxiety"
    CHILDCARE = "childcare"
    CARING = "caring"
    WORKING_HOURS = "working_hours"
    DIGITAL_ACCESS = "digital_access"
    GOING_ALONE = "going_alone"
    SAFETY = "safety"


class SupportKind(OpenVocabulary):
    """Help to get started."""

    ACCOMPANIMENT = "accompaniment"
    """The link worker or a volunteer comes along the first time."""
    ESCORT = "escort"
    """Somebody fetches the person."""
    HOST = "host"
    """A named person of the provider meets them."""
    BARRIER_HELP = "barrier_help"


class SupportLevel(StrEnum):
    """How much of the work the person wants done with them."""

    LIGHT = "light"
    USUAL = "usual"
    CLOSE = "close"


class PrescriptionKind(StrEnum):
    """What kind of activity a plan leads to."""

    SOCIAL = "social"
    CULTURE = "culture"
    PHYSICAL = "physical"
    SUPPORT = "support"


class Verdict(StrEnum):
    """What the person said of an alternative they looked at."""

    CHOSEN = "chosen"
    DECLINED = "declined"
    LATER = "later"


class Acceptance(StrEnum):
    """Whether a provider must say yes before somebody comes."""

    REQUIRED = "required"
    DROP_IN = "drop_in"


class Attendance(StrEnum):
    """Whether the person came."""

    ATTENDED = "attended"
    ABSENT = "absent"
    EXCUSED = "excused"


class Timepoint(OpenVocabulary):
    """When something is measured."""

    BASELINE = "baseline"
    FOLLOW_UP = "follow_up"
    EVALUATION = "evaluation"


class OutsideMeasure(OpenVocabulary):
    """What an outside series counts."""

    EMERGENCY_VISITS = "emergency_visits"
    PRIMARY_CARE_VISITS = "primary_care_visits"
    SICK_LEAVE_DAYS = "sick_leave_days"


class Whose(StrEnum):
    """Whose reason a reason is; without it a 'no' helps nobody."""

    PERSON = "person"
    PROVIDER = "provider"
    NETWORK = "network"
    ELIGIBILITY = "eligibility"


class CaseOutcome(StrEnum):
    """How a case ended."""

    COMPLETED = "completed"
    UNREACHABLE = "unreachable"
    PERSON_DECLINED = "person_declined"
    MOVED = "moved"
    DECEASED = "deceased"
    FAILED = "failed"
    SCREENED_OUT = "screened_out"
    """Something else than this network helps better; the referrer is told to look there."""
    OUTSIDE_REMIT = "outside_remit"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"
    """The referrer took it back."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ENTERED_IN_ERROR = "entered_in_error"
