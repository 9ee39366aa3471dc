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


class ForAnotherProvider(Refusal):
    """A provider acts for itself alone."""

    code = "for_another_provider"


class IsThereAlready(Refusal):
    """Something else is published or suggested under that id."""

    code = "is_there_already"


class NotPublished(Refusal):
    """The activity is suggested and not published."""

    code = "not_published"


class TakesPlaceNoMore(Refusal):
    """The activity is withdrawn."""

    code = "takes_place_no_more"


class SessionIsOver(Refusal):
    """The session has taken place."""

    code = "session_is_over"


class SessionIsCancelled(Refusal):
    """The session does not take place."""

    code = "session_is_cancelled"


class TimeHasPassed(Refusal):
    """Nobody can be welcomed, or a session be held, at a time that has passed."""

    code = "time_has_passed"


class OfferExpired(Refusal):
    """The offer was not answered for so long that the place has gone to somebody else."""

    code = "offer_expired"


class NoTimeSuggested(Refusal):
    """The provider has suggested no other time."""

    code = "no_time_suggested"


class NothingToReview(Refusal):
    """Nothing waits for a coordinator's look."""

    code = "nothing_to_review"


class IsPublished(Refusal):
    """The activity is published, and not a suggestion any more."""

    code = "is_published"


class IsRegistered(Refusal):
    """The provider is registered, and not a suggestion any more."""

    code = "is_registered"


class WasTurnedDown(Refusal):
    """A coordinator has turned it down."""

    code = "was_turned_down"


class UnknownResource(Refusal):
    """Nothing with that id is in the library."""

    code = "unknown_resource"


class BadSchedule(Refusal):
    """The timetable holds something that cannot be laid out on a calendar."""

    code = "bad_schedule"


class NoSchedule(Refusal):
    """The activity's sessions are added one by one."""

    code = "no_schedule"


class TooManyBreaks(Refusal):
    """The activity has as many breaks to come as a schedule holds."""

    code = "too_many_breaks"


class NoSessionThen(Refusal):
    """The activity has no session at that time."""

    code = "no_session_then"


class HasNotBegun(Refusal):
    """The session has not begun, so nobody can have come."""

    code = "has_not_begun"
