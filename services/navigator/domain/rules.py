"""Why a step in a case may be refused: one rule, one name, one stable code."""

from __future__ import annotations

from services.runtime.decision import Refusal


class UnknownCase(Refusal):
    """A step is taken in a case that exists."""

    code = "unknown_case"


class NotAllowed(Refusal):
    """Steps in a case are taken by link workers, and by coordinators for them."""

    code = "not_allowed"


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
