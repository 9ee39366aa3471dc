"""What follows when providers answer, and when people come or stay away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from services.navigator.domain.agenda import Agenda
from services.navigator.domain.case import Case
from services.navigator.domain.next_steps import ask_how_it_went, caught_up
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Attendance, DeadlineKind, TaskKind

_MISSING = "attendance_missing"
_ASK_WITHIN = timedelta(days=2)
"""How soon somebody asks whether the person came, when nobody has said."""


def offered(_: Case | None, fact: EnrolmentOffered, agenda: Agenda) -> None:
    """Out of the line: the provider is asked, and is to answer by a date."""
    if agenda.close(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, why="waitlisted", how="offered"):
        agenda.open(TaskKind.AWAIT_PROVIDER, "offered", about=fact.enrolment_id, due=fact.answer_by)


def waitlisted(_: Case | None, fact: EnrolmentWaitlisted, agenda: Agenda) -> None:
    """Full: the person is in line. Moving up the line asks nothing new."""
    if agenda.waits(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, why="waitlisted"):
        return
    agenda.close(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, how="waitlisted")
    _answered(agenda)
    due = agenda.now + timedelta(days=agenda.pathway.silence.in_line)
    agenda.open(TaskKind.AWAIT_PROVIDER, "waitlisted", about=fact.enrolment_id, due=due)


def another_time(_: Case | None, fact: AnotherTimeSuggested, agenda: Agenda) -> None:
    """The place is held for a while; somebody asks the person before then whether the other time suits."""
    agenda.close(TaskKind.CHECK_MESSAGE, about=fact.enrolment_id, how="another_time_suggested")
    agenda.open(
        TaskKind.CONTACT_PERSON, "another_time_suggested", about=fact.enrolment_id, due=fact.answer_by
    )


def accepted(_: Case | None, fact: EnrolmentAccepted, agenda: Agenda) -> None:
    """Welcome: the next is to come, and for somebody to say so."""
    agenda.close(TaskKind.AWAIT_PROVIDER, TaskKind.CHECK_MESSAGE, about=fact.enrolment_id, how="accepted")
    agenda.close(
        TaskKind.CONTACT_PERSON, about=fact.enrolment_id, why="another_time_suggested", how="accepted"
    )
    _answered(agenda)
    due = (fact.starts or agenda.now) + timedelta(days=agenda.pathway.silence.session_reported)
    agenda.open(TaskKind.AWAIT_ATTENDANCE, "accepted", about=fact.enrolment_id, due=due)


def declined(case: Case | None, fact: EnrolmentDeclined, agenda: Agenda) -> None:
    """No place here: something else, knowing whose reason it was."""
    _no_more_of(case, fact.enrolment_id, agenda, how="declined")
    agenda.open(TaskKind.FIND_ACTIVITY, f"declined_by_{fact.whose.value}")


def expired(case: Case | None, fact: EnrolmentExpired, agenda: Agenda) -> None:
    """Nobody answered, so the place is given back: ask again, or find something else."""
    agenda.lapse(TaskKind.AWAIT_PROVIDER, about=fact.enrolment_id, why="offer_expired")
    _no_more_of(case, fact.enrolment_id, agenda, how="offer_expired")
    agenda.open(TaskKind.FIND_ACTIVITY, "offer_expired")


def ended(case: Case | None, fact: EnrolmentEnded, agenda: Agenda) -> None:
    """Whoever goes on by themselves needs nothing more; others need something else."""
    _no_more_of(case, fact.enrolment_id, agenda, how="ended")
    if fact.reason != "self_sustaining":
        agenda.open(TaskKind.FIND_ACTIVITY, "enrolment_ended")


def attendance(_: Case | None, fact: AttendanceRecorded, agenda: Agenda) -> None:
    """Stayed away without a word: ask why now. Otherwise the next is to ask how it went."""
    agenda.close(TaskKind.AWAIT_ATTENDANCE, about=fact.enrolment_id, how=fact.outcome.value)
    caught_up(agenda, DeadlineKind.SESSION_REPORTED)
    if fact.outcome is Attendance.ABSENT:
        agenda.open(TaskKind.CONTACT_PERSON, "absent", about=fact.enrolment_id)
        return
    agenda.close(TaskKind.CONTACT_PERSON, about=fact.enrolment_id, how=fact.outcome.value)
    ask_how_it_went(agenda, fact.outcome.value)


def missing(_: Case | None, fact: AttendanceMissing, agenda: Agenda) -> None:
    """Nobody has said whether the person came: somebody asks, soon."""
    if agenda.waits(TaskKind.AWAIT_ATTENDANCE, about=fact.enrolment_id, why=_MISSING):
        return
    agenda.lapse(TaskKind.AWAIT_ATTENDANCE, about=fact.enrolment_id, why=_MISSING)
    due = agenda.now + _ASK_WITHIN
    agenda.open(TaskKind.AWAIT_ATTENDANCE, _MISSING, about=fact.enrolment_id, due=due)


def _no_more_of(case: Case | None, enrolment_id: str, agenda: Agenda, *, how: str) -> None:
    """Nothing is awaited of an enrolment any more, and no support at it makes sense."""
    awaited = (
        TaskKind.AWAIT_PROVIDER,
        TaskKind.AWAIT_ATTENDANCE,
        TaskKind.CONTACT_PERSON,
        TaskKind.CHECK_MESSAGE,
    )
    agenda.close(*awaited, about=enrolment_id, how=how)
    _answered(agenda)
    for support in case.supports.values() if case else ():
        if support.enrolment_id == enrolment_id:
            agenda.lapse(TaskKind.GO_ALONG, TaskKind.BARRIER, about=support.support_id, why=how)


def _answered(agenda: Agenda) -> None:
    if not agenda.waits(TaskKind.AWAIT_PROVIDER):
        caught_up(agenda, DeadlineKind.OFFER_ANSWERED)


RULES: Final[dict[type[Fact], Callable[..., None]]] = {
    EnrolmentOffered: offered,
    EnrolmentWaitlisted: waitlisted,
    AnotherTimeSuggested: another_time,
    EnrolmentAccepted: accepted,
    EnrolmentDeclined: declined,
    EnrolmentExpired: expired,
    EnrolmentEnded: ended,
    AttendanceRecorded: attendance,
    AttendanceMissing: missing,
}
