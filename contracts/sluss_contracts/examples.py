"""One worked example of every event: the story of one invented referral, told in `contracts/examples/`.

The files stand beside the package in a checkout; nothing at run time needs them but tools.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "examples"


def example_of(event_type: str) -> dict[str, Any]:
    """The example of an event type (`sluss.referral.accepted.v1`), envelope included.

    Raises `FileNotFoundError` for a type without one, and where the examples are not installed.
    """
    _, _, name = event_type.partition(".")
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
