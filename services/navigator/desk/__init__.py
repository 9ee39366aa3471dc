"""The link worker's desk: what is to be done today, the team's inbox, and the case with its steps."""

from __future__ import annotations

from pathlib import Path

from services.navigator.desk.case_page import case_pages
from services.navigator.desk.frame import Frame
from services.runtime.web import Pages

ROOM = Path(__file__).parent


def desk_pages(frame: Frame) -> list[Pages]:
    """All the desk's pages."""
    return [case_pages(frame)]


__all__ = ["ROOM", "Frame", "desk_pages"]
