"""Signed links by which a person confirms, moves or cancels a meeting, without signing in."""

from pathlib import Path

ROOM = Path(__file__).parent
