"""What follows from time and from silence: follow-ups, deadlines, evaluations, messages; and from alarms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from services.navigator.domain.agenda import Agenda
from services.navigator.domain.case import Case, Status
from services.navigator.domain.next_steps import caught_up
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.consent import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
)
from sluss_contracts.event import Fact
from sluss_contracts.followup import (
    DeadlinePassed,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpLapsed,
)
from sluss_contracts.message import FeedbackOverdue, FeedbackSent, MessageFailed
from sluss_contracts.pathway import SentBy
from sluss_contracts.vocabulary import DeadlineKind, TaskKind

FOLLOW_UP_WITHIN: Final = timedelta(days=5)
"""How soon a follow-up that has come due is to be made."""


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


def followup_lapsed(_: Case | None, fact: FollowUpLapsed, agenda: Agenda) -> None:
    """Too late to ask how it went then; not too late to ask how the person is."""
    agenda.lapse(TaskKind.FOLLOW_UP, about=fact.followup_id, why="followup_lapsed")
    agenda.open(TaskKind.CONTACT_PERSON, "followup_lapsed")


def deadline_passed(case: Case | None, fact: DeadlinePassed, agenda: Agenda) -> None:
    """Silence lands on somebody, unless what was expected has happened in the meantime.

    While the case is paused, nobody is chased for what the person has not done.
    """
    if fact.kind is DeadlineKind.EVALUATION_ANSWERED:
        if not agenda.waits(TaskKind.EVALUATE):
            agenda.open(TaskKind.EVALUATE, fact.kind.value, about=fact.deadline_id)
        return
    waiting_for_the_person = case is not None and case.status is Status.ASSIGNED and not case.reached
    still_silent = {
        DeadlineKind.CONSENT_ASKED: agenda.waits(TaskKind.ASK_CONSENT),
        DeadlineKind.CASE_CLAIMED: agenda.waits(TaskKind.CLAIM_CASE),
        DeadlineKind.PERSON_REACHED: waiting_for_the_person,
        DeadlineKind.OFFER_ANSWERED: agenda.waits(TaskKind.AWAIT_PROVIDER),
        DeadlineKind.SESSION_REPORTED: agenda.waits(TaskKind.AWAIT_ATTENDANCE),
        DeadlineKind.WITHDRAWAL_CONFIRMED: agenda.waits(TaskKind.CONFIRM_WITHDRAWAL),
        DeadlineKind.FEEDBACK_SENT: not _chased(agenda, DeadlineKind.FEEDBACK_SENT),
        DeadlineKind.RECEIPT_FETCHED: True,
    }.get(fact.kind, case is None or not case.closed)
    if still_silent:
        agenda.open(TaskKind.CHASE_DEADLINE, fact.kind.value, about=fact.deadline_id)


def message_failed(_: Case | None, fact: MessageFailed, agenda: Agenda) -> None:
    """A message that may or may not have gone is never sent again blindly: somebody looks."""
    agenda.open(TaskKind.CHECK_MESSAGE, fact.why, about=fact.message_id)


def notice_failed(agenda: Agenda, why: str, enrolment_id: str) -> None:
    """The provider could not be written to: somebody calls them, unless they have answered."""
    if agenda.waits(TaskKind.AWAIT_PROVIDER, about=enrolment_id):
        agenda.open(TaskKind.CHECK_MESSAGE, f"provider_{why}", about=enrolment_id)


def feedback_sent(_: Case | None, __: FeedbackSent, agenda: Agenda) -> None:
    """The referrer has heard, late or not."""
    caught_up(agenda, DeadlineKind.FEEDBACK_SENT)


def feedback_overdue(_: Case | None, fact: FeedbackOverdue, agenda: Agenda) -> None:
    """An open loop: somebody sees that the referrer hears. The same loop is chased once."""
    if not _chased(agenda, DeadlineKind.FEEDBACK_SENT):
        agenda.open(TaskKind.CHASE_DEADLINE, DeadlineKind.FEEDBACK_SENT.value, about=fact.feedback_id)


def evaluation_due(_: Case | None, fact: EvaluationDue, agenda: Agenda) -> None:
    """What the network sends by itself asks nobody; what somebody outside sends must be handed to them."""
    if fact.sent_by is SentBy.OUTSIDE:
        agenda.open(TaskKind.EVALUATE, "sent_by_outside", about=fact.evaluation_id)


def evaluation_answered(_: Case | None, __: EvaluationAnswered, agenda: Agenda) -> None:
    """The person has answered."""
    agenda.close(TaskKind.EVALUATE, how="answered")


def evaluation_over(_: Case | None, fact: EvaluationLapsed | EvaluationCancelled, agenda: Agenda) -> None:
    """Nobody is asked any more."""
    agenda.lapse(TaskKind.EVALUATE, why=f"evaluation_{fact.FACT}")


def alarm_raised(_: Case | None, fact: AlarmRaised, agenda: Agenda) -> None:
    """A human reads it at once."""
    agenda.open(TaskKind.ACUTE_RISK, fact.where, about=fact.alarm_id, due=agenda.now)


def consent_withdrawn(_: Case | None, fact: ConsentWithdrawn, agenda: Agenda) -> None:
    """Each receiver that has been told something is to confirm that it is removed."""
    for receiver in fact.shared_with:
        agenda.open(TaskKind.CONFIRM_WITHDRAWAL, "consent_withdrawn", about=receiver)


def withdrawal_confirmed(_: Case | None, fact: WithdrawalConfirmed, agenda: Agenda) -> None:
    """It is removed there."""
    agenda.close(TaskKind.CONFIRM_WITHDRAWAL, about=fact.receiver, how="confirmed")
    if not agenda.waits(TaskKind.CONFIRM_WITHDRAWAL):
        caught_up(agenda, DeadlineKind.WITHDRAWAL_CONFIRMED)


def _chased(agenda: Agenda, deadline: DeadlineKind) -> bool:
    return agenda.waits(TaskKind.CHASE_DEADLINE, why=deadline.value)


RULES: Final[dict[type[Fact], Callable[..., None]]] = {
    FollowUpDue: followup_due,
    FollowUpDone: followup_done,
    FollowUpCancelled: followup_cancelled,
    FollowUpLapsed: followup_lapsed,
    DeadlinePassed: deadline_passed,
    MessageFailed: message_failed,
    FeedbackSent: feedback_sent,
    FeedbackOverdue: feedback_overdue,
    EvaluationDue: evaluation_due,
    EvaluationAnswered: evaluation_answered,
    EvaluationLapsed: evaluation_over,
    EvaluationCancelled: evaluation_over,
    AlarmRaised: alarm_raised,
    ConsentWithdrawn: consent_withdrawn,
    WithdrawalConfirmed: withdrawal_confirmed,
}

AFTER_CLOSING: Final = (
    DeadlinePassed,
    FeedbackSent,
    FeedbackOverdue,
    EvaluationDue,
    EvaluationAnswered,
    EvaluationLapsed,
    EvaluationCancelled,
    AlarmRaised,
    ConsentWithdrawn,
    WithdrawalConfirmed,
)
"""What is heard although the case is closed."""
