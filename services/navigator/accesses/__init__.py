"""Who has looked at whose record: for the coordinator, whom a person asks and who asks around."""

from __future__ import annotations

from pathlib import Path

from services.navigator.accesses.pages import access_pages

ROOM = Path(__file__).parent

__all__ = ["ROOM", "access_pages"]
