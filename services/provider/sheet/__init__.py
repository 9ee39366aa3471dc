"""An association's own spreadsheet: what it would change, and then that; by page or command line."""

from __future__ import annotations

from pathlib import Path

ROOM = Path(__file__).parent
