"""The published language of the Sluss network: events, commands, subjects and vocabulary."""

from __future__ import annotations

from sluss_contracts import (
    activity,
    case,
    commands,
    enrolment,
    evaluation,
    followup,
    instruments,
    linkworker,
    mapping,
    message,
    organisation,
    pathway,
    person,
    referral,
    submission,
    task,
)

__all__ = [
    "activity",
    "case",
    "commands",
    "enrolment",
    "evaluation",
    "followup",
    "instruments",
    "linkworker",
    "mapping",
    "message",
    "organisation",
    "pathway",
    "person",
    "referral",
    "submission",
    "task",
]
