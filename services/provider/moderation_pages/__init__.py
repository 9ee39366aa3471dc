"""What waits for a coordinator in the catalogue, as pages: suggestions, new activities, changes."""

from __future__ import annotations

from pathlib import Path

from services.provider.moderation_pages.pages import moderation_pages

ROOM = Path(__file__).parent

__all__ = ["ROOM", "moderation_pages"]
