"""The navigator: its registry with everything it does. Nothing connects at import."""

from __future__ import annotations

from services.navigator import handlers, projections
from services.navigator.registry import navigator as service

__all__ = ["handlers", "projections", "service"]
