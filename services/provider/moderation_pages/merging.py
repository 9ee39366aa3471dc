"""A tip about something there is already: what it would change, and the activity as it is then. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.provider.domain.activity import Activity

TIPPED = ("title", "about", "area", "category", "languages", "acceptance", "venue", "cost", "page")
"""What somebody who tips us says. The rest of a tip is guessed, and is no news of the activity."""
_CORRECTS = re.compile(r"(.+)-[0-9a-f]{8}")


def corrected_by(suggestion: str) -> str | None:
    """The activity whose page a tip was written on, by the id it was given."""
    found = _CORRECTS.fullmatch(suggestion)
    return found[1] if found else None


def merged(there: Activity, tip: Mapping[str, Any]) -> dict[str, Any]:
    """All that is to be said of the activity: as it is, with what the tip says otherwise and says at all."""
    said: dict[str, Any] = there.offer.model_dump(mode="json")
    return said | {name: tip[name] for name in TIPPED if tip.get(name) not in (None, "", [])}
