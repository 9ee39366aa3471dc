"""Where the sessions are that messages tell of, looked up when a message goes, so that it is right then.

A message's event names activity and session alone. An activity that has not been heard of yet has no place,
and then the message says none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import asyncpg

from services.notify.letters import There
from services.notify.registry import service
from services.notify.store import activities
from services.runtime.rows import new_row, upsert
from services.runtime.session_code import code_of
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import ActivityAmended, ActivityPublished
from sluss_contracts.event import Event
from sluss_contracts.message import MessageAbout
from sluss_contracts.offering import Mode, Venue
from sluss_contracts.vocabulary import MessageTemplate

TELL_WHERE = frozenset(
    {
        MessageTemplate.ACTIVITY_CONFIRMED,
        MessageTemplate.HOST_INTRODUCTION,
        MessageTemplate.SESSION_REMINDER,
        MessageTemplate.SESSION_MOVED,
        MessageTemplate.SESSION_CANCELLED,
    }
)

_new = new_row(activities, "activity", "mode", "venue", "sequence")
_later = activities.c.sequence < _new.excluded.sequence
_KNOW = sql(upsert(_new, "mode", "venue", "sequence", where=_later))
_ACTIVITIES = "select activity, mode, venue from activity where activity = any($1::text[])"
_SESSIONS = "select session_id, venue from session where session_id = any($1::text[])"


@service.absorb(ActivityPublished, ActivityAmended)
async def know_where(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    for each in events:
        venue = each.data.venue.model_dump(mode="json") if each.data.venue else None
        mode = each.data.mode.value
        await tx.execute(_KNOW, activity=each.data.activity, mode=mode, venue=venue, sequence=each.sequence)


class Whereabouts:
    """Where some messages' sessions are."""

    def __init__(
        self, activities: Mapping[str, Any], sessions: Mapping[str, Any], address: str | None
    ) -> None:
        self._activities, self._sessions, self._address = activities, sessions, address

    def of(self, template: MessageTemplate, about: MessageAbout) -> There:
        """Where one is; nowhere for what tells of no session, and for whom nobody is to find."""
        if about.neutral or template not in TELL_WHERE:
            return There()
        activity = self._activities.get(about.activity or "")
        session = self._sessions.get(about.session or "")
        own = session["venue"] if session else None
        venue = own or (activity["venue"] if activity else None)
        mode = activity["mode"] if activity else None
        address = f"{self._address}{code_of(about.session)}" if self._address and about.session else None
        return There(
            place=place_of(Venue.model_validate(venue)) if venue and (own or mode != Mode.DIGITAL) else None,
            digital=mode in (Mode.DIGITAL, Mode.BOTH) and not (own and mode == Mode.DIGITAL),
            address=address if session else None,
        )


async def whereabouts(
    connection: asyncpg.Connection, abouts: Collection[MessageAbout], address: str | None
) -> Whereabouts:
    """Look them up. `address` is what a session's own page begins with; None where there is none."""
    named = sorted({each.activity for each in abouts if each.activity})
    dated = sorted({each.session for each in abouts if each.session})
    return Whereabouts(
        {row["activity"]: row for row in await connection.fetch(_ACTIVITIES, named)},
        {row["session_id"]: row for row in await connection.fetch(_SESSIONS, dated)},
        address,
    )


def place_of(venue: Venue) -> str:
    """A place as one would say it."""
    return ", ".join(part for part in (venue.name, venue.street, venue.town) if part)
