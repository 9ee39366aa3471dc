"""A story as one file to attach to a report: all that is shown, nothing of what is masked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import orjson

from services.console.log.entry import Entry
from services.console.story.collecting import Story, Trouble
from services.console.story.following import waits_for

ABOUT: Final = (
    "One story of a Sluss network, for a report. A null in a payload stands for a field that is masked; "
    "ids and pseudonyms are as they are in the network. Reasons are those of rules, which name no values."
)


def bundle(story: Story, *, made: datetime, now: datetime) -> bytes:
    """The file: JSON, its keys in one order, so that two of the same story differ where the story does."""
    document = {
        "about": ABOUT,
        "story": story.key,
        "made": made,
        "network_time": now,
        "known_until": story.known_until,
        "events": [
            _event(row.entry) | {"on_the_bus": row.entry.event_id not in story.unsent} for row in story.rows
        ],
        "troubles": [_trouble(trouble) for trouble in story.troubles],
        "waits_for": [asdict(one) for one in waits_for(story.rows, story.known_until or now)],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)


def _event(entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.event_id),
        "type": entry.type,
        "said_by": entry.service,
        "lane": entry.lane,
        "number": entry.number,
        "subject": f"{entry.kind}/{entry.aggregate_id}",
        "sequence": entry.sequence,
        "time": entry.time,
        "recorded": entry.recorded,
        "correlation": entry.correlation,
        "cause": entry.causation,
        "data": entry.shown,
    }


def _trouble(trouble: Trouble) -> dict[str, Any]:
    """Without the event's bytes, which are not disclosed."""
    return asdict(trouble) | {"event_id": trouble.event_id and str(trouble.event_id)}
