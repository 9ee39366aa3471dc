"""Every command, by the service that owns what it changes."""

from __future__ import annotations

from sluss_contracts.commands import catalogue, navigator, notify, provider, referral

__all__ = ["catalogue", "navigator", "notify", "provider", "referral"]
