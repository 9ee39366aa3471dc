"""What an id, a code, a text and a point in time look like."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, get_args

from pydantic import AwareDatetime, Field, StringConstraints

from sluss_contracts.words import OpenVocabulary

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A readable id: lower-case letters, digits and hyphens (`korpen`, `team-city`)."""

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,119}$")]
"""An id that may stand in a subject: a UUID in text, or a slug."""

Area = Annotated[str, StringConstraints(pattern=r"^[a-z0-9åäö][a-z0-9åäö-]{0,62}$")]
"""A geographic area as the network names it (`norrkoping-centrum`)."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""ISO 639-1 or 639-3 code (`sv`, `ar`, `rmn`)."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A machine-readable reason."""

_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f"

_WRITTEN = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
"""Says something, and holds no control character but tabs and line breaks (no database keeps a NUL)."""

ShortText = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_WRITTEN)
]
"""A line somebody wrote."""

LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True, pattern=_WRITTEN)
]
"""A few paragraphs somebody wrote."""

VaultRef = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
"""Points at something the vault keeps; tells nothing by itself."""

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC)),
]
"""A point in time that somebody names: within what any calendar here reckons with, however it is mistyped."""

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""What the clock on the wall shows (`09:30`), in Swedish time; such texts sort as the times do."""


_WRITTEN_AS: Final = {
    get_args(kind)[1].pattern: how
    for kind, how in (
        (Slug, "small letters a–z, digits and hyphens, at most 63, with a letter or a digit first"),
        (Key, "letters a–z and A–Z, digits, hyphens and underscores, at most 120"),
        (Area, "small letters a–ö, digits and hyphens, at most 63, with a letter or a digit first"),
        (Language, "two or three small letters, as in sv"),
        (Code, "small letters a–z, digits and underscores, at most 63, with a letter first"),
        (ShortText, "words, without control characters"),
        (VaultRef, "the 36 characters of an id in the vault"),
        (ClockTime, "hours and minutes, as in 09:30"),
    )
}


def written_as(pattern: str) -> str:
    """How a text that must match a pattern is written, for whoever is told to mend one."""
    return _WRITTEN_AS.get(pattern, f"what matches {pattern}")


class Weekday(StrEnum):
    """A day of the week, in the order of the calendar."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class PartOfDay(OpenVocabulary):
    """When on a day it suits somebody; not by the clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
