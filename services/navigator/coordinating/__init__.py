"""The coordinator's pages: load, waiting, what comes in, what nothing met, and loops that stand open."""

from __future__ import annotations

from pathlib import Path

from services.navigator.coordinating.pages import coordinator_pages

ROOM = Path(__file__).parent

__all__ = ["ROOM", "coordinator_pages"]
