"""Why a step in a case may be refused: one rule, one name, one stable code."""

from __future__ import annotations

from services.runtime.decision import Refusal


class UnknownCase(Refusal):
    """A step is taken in a case that exists."""

    code = "unknown_case"


class NotThisWorkers(Refusal):
    """A link worker acts in their own cases."""

    code = "not_this_workers"


class NotThisTeams(Refusal):
    """A case is claimed by the team it waits for."""

    code = "not_this_teams"


class NotAssigned(Refusal):
    """Work in a case begins when somebody has it."""

    code = "not_assigned"


class AlreadyClaimed(Refusal):
    """Exactly one link worker has a case."""

    code = "already_claimed"


class AlreadyClosed(Refusal):
    """What is closed stays closed; coming back is a new referral."""

    code = "already_closed"


class NoSuchMeeting(Refusal):
    """A meeting is booked before it is held or missed."""

    code = "no_such_meeting"


class MeetingAlreadyRecorded(Refusal):
    """A meeting is held or missed, not both."""

    code = "meeting_already_recorded"


class MeetingHasMoved(Refusal):
    """What a person says of a meeting is about the time they were shown."""

    code = "meeting_has_moved"


class MeetingHasBegun(Refusal):
    """A person confirms, moves or cancels a meeting before it begins."""

    code = "meeting_has_begun"


class TimeIsTaken(Refusal):
    """A link worker meets one person at a time: a person chooses among the times at which theirs is free, and
    staff book two at once only where they know of it."""

    code = "time_is_taken"


class NoLinkForProtected(Refusal):
    """Of somebody whose identity is protected nothing is told or asked automatically."""

    code = "no_link_for_protected"


class MeetingIsCancelled(Refusal):
    """A meeting that is cancelled is neither moved nor held; another is booked."""

    code = "meeting_is_cancelled"


class NotYetMet(Refusal):
    """A plan is agreed with the person."""

    code = "not_yet_met"


class NoPlanYet(Refusal):
    """An activity serves a plan."""

    code = "no_plan_yet"


class NoSuchGoal(Refusal):
    """An activity serves a goal of the plan as it is."""

    code = "no_such_goal"


class UnknownActivity(Refusal):
    """A place is asked for in an activity that is published."""

    code = "unknown_activity"


class CaseIsPaused(Refusal):
    """Nothing is asked of the person while their case is paused."""

    code = "case_is_paused"


class PauseEndsInThePast(Refusal):
    """A pause ends on a day to come."""

    code = "pause_ends_in_the_past"


class DecidedByTheReferral(Refusal):
    """Whether a referral is declined, redirected, cancelled or void is not decided by closing its case."""

    code = "decided_by_the_referral"


class UnmetNeedNotRecorded(Refusal):
    """Where the pathway listens for unmet needs, nobody is completed without an activity in silence."""

    code = "unmet_need_not_recorded"


class NoSuchStep(Refusal):
    """A meeting is one of those the pathway has."""

    code = "no_such_step"


class ModeNotInStep(Refusal):
    """A meeting takes place in one of the ways the pathway's step allows."""

    code = "mode_not_in_step"


class ProtectedByHand(Refusal):
    """For somebody whose identity is protected, nothing goes to a provider but by a human's own hand."""

    code = "protected_by_hand"


class NoAlternativesYet(Refusal):
    """Where the pathway says so, alternatives are looked at together before a place is asked for."""

    code = "no_alternatives_yet"


class DeclinedWithoutReason(Refusal):
    """An alternative that was declined says why: a mismatch somebody may learn from."""

    code = "declined_without_reason"


class NotOnThisPathway(Refusal):
    """What a pathway does not have is not done on it."""

    code = "not_on_this_pathway"


class NoSuchSupport(Refusal):
    """Support is agreed before it is given."""

    code = "no_such_support"


class NoSuchEnrolment(Refusal):
    """Support at an activity is about an enrolment the case has asked for."""

    code = "no_such_enrolment"


class BarrierNotNamed(Refusal):
    """Help with a barrier names the barrier."""

    code = "barrier_not_named"


class WrongAnswers(Refusal):
    """The answers are those the instrument asks for."""

    code = "not_answerable"


class UnknownInstrument(Refusal):
    """A measure names an instrument, and a version of it, that the network has."""

    code = "unknown_instrument"


class GoalNotNamed(Refusal):
    """Goal attainment is about a goal, and no other instrument is."""

    code = "goal_not_named"


class NotComparable(Refusal):
    """A change is computed between two answers to the same version of the same instrument, or not at all."""

    code = "not_comparable"


class NothingToCompare(Refusal):
    """A change needs two measures."""

    code = "nothing_to_compare"


class ScoringDiffers(Refusal):
    """A version of an instrument scores the same for ever; other scoring is another version."""

    code = "scoring_differs"


class WrongName(Refusal):
    """A pack is published under the name it carries."""

    code = "wrong_name"


class NotShown(Refusal):
    """Volunteers and coordinators are shown the parts of a case that its pathway lets them see."""

    code = "not_shown"


class NothingToGoBy(Refusal):
    """To look for something that suits, one knows something of what is needed or liked."""

    code = "nothing_to_go_by"
