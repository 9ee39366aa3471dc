"""The provider service: its registry with everything it does. Nothing connects at import."""

from __future__ import annotations

from services.provider import (
    catalogue,
    handlers,
    library,
    moderating,
    projections,
    records,
    scheduling,
    trust,
)
from services.provider.calendar import writing as calendar
from services.provider.hsds import writing as hsds
from services.provider.links import asking
from services.provider.registry import service

__all__ = [
    "asking",
    "calendar",
    "catalogue",
    "handlers",
    "hsds",
    "library",
    "moderating",
    "projections",
    "records",
    "scheduling",
    "service",
    "trust",
]
