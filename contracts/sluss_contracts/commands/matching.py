"""The navigator's question what may suit somebody."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.matching import Position, Weekday
from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Area, Barrier, Code, Gender, Key, Language, Need, Slug
from sluss_contracts.words import Known


class ReadMatches(Command, owner="navigator", verb="read_matches", key="referral_id"):
    """What may suit the person, the best first, each with why and with what may be in the way.

    What is left out is taken from the case, as far as whoever asks may see it: needs, interests and barriers
    from the mapping (needs else from the referral), language and area from the referral. Result: `matches`
    (see `Match`), `unmet` (see `Unanswered`: the needs that nothing on the list meets with room to spare) and
    `wanted` (what was looked for).
    """

    referral_id: Key
    needs: tuple[Annotated[Need, Known], ...] | None = Field(default=None, max_length=18)
    interests: tuple[Code, ...] | None = Field(default=None, max_length=60)
    barriers: tuple[Annotated[Barrier, Known], ...] | None = None
    language: Language | None = None
    language_required: bool | None = None
    """Whether only what is held in the language will do. Left out: where language is a barrier."""
    area: Area | None = None
    also_areas: tuple[Area, ...] = Field(default=(), max_length=20)
    """Further areas the person can get to. Those of the same team count as neighbouring anyway."""
    near: Position | None = None
    """Where distance is measured from; kept nowhere."""
    within_km: int | None = Field(default=None, ge=1, le=500)
    days: tuple[Weekday, ...] = ()
    at_most: int | None = Field(default=None, ge=0, le=100_000)
    """Kronor a month the person can spend; 0: only what is free of charge."""
    mode: Annotated[Mode, Known] | None = None
    age: int | None = Field(default=None, ge=0, le=120)
    gender: Gender | None = None
    never: tuple[Slug, ...] = Field(default=(), max_length=30)
    """Providers that must not be asked, besides those the person has taken their consent back from."""
    activities: tuple[Slug, ...] = Field(default=(), max_length=30)
    """Judge these, whatever rules them out, instead of looking for any."""
    most: int = Field(default=10, ge=1, le=50)

    @model_validator(mode="after")
    def _measured_from_somewhere(self) -> Self:
        if self.within_km is not None and self.near is None:
            raise ValueError("within_km is measured from `near`: give both, or areas instead")
        return self
