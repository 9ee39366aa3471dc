"""The referral service, assembled. Nothing connects here."""

from __future__ import annotations

from services.referral import handlers, keeping, registering
from services.referral.registry import service

__all__ = ["handlers", "keeping", "registering", "service"]
