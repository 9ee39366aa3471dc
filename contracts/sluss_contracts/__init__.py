"""The published language of the Sluss network: events, commands, subjects and vocabulary."""

from __future__ import annotations

from sluss_contracts import (
    activity,
    case,
    commands,
    enrolment,
    followup,
    linkworker,
    message,
    organisation,
    referral,
    submission,
    task,
)

__all__ = [
    "activity",
    "case",
    "commands",
    "enrolment",
    "followup",
    "linkworker",
    "message",
    "organisation",
    "referral",
    "submission",
    "task",
]
