"""What a referrer follows: its own referrals, the steps it is told of, and what it was told."""

from __future__ import annotations

from pathlib import Path

from services.navigator.referrers.pages import referrer_pages

ROOM = Path(__file__).parent

__all__ = ["ROOM", "referrer_pages"]
