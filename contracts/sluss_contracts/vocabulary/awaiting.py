"""What waits for somebody, what may not stay silent, and what is written to whom."""

from __future__ import annotations

from sluss_contracts.words import OpenVocabulary


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


class MessageWay(OpenVocabulary):
    """How the network may write to a person, the most discreet first."""

    INBOX = "inbox"
    """An inbox of their own behind a login of their own, as 1177 has."""
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


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
