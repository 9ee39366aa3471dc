"""Every command, by the service that owns what it changes."""

from __future__ import annotations

from sluss_contracts.commands import (
    activity_tasks,
    catalogue,
    looking,
    matching,
    meetings,
    navigator,
    notify,
    outside_record,
    planning,
    provider,
    referral,
    schedule,
    signing_in,
    staff,
)

__all__ = [
    "activity_tasks",
    "catalogue",
    "looking",
    "matching",
    "meetings",
    "navigator",
    "notify",
    "outside_record",
    "planning",
    "provider",
    "referral",
    "schedule",
    "signing_in",
    "staff",
]
