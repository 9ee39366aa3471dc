"""The provider service: its registry with everything it does. Nothing connects at import."""

from __future__ import annotations

from services.provider import catalogue, handlers, library, moderating, projections, trust
from services.provider.links import asking
from services.provider.registry import service

__all__ = ["asking", "catalogue", "handlers", "library", "moderating", "projections", "service", "trust"]
