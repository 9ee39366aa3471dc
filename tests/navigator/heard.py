"""What the navigator hears of a case from the other services, made short for tests that read as specs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlinePassed, FollowUpDone, FollowUpDue
from sluss_contracts.message import FeedbackSent, MessageFailed
from sluss_contracts.referral import ReferralHeld
from sluss_contracts.vocabulary import (
    Attendance,
    DeadlineKind,
    FeedbackPoint,
    MessageTemplate,
    Role,
    Whose,
)
from tests.navigator.spec import (
    CHOIR,
    MONDAY,
    PLANNED,
    requested,
)

HELD = ReferralHeld(
    referral_id="alva", person="p", organisation="clinic", area="centrum", why="consent_to_be_asked"
)
SEEKING = (*PLANNED, requested())


def _place(enrolment: str) -> dict[str, Any]:
    activity = enrolment.removeprefix("enrolment-")
    return {"enrolment_id": enrolment, "referral_id": "alva", "activity": activity, "provider": "korpen"}


def offered(enrolment: str = CHOIR, answer_by: datetime = MONDAY + timedelta(days=3)) -> Fact:
    return EnrolmentOffered(**_place(enrolment), person="p", alias="Ask", answer_by=answer_by)


def accepted(enrolment: str = CHOIR, starts: datetime | None = None) -> Fact:
    return EnrolmentAccepted(**_place(enrolment), person="p", starts=starts)


def waitlisted(enrolment: str = CHOIR, position: int = 1) -> Fact:
    return EnrolmentWaitlisted(**_place(enrolment), person="p", position=position)


def declined(enrolment: str = CHOIR, whose: Whose = Whose.PROVIDER) -> Fact:
    return EnrolmentDeclined(**_place(enrolment), whose=whose, reason="group_is_full")


def ended(enrolment: str = CHOIR, reason: str = "person_stopped") -> Fact:
    return EnrolmentEnded(**_place(enrolment), whose=Whose.PERSON, reason=reason)


def attendance(outcome: Attendance, enrolment: str = CHOIR) -> Fact:
    return AttendanceRecorded(**_place(enrolment), session_id="s1", outcome=outcome, by=Role.PROVIDER)


def due(followup: str = "f1") -> Fact:
    return FollowUpDue(followup_id=followup, referral_id="alva", person="p")


def asked(followup: str = "f1") -> Fact:
    return FollowUpDone(followup_id=followup, referral_id="alva", how_it_went="well")


def passed(kind: DeadlineKind) -> Fact:
    return DeadlinePassed(deadline_id=f"d-{kind}", referral_id="alva", kind=kind)


FAILED = MessageFailed(
    message_id="m1", referral_id="alva", template=MessageTemplate.INVITATION, why="outcome_unknown"
)
FEEDBACK_SENT = FeedbackSent(
    feedback_id="fb", referral_id="alva", organisation="clinic", point=FeedbackPoint.CLOSURE
)
CAME, ABSENT, EXCUSED = (
    attendance(Attendance.ATTENDED),
    attendance(Attendance.ABSENT),
    attendance(Attendance.EXCUSED),
)
