"""What follows what: which tasks each fact ends and which it asks for.

An open case always has an open task, so that nobody is left waiting in silence: where a fact leaves none,
somebody is asked to close the case, or to think again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from services.navigator.domain.case import Case
from services.navigator.domain.task import Agenda
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseEnrolmentRequested,
    CaseQueued,
    ContactAttempted,
    MeetingBooked,
    MeetingHeld,
    MeetingMissed,
    PlanAgreed,
)
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlinePassed, FollowUpCancelled, FollowUpDone, FollowUpDue
from sluss_contracts.message import FeedbackSent, MessageFailed
from sluss_contracts.referral import ReferralHeld
from sluss_contracts.vocabulary import Attendance, ContactOutcome, DeadlineKind, TaskKind

UNANSWERED_AT_MOST: Final = 4
"""After so many contact attempts in a row without an answer, somebody decides whether to close."""
IN_LINE_FOR: Final = timedelta(days=30)
"""How long a place on a waiting list is left alone before somebody looks at it."""
SESSION_REPORTED_WITHIN: Final = timedelta(days=14)
"""How long after the first session it should be known whether the person came."""
FOLLOW_UP_WITHIN: Final = timedelta(days=5)
"""How soon a follow-up that has come due is to be made."""


def follow(case: Case | None, fact: Fact, agenda: Agenda) -> None:
    """Let a fact, our own or another service's, end and open tasks. `case` is as it is after the fact.

    What another service says of a case that is closed asks nothing of anybody, but for feedback that the
    referrer has not had.
    """
    if case is not None and case.closed and not isinstance(fact, CaseClosed | DeadlinePassed | FeedbackSent):
        return
    _RULES[type(fact)](case, fact, agenda)
    leave_nobody_waiting(case, agenda)


def leave_nobody_waiting(case: Case | None, agenda: Agenda) -> None:
    """An open case without a task asks somebody to close it."""
    if case is not None and not case.closed and not agenda.waits():
        agenda.open(TaskKind.CLOSE_CASE, "nothing_else_to_do")


def held(_: Case | None, fact: ReferralHeld, agenda: Agenda) -> None:
    """The person must be asked first. What was asked once is not asked twice."""
    agenda.open(TaskKind.ASK_CONSENT, fact.why)


def queued(_: Case | None, fact: CaseQueued, agenda: Agenda) -> None:
    """Consent is there, a link worker is not: somebody in the team must take it."""
    _consented(agenda)
    agenda.hand_over(fact.team, None)
    agenda.open(TaskKind.CLAIM_CASE, fact.why[0])


def taken(_: Case | None, fact: CaseAssigned | CaseClaimed, agenda: Agenda) -> None:
    """All that the team had to do about the case is the link worker's from now on."""
    _consented(agenda)
    how = "claimed" if isinstance(fact, CaseClaimed) else "assigned"
    agenda.close(TaskKind.CLAIM_CASE, how=how)
    _caught_up(agenda, DeadlineKind.CASE_CLAIMED)
    agenda.hand_over(fact.team, fact.worker)
    agenda.open(TaskKind.CONTACT_PERSON, how)


def contacted(case: Case | None, fact: ContactAttempted, agenda: Agenda) -> None:
    """Reached: meet, or go on where it stopped. Not reached: try again, until it is time to decide."""
    assert case is not None
    trying = agenda.close(TaskKind.CONTACT_PERSON, how=fact.outcome.value)
    if fact.outcome is ContactOutcome.REACHED:
        _caught_up(agenda, DeadlineKind.PERSON_REACHED)
        if not (case.met or case.meeting_ahead or case.plan_version):
            agenda.open(TaskKind.HOLD_MEETING, "reached")
        elif case.enrolments and not agenda.waits():
            _ask_how_it_went(agenda, "reached")
    elif trying and case.unanswered >= UNANSWERED_AT_MOST:
        agenda.open(TaskKind.CLOSE_CASE, "not_reached")
    elif trying:
        agenda.open(TaskKind.CONTACT_PERSON, fact.outcome.value, about=trying[0].about)


def meeting_booked(_: Case | None, fact: MeetingBooked, agenda: Agenda) -> None:
    """The person has been reached; the meeting is due when it ends."""
    agenda.close(TaskKind.CONTACT_PERSON, how="meeting_booked")
    agenda.close(TaskKind.HOLD_MEETING, about=None, how="meeting_booked")
    _caught_up(agenda, DeadlineKind.PERSON_REACHED)
    ends = fact.starts + timedelta(minutes=fact.minutes)
    agenda.open(TaskKind.HOLD_MEETING, "meeting_booked", about=fact.meeting_id, due=ends)


def meeting_held(case: Case | None, fact: MeetingHeld, agenda: Agenda) -> None:
    """They have met; what is agreed is the plan."""
    assert case is not None
    agenda.close(TaskKind.HOLD_MEETING, about=fact.meeting_id, how="held")
    agenda.close(TaskKind.CONTACT_PERSON, how="met")
    if not case.plan_version:
        agenda.open(TaskKind.AGREE_PLAN, "met")


def meeting_missed(_: Case | None, fact: MeetingMissed, agenda: Agenda) -> None:
    """Somebody asks how the person is."""
    agenda.close(TaskKind.HOLD_MEETING, about=fact.meeting_id, how="missed")
    agenda.open(TaskKind.CONTACT_PERSON, "meeting_missed")


def plan_agreed(_: Case | None, fact: PlanAgreed, agenda: Agenda) -> None:
    """A plan wants something to do; so does a revised one."""
    agenda.close(TaskKind.AGREE_PLAN, how="agreed")
    agenda.close(TaskKind.CONTACT_PERSON, how="met")
    agenda.close(TaskKind.HOLD_MEETING, about=None, how="agreed")
    agenda.open(TaskKind.FIND_ACTIVITY, "plan_agreed" if fact.version == 1 else "plan_revised")


def enrolment_requested(_: Case | None, fact: CaseEnrolmentRequested, agenda: Agenda) -> None:
    """Now the provider is to answer; several may be asked at once."""
    agenda.close(TaskKind.FIND_ACTIVITY, how="requested")
    agenda.open(TaskKind.AWAIT_PROVIDER, "requested", about=fact.enrolment_id)


def enrolment_offered(_: Case | None, fact: EnrolmentOffered, agenda: Agenda) -> None:
    """Out of the line: the provider is asked, and is to answer by a date."""
    if agenda.close(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, why="waitlisted", how="offered"):
        agenda.open(TaskKind.AWAIT_PROVIDER, "offered", about=fact.enrolment_id, due=fact.answer_by)


def enrolment_waitlisted(_: Case | None, fact: EnrolmentWaitlisted, agenda: Agenda) -> None:
    """Full: the person is in line. Moving up the line asks nothing new."""
    if agenda.waits(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, why="waitlisted"):
        return
    agenda.close(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, how="waitlisted")
    _answered(agenda)
    agenda.open(TaskKind.AWAIT_PROVIDER, "waitlisted", about=fact.enrolment_id, due=agenda.now + IN_LINE_FOR)


def enrolment_accepted(_: Case | None, fact: EnrolmentAccepted, agenda: Agenda) -> None:
    """Welcome: the next is to come."""
    agenda.close(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, how="accepted")
    _answered(agenda)
    due = (fact.starts or agenda.now) + SESSION_REPORTED_WITHIN
    agenda.open(TaskKind.AWAIT_ATTENDANCE, "accepted", about=fact.enrolment_id, due=due)


def enrolment_declined(_: Case | None, fact: EnrolmentDeclined, agenda: Agenda) -> None:
    """No place here: something else, knowing whose reason it was."""
    agenda.close(TaskKind.AWAIT_PROVIDER, TaskKind.AWAIT_ATTENDANCE, about=fact.enrolment_id, how="declined")
    _answered(agenda)
    agenda.open(TaskKind.FIND_ACTIVITY, f"declined_by_{fact.whose.value}")


def enrolment_ended(_: Case | None, fact: EnrolmentEnded, agenda: Agenda) -> None:
    """Whoever goes on by themselves needs nothing more; others need something else."""
    agenda.close(
        TaskKind.AWAIT_PROVIDER,
        TaskKind.AWAIT_ATTENDANCE,
        TaskKind.CONTACT_PERSON,
        about=fact.enrolment_id,
        how="ended",
    )
    _answered(agenda)
    if fact.reason != "self_sustaining":
        agenda.open(TaskKind.FIND_ACTIVITY, "enrolment_ended")


def attendance_recorded(_: Case | None, fact: AttendanceRecorded, agenda: Agenda) -> None:
    """Stayed away without a word: ask why now. Otherwise the next is to ask how it went."""
    agenda.close(TaskKind.AWAIT_ATTENDANCE, about=fact.enrolment_id, how=fact.outcome.value)
    if fact.outcome is Attendance.ABSENT:
        agenda.open(TaskKind.CONTACT_PERSON, "absent", about=fact.enrolment_id)
        return
    agenda.close(TaskKind.CONTACT_PERSON, about=fact.enrolment_id, how=fact.outcome.value)
    _ask_how_it_went(agenda, fact.outcome.value)


def followup_due(_: Case | None, fact: FollowUpDue, agenda: Agenda) -> None:
    """What was awaited has a date and an id now."""
    agenda.close(TaskKind.FOLLOW_UP, about=None, how="due")
    due = agenda.now + FOLLOW_UP_WITHIN
    agenda.open(TaskKind.FOLLOW_UP, "followup_due", about=fact.followup_id, due=due)


def followup_done(_: Case | None, fact: FollowUpDone, agenda: Agenda) -> None:
    """The person has been asked; a follow-up made before it was due counts as well."""
    if not agenda.close(TaskKind.FOLLOW_UP, about=fact.followup_id, how="followed_up"):
        agenda.close(TaskKind.FOLLOW_UP, about=None, how="followed_up")


def followup_cancelled(_: Case | None, fact: FollowUpCancelled, agenda: Agenda) -> None:
    """Nobody needs to ask."""
    agenda.close(TaskKind.FOLLOW_UP, about=fact.followup_id, how="cancelled")


def deadline_passed(case: Case | None, fact: DeadlinePassed, agenda: Agenda) -> None:
    """Silence lands on somebody, unless what was expected has happened in the meantime."""
    still_silent = {
        DeadlineKind.CONSENT_ASKED: agenda.waits(TaskKind.ASK_CONSENT),
        DeadlineKind.CASE_CLAIMED: agenda.waits(TaskKind.CLAIM_CASE),
        DeadlineKind.PERSON_REACHED: case is not None and not case.closed and not case.reached,
        DeadlineKind.OFFER_ANSWERED: agenda.waits(TaskKind.AWAIT_PROVIDER),
        DeadlineKind.FEEDBACK_SENT: True,
    }.get(fact.kind, case is None or not case.closed)
    if still_silent:
        agenda.open(TaskKind.CHASE_DEADLINE, fact.kind.value, about=fact.deadline_id)


def message_failed(_: Case | None, fact: MessageFailed, agenda: Agenda) -> None:
    """A message that may or may not have gone is never sent again blindly: somebody looks."""
    agenda.open(TaskKind.CHECK_MESSAGE, fact.why, about=fact.message_id)


def feedback_sent(_: Case | None, __: FeedbackSent, agenda: Agenda) -> None:
    """The referrer has heard, late or not."""
    _caught_up(agenda, DeadlineKind.FEEDBACK_SENT)


def closed(_: Case | None, __: CaseClosed, agenda: Agenda) -> None:
    """Nothing is asked of anybody any more."""
    agenda.close(how="case_closed")


def _consented(agenda: Agenda) -> None:
    agenda.close(TaskKind.ASK_CONSENT, how="consent_given")
    _caught_up(agenda, DeadlineKind.CONSENT_ASKED)


def _ask_how_it_went(agenda: Agenda, why: str) -> None:
    if not agenda.waits(TaskKind.FOLLOW_UP) and not agenda.was_ever(TaskKind.FOLLOW_UP, "followed_up"):
        agenda.open(TaskKind.FOLLOW_UP, why)


def _answered(agenda: Agenda) -> None:
    if not agenda.waits(TaskKind.AWAIT_PROVIDER):
        _caught_up(agenda, DeadlineKind.OFFER_ANSWERED)


def _caught_up(agenda: Agenda, deadline: DeadlineKind) -> None:
    agenda.close(TaskKind.CHASE_DEADLINE, why=deadline.value, how="happened")


_RULES: Final[dict[type[Fact], Callable[..., None]]] = {
    ReferralHeld: held,
    CaseQueued: queued,
    CaseAssigned: taken,
    CaseClaimed: taken,
    ContactAttempted: contacted,
    MeetingBooked: meeting_booked,
    MeetingHeld: meeting_held,
    MeetingMissed: meeting_missed,
    PlanAgreed: plan_agreed,
    CaseEnrolmentRequested: enrolment_requested,
    EnrolmentOffered: enrolment_offered,
    EnrolmentWaitlisted: enrolment_waitlisted,
    EnrolmentAccepted: enrolment_accepted,
    EnrolmentDeclined: enrolment_declined,
    EnrolmentEnded: enrolment_ended,
    AttendanceRecorded: attendance_recorded,
    FollowUpDue: followup_due,
    FollowUpDone: followup_done,
    FollowUpCancelled: followup_cancelled,
    DeadlinePassed: deadline_passed,
    MessageFailed: message_failed,
    FeedbackSent: feedback_sent,
    CaseClosed: closed,
}
