"""Of whom nobody has said whether they came, and who may say so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.provider.domain import attendance
from services.provider.domain.refusals import ForAnotherProvider
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import RecordAttendance
from sluss_contracts.enrolment import AttendanceMissing, AttendanceRecorded
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Attendance, Role
from tests.provider.spec import (
    ALVA,
    HEMGARDEN,
    KORPEN,
    WALK,
    accepted,
    declined,
    ended,
    expired,
    given,
    offered,
    waitlisted,
)

_PLACE: dict[str, Any] = {**ALVA, "activity": WALK, "provider": KORPEN}


def missing(session: str = "tuesday") -> Fact:
    return AttendanceMissing(**_PLACE, session_id=session)


def came(by: Role = Role.PROVIDER) -> Fact:
    return AttendanceRecorded(**_PLACE, session_id="tuesday", outcome=Attendance.ATTENDED, by=by)


def test_a_session_nobody_reported_is_missed_once() -> None:
    given(offered(), accepted()).when(attendance.miss, "tuesday").then(missing())
    given(offered(), accepted(), missing()).when(attendance.miss, "tuesday").then_nothing()
    given(offered(), accepted(), missing()).when(attendance.miss, "thursday").then(missing("thursday"))


def test_what_was_reported_is_not_missed() -> None:
    given(offered(), accepted(), came()).when(attendance.miss, "tuesday").then_nothing()


@pytest.mark.parametrize(
    "story",
    [[], [waitlisted()], [offered()], [offered(), declined()], [offered(), expired()],
     [offered(), accepted(), ended()]],
)  # fmt: skip
def test_nobody_is_missed_where_they_do_not_take_part(story: list[Fact]) -> None:
    given(*story).when(attendance.miss, "tuesday").then_nothing()


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.LINK_WORKER, Role.PERSON])
def test_provider_link_worker_and_the_person_may_say_and_a_late_word_is_taken(role: Role) -> None:
    actor = Actor(id="somebody", role=role, organisation=KORPEN)
    said = RecordAttendance(
        command_id=UUID(int=1), actor=actor, **ALVA, session_id="tuesday", outcome=Attendance.ATTENDED
    )
    story = given(offered(), accepted(), missing())
    story.when(attendance.record, said, role, {"tuesday": WALK}).then(came(by=role))


def test_no_other_provider_says_who_came() -> None:
    actor = Actor(id="sven", role=Role.PROVIDER, organisation=HEMGARDEN)
    said = RecordAttendance(
        command_id=UUID(int=1), actor=actor, **ALVA, session_id="tuesday", outcome=Attendance.ATTENDED
    )
    given(offered(), accepted()).when(attendance.record, said, Role.PROVIDER, {"tuesday": WALK}).then_refused(
        ForAnotherProvider
    )
