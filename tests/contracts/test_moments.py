"""A point in time that somebody names is one a calendar reckons with, and a mistyped one has a place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import AwareDatetime, ValidationError

import sluss_contracts
from sluss_contracts.command import COMMANDS, Actor
from sluss_contracts.commands.provider import ScheduleSession
from sluss_contracts.faults import faults_of
from sluss_contracts.vocabulary import Role

assert sluss_contracts.__all__


def scheduled(starts: str) -> ScheduleSession:
    said: dict[str, Any] = {"activity": "choir", "starts": starts}
    return ScheduleSession(command_id=uuid4(), actor=Actor(id="korpen", role=Role.PROVIDER), **said)


def test_a_usual_time_is_taken() -> None:
    assert scheduled("2027-03-01T14:00:00+01:00").starts.year == 2027


@pytest.mark.parametrize(
    ("starts", "code"),
    [
        ("9999-12-31T10:00:00Z", "too_large"),
        ("9999-12-31T23:59:59-14:00", "too_large"),
        ("0001-01-01T00:00:00+14:00", "too_small"),
        ("1999-12-31T23:59:59Z", "too_small"),
    ],
)
def test_a_time_beyond_every_calendar_is_refused_by_its_place(starts: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        scheduled(starts)
    assert [(fault.path, fault.code) for fault in faults_of(refused.value)] == [("/starts", code)]


def test_every_moment_of_every_command_is_bounded() -> None:
    unbounded = [
        f"{command.__name__}.{name}"
        for command in COMMANDS.values()
        for name, field in command.model_fields.items()
        if field.annotation in (datetime, AwareDatetime) and not field.metadata
    ]
    assert unbounded == []
