"""A meeting with the person, as it is after all that was said of it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from sluss_contracts.meeting import MeetingBooked, MeetingMoved, MeetingTimeUnsuited
from sluss_contracts.vocabulary import MeetingKind, MeetingMode

Interval = tuple[datetime, datetime]
"""From a moment to another, the second no longer part of it."""


class Meeting(BaseModel):
    """Booked, perhaps moved, and then held, missed or cancelled."""

    model_config = ConfigDict(frozen=True)

    kind: MeetingKind
    mode: MeetingMode
    starts: datetime
    minutes: int
    held: bool | None = None
    """None until somebody has said."""
    cancelled: bool = False
    place: str | None = None
    """Where, in the vault."""
    lone_work: str | None = None
    """Who knows where the link worker is, in the vault."""
    confirmed: bool = False
    """The person has said themselves that they come at this time."""
    unsuited: MeetingTimeUnsuited | None = None
    """The person has said that the time does not suit, and when another would."""

    @property
    def ahead(self) -> bool:
        """Whether it is booked and nobody has said what came of it."""
        return self.held is None and not self.cancelled


def booked(fact: MeetingBooked | MeetingMoved) -> Meeting:
    """The meeting as it was said last that it will be. Whoever chose the time themselves has confirmed it."""
    told = fact.model_dump(include={"kind", "mode", "starts", "minutes", "place", "lone_work"})
    return Meeting(**told, confirmed=isinstance(fact, MeetingMoved) and fact.by_person)
