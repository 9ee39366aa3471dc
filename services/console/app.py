"""The console with everything it does. Nothing connects at import."""

from __future__ import annotations

from services.console.registry import console as service

__all__ = ["service"]
