"""How long what is published counts as right when nobody says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from services.runtime.settings import FreshnessSettings


@dataclass(frozen=True, slots=True)
class Freshness:
    """Asked after the one, hidden when the other has passed besides."""

    ask_after: timedelta
    hide_after: timedelta


@cache
def freshness() -> Freshness:
    """What the environment says; the process was refused at its start if that cannot be read."""
    said = FreshnessSettings()
    return Freshness(timedelta(days=said.provider_ask_after), timedelta(days=said.provider_hide_after))
