"""The navigator: its registry with everything it does. Nothing connects at import."""

from __future__ import annotations

from services.navigator import (
    accounts,
    blue_circle,
    calling_providers,
    casework,
    finding_out,
    handing_over,
    handlers,
    matching,
    meetings,
    on_offer,
    projections,
    staffing,
)
from services.navigator.meeting_links import asking
from services.navigator.registry import navigator as service

__all__ = [
    "accounts",
    "asking",
    "blue_circle",
    "calling_providers",
    "casework",
    "finding_out",
    "handing_over",
    "handlers",
    "matching",
    "meetings",
    "on_offer",
    "projections",
    "service",
    "staffing",
]
