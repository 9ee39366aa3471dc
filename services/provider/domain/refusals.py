"""The rules of this service that say no, by name."""

from __future__ import annotations

from services.runtime.decision import Refusal


class UnknownProvider(Refusal):
    """No provider with that id is registered."""

    code = "unknown_provider"


class UnknownActivity(Refusal):
    """No activity with that id is published."""

    code = "unknown_activity"


class UnknownEnrolment(Refusal):
    """The referral has no enrolment with that id."""

    code = "unknown_enrolment"


class UnknownSession(Refusal):
    """The activity has no session with that id."""

    code = "unknown_session"


class AnothersActivity(Refusal):
    """The activity belongs to another provider."""

    code = "anothers_activity"


class SessionClash(Refusal):
    """The activity already has a session of another length at that time."""

    code = "session_clash"


class NotOffered(Refusal):
    """The place is not on offer to this provider."""

    code = "not_offered"


class NotTakingPart(Refusal):
    """The person does not take part in the activity through this enrolment."""

    code = "not_taking_part"
