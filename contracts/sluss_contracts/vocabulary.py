"""The words of the network: codes every service and partner shares.

An `OpenVocabulary` may grow within a major version: its readers keep words they do not know. A `StrEnum` is
closed: a new word there is a new major version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from sluss_contracts.words import OpenVocabulary

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A readable id: lower-case letters, digits and hyphens (`korpen`, `team-city`)."""

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,119}$")]
"""An id that may stand in a subject: a UUID in text, or a slug."""

Area = Annotated[str, StringConstraints(pattern=r"^[a-z0-9åäö][a-z0-9åäö-]{0,62}$")]
"""A geographic area as the network names it (`norrkoping-centrum`)."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""ISO 639-1 or 639-3 code (`sv`, `ar`, `rmn`)."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A machine-readable reason."""

_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f"
_WRITTEN = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
"""Says something, and holds no control character but tabs and line breaks (no database keeps a NUL)."""

ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_WRITTEN)
]
"""A line somebody wrote."""

LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True, pattern=_WRITTEN)
]
"""A few paragraphs somebody wrote."""

VaultRef = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
"""Points at something the vault keeps; tells nothing by itself."""


Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC)),
]
"""A point in time that somebody names: within what any calendar here reckons with, however it is mistyped."""


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


class Gender(StrEnum):
    """Of a link worker, and asked for by a person."""

    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class ConsentStatus(StrEnum):
    """What the person has said about being referred."""

    GIVEN = "given"
    TO_BE_ASKED = "to_be_asked"


class ConsentPurpose(StrEnum):
    """What a consent is for."""

    REFERRAL = "referral"
    SHARE_WITH_PROVIDER = "share_with_provider"
    FEEDBACK_TO_REFERRER = "feedback_to_referrer"


class Engagement(StrEnum):
    """Whether a link worker is paid; a volunteer sees less."""

    EMPLOYED = "employed"
    VOLUNTEER = "volunteer"


class Weekday(StrEnum):
    """A day of the week, in the order of the calendar."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class PartOfDay(OpenVocabulary):
    """When on a day it suits somebody; not by the clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""What the clock on the wall shows (`09:30`), in Swedish time; such texts sort as the times do."""


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


class ContactWay(StrEnum):
    """How a link worker tried to reach the person."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    VISIT = "visit"


class MessageWay(OpenVocabulary):
    """How the network may write to a person, the most discreet first."""

    INBOX = "inbox"
    """An inbox of their own behind a login of their own, as 1177 has."""
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


class ContactOutcome(StrEnum):
    """What came of it."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_ADDRESS = "wrong_address"
    ASKED_TO_CALL_BACK = "asked_to_call_back"


class PrescriptionKind(StrEnum):
    """What kind of activity a plan leads to."""

    SOCIAL = "social"
    CULTURE = "culture"
    PHYSICAL = "physical"
    SUPPORT = "support"


class Acceptance(StrEnum):
    """Whether a provider must say yes before somebody comes."""

    REQUIRED = "required"
    DROP_IN = "drop_in"


class Attendance(StrEnum):
    """Whether the person came."""

    ATTENDED = "attended"
    ABSENT = "absent"
    EXCUSED = "excused"


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


class FeedbackPoint(OpenVocabulary):
    """When the referrer hears back."""

    ACCEPTANCE = "acceptance"
    ASSIGNMENT = "assignment"
    PLAN = "plan"
    CLOSURE = "closure"


class ReceiptStatus(StrEnum):
    """What became of a submission."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"


class FeedbackChannel(StrEnum):
    """How an organisation hears back."""

    STREAM = "stream"
    EMAIL = "email"
    LETTER = "letter"


class TaskKind(OpenVocabulary):
    """What a task asks somebody to do."""

    CLAIM_CASE = "claim_case"
    CONTACT_PERSON = "contact_person"
    HOLD_MEETING = "hold_meeting"
    AGREE_PLAN = "agree_plan"
    FIND_ACTIVITY = "find_activity"
    AWAIT_PROVIDER = "await_provider"
    AWAIT_ATTENDANCE = "await_attendance"
    FOLLOW_UP = "follow_up"
    CLOSE_CASE = "close_case"
    ASK_CONSENT = "ask_consent"
    CHECK_MESSAGE = "check_message"
    CHASE_DEADLINE = "chase_deadline"
    ACUTE_RISK = "acute_risk"
    """Somebody wrote of suicide or violence: a human reads it at once."""
    CONFIRM_WITHDRAWAL = "confirm_withdrawal"
    """See that a receiver named in a withdrawn consent has removed what it was given."""
    BARRIER = "barrier"
    """Help with something that stands in the way."""
    GO_ALONG = "go_along"
    """Come along the first time, or see that somebody does."""
    GUARDIAN = "guardian"
    """Decide, by the rule for minors, whether a guardian is asked."""
    PROTECTED_PERSON = "protected_person"
    """Do by hand, with care, what would have been automatic."""
    EVALUATE = "evaluate"
    RESUME_CASE = "resume_case"
    VERIFY_ACTIVITY = "verify_activity"
    NEW_ACTIVITY = "new_activity"
    """Something new meets a need that nothing met before."""


class DeadlineKind(OpenVocabulary):
    """What may not stay silent for ever."""

    CONSENT_ASKED = "consent_asked"
    CASE_CLAIMED = "case_claimed"
    PERSON_REACHED = "person_reached"
    OFFER_ANSWERED = "offer_answered"
    FEEDBACK_SENT = "feedback_sent"
    SESSION_REPORTED = "session_reported"
    RECEIPT_FETCHED = "receipt_fetched"
    ACTIVITY_VERIFIED = "activity_verified"
    WITHDRAWAL_CONFIRMED = "withdrawal_confirmed"
    EVALUATION_ANSWERED = "evaluation_answered"


class MessageTemplate(OpenVocabulary):
    """What a message to the person says; never why."""

    INVITATION = "invitation"
    MEETING_BOOKED = "meeting_booked"
    ACTIVITY_CONFIRMED = "activity_confirmed"
    FOLLOW_UP = "follow_up"
    MEETING_REMINDER = "meeting_reminder"
    HOST_INTRODUCTION = "host_introduction"
    SESSION_REMINDER = "session_reminder"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_MOVED = "session_moved"
    MISSED_SESSION = "missed_session"
    EVALUATION = "evaluation"


class NoticeTemplate(OpenVocabulary):
    """What a provider is written to about."""

    OFFER = "offer"
    ATTENDANCE = "attendance"
    VERIFICATION = "verification"


class LinkKind(StrEnum):
    """How one referral hangs together with another."""

    DUPLICATE_OF = "duplicate_of"
    """The same person, while the other is open: one piece of work answers both."""
    REPLACES = "replaces"
    """The person comes back, moves, or is sent on: the other is over."""


class Protection(StrEnum):
    """Whether the person's whereabouts are protected by a decision of an authority."""

    NONE = "none"
    CONFIDENTIAL = "confidential"
    """Sekretessmarkering."""
    PROTECTED_REGISTRATION = "protected_registration"
    """Skyddad folkbokföring."""
    ASSUMED_IDENTITY = "assumed_identity"
    """Fingerade personuppgifter."""


class Look(StrEnum):
    """What somebody did with a person's record; stands in the access log."""

    SEARCH_HIT = "search_hit"
    LISTED = "listed"
    OPENED = "opened"
    PRINTED = "printed"
    EXPORTED = "exported"


class GuardianRule(StrEnum):
    """For a minor: whether their guardian consents, is told, or is rightly left out."""

    NOT_A_MINOR = "not_a_minor"
    CONSENTS = "consents"
    INFORMED = "informed"
    WITHHELD = "withheld"
    """The guardian is not told; a professional has judged so."""
    TO_BE_DECIDED = "to_be_decided"


class Timepoint(OpenVocabulary):
    """When something is measured."""

    BASELINE = "baseline"
    FOLLOW_UP = "follow_up"
    EVALUATION = "evaluation"


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


class Verdict(StrEnum):
    """What the person said of an alternative they looked at."""

    CHOSEN = "chosen"
    DECLINED = "declined"
    LATER = "later"


class OutsideMeasure(OpenVocabulary):
    """What an outside series counts."""

    EMERGENCY_VISITS = "emergency_visits"
    PRIMARY_CARE_VISITS = "primary_care_visits"
    SICK_LEAVE_DAYS = "sick_leave_days"
