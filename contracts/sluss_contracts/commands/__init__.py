"""Every command, by the service that owns what it changes."""

from __future__ import annotations

from sluss_contracts.commands import catalogue, matching, navigator, notify, provider, referral, schedule

__all__ = ["catalogue", "matching", "navigator", "notify", "provider", "referral", "schedule"]
