"""A link worker's hours for meetings as a registry file says them: `monday-thursday 09:00-12:00`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sluss.registry.timetables import Unreadable
from sluss_contracts.vocabulary import Weekday

FIELDS: Final[tuple[str, ...]] = ("hours", "hours_from", "minutes_between")
"""What an entry of a link worker says of them."""

_WEEK: Final = tuple(Weekday)
_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_LINE: Final = re.compile(r"([a-z]+)(?:\s*-\s*([a-z]+))?\s+(C)\s*-\s*(C)".replace("C", _CLOCK))


def week_of(said: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    """When meetings may be booked, from `hours_from` or from today; None where nothing is said of it."""
    if "hours" not in said:
        if said:
            raise Unreadable(next(iter(said)), "says nothing without `hours`; add them, or remove it")
        return None
    lines = said["hours"]
    times = [time for line in ([lines] if isinstance(lines, str) else lines) for time in _times(str(line))]
    between = said.get("minutes_between", 0)
    return {"valid_from": said.get("hours_from", today), "times": times, "minutes_between": between}


def _times(line: str) -> Iterator[dict[str, Any]]:
    found = _LINE.fullmatch(line.strip().lower())
    try:
        first, last = (_WEEK.index(Weekday(found[n] or found[1])) for n in (1, 2)) if found else (1, 0)
    except ValueError:
        first, last = 1, 0
    if found is None or last < first:
        raise Unreadable("hours", f'{line!r} is no time of a week; write "monday-thursday 09:00-12:00"')
    for day in _WEEK[first : last + 1]:
        yield {"weekday": day, "starts": found[3], "ends": found[4]}
