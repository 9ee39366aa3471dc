"""The published language of the Sluss network: events, commands, subjects and vocabulary."""

from __future__ import annotations

from sluss_contracts import (
    activity,
    case,
    commands,
    contact,
    enrolment,
    evaluation,
    followup,
    instruments,
    linkworker,
    mapping,
    message,
    moderation,
    notice,
    organisation,
    pathway,
    person,
    referral,
    resource,
    submission,
    task,
)

__all__ = [
    "activity",
    "case",
    "commands",
    "contact",
    "enrolment",
    "evaluation",
    "followup",
    "instruments",
    "linkworker",
    "mapping",
    "message",
    "moderation",
    "notice",
    "organisation",
    "pathway",
    "person",
    "referral",
    "resource",
    "submission",
    "task",
]
