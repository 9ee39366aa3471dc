"""Every command, by the service that owns what it changes."""

from __future__ import annotations

from sluss_contracts.commands import navigator, notify, provider, referral

__all__ = ["navigator", "notify", "provider", "referral"]
