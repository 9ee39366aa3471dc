"""Every command, by the service that owns what it changes."""

from __future__ import annotations

from sluss_contracts.commands import matching, navigator, notify, provider, referral

__all__ = ["matching", "navigator", "notify", "provider", "referral"]
