"""When an activity takes place: the standard's schedules, which are parts of an RRULE with opening hours.

| HSDS | here |
|---|---|
| `dtstart` (else `valid_from`), `opens_at` | `recurrences[].starts` |
| `closes_at` | `minutes` |
| `freq`, `interval`, `byday`, `bymonthday`, `count`, `until`, `wkst` | `rrule` |
| `notes`, as lines of iCalendar | what the standard has no field for: other rules, exceptions, breaks |

A schedule that gives no time, or that is no rule, is carried and lays nothing out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.provider.hsds.ids import id_of
from services.provider.hsds.texts import entries, whole
from services.provider.judging import faults
from sluss_contracts.schedule import Break, Recurrence, Timetable

SINCE = "2024-01-01"
"""From when a rule holds that does not say: a Monday, the same every time the record is read."""
LONGEST = 24 * 60
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTS = ("wkst", "byday", "bymonthday", "byyearday", "byweekno")
_FIELDS = ("freq", "interval", "count", "until", *_PARTS)
_LINE = re.compile(r"^(RRULE|EXDATE|RDATE|X-SLUSS-HOLIDAYS|X-SLUSS-BREAK):(.+)$", re.MULTILINE)


def timetable_in(service: Mapping[str, Any]) -> Timetable | None:
    """When it takes place, as far as the schedules say: the service's own, else those of its locations."""
    for holder in (service, *entries(service, "service_at_locations")):
        schedules = entries(holder, "schedules")
        recurrences = [each for each in map(_recurrence, schedules) if each is not None]
        if not recurrences:
            continue
        breaks = [each for schedule in schedules for each in _breaks(_lines(schedule))]
        made = Timetable(recurrences=tuple(recurrences[:20]), breaks=tuple(dict.fromkeys(breaks))[:50])
        if not any(faults(made)):
            return made
    return None


def put_timetable(service: dict[str, Any], timetable: Timetable) -> None:
    """Write when it takes place, in place of the service's own schedules. None at all leaves none."""
    id = str(service["id"])
    written = [
        {"id": id_of("schedule", id, str(number)), "service_id": id, **_schedule(each, timetable.breaks)}
        for number, each in enumerate(timetable.recurrences)
    ]
    if written:
        service["schedules"] = written
    else:
        service.pop("schedules", None)


def _recurrence(schedule: Mapping[str, Any]) -> Recurrence | None:
    opens = _CLOCK.match(str(schedule.get("opens_at", "")))
    if opens is None:
        return None
    lines = dict(_lines(schedule))
    day = next((d for n in ("dtstart", "valid_from") if (d := _day(schedule.get(n)))), None)
    rule = lines.get("RRULE") or _rule(schedule)
    if rule is None and day is None:
        return None
    if rule is not None and day is None and "BY" not in rule:
        return None  # every week, but nobody says on which day
    try:
        return Recurrence(
            starts=f"{day or SINCE}T{opens[0]}",
            rrule=rule,
            except_on=tuple(date.fromisoformat(each) for each in _listed(lines, "EXDATE")),
            also_at=tuple(_listed(lines, "RDATE")),
            minutes=_minutes(schedule, opens),
            on_holidays="X-SLUSS-HOLIDAYS" in lines,
        )
    except (ValidationError, ValueError):
        return None


def _rule(schedule: Mapping[str, Any]) -> str | None:
    if schedule.get("freq") not in ("WEEKLY", "MONTHLY"):
        return None
    parts = [f"FREQ={schedule['freq']}"]
    for name in ("interval", "count"):
        if (said := whole(schedule, name, 1, 9999)) is not None and (name, said) != ("interval", 1):
            parts.append(f"{name.upper()}={said}")
    if until := _day(schedule.get("until")) or _day(schedule.get("valid_to")):
        parts.append(f"UNTIL={until.replace('-', '')}")
    parts += [f"{name.upper()}={_packed(schedule[name])}" for name in _PARTS if schedule.get(name)]
    return ";".join(parts)


def _schedule(recurrence: Recurrence, breaks: tuple[Break, ...]) -> dict[str, Any]:
    starts = datetime.fromisoformat(recurrence.starts)
    closes = starts + timedelta(minutes=recurrence.minutes)
    written: dict[str, Any] = {
        "dtstart": f"{starts:%Y-%m-%d}",
        "opens_at": f"{starts:%H:%M}",
        "closes_at": f"{closes:%H:%M}",
    }
    if recurrence.rrule:
        written |= _rule_in_fields(recurrence.rrule)
    else:
        written["until"] = written["dtstart"]
    lines = list(_notes(recurrence, breaks))
    if _recurrence({**written, "notes": "\n".join(lines)}) != recurrence and recurrence.rrule:
        lines.insert(0, f"RRULE:{recurrence.rrule}")
    return {**written, "notes": "\n".join(lines)} if lines else written


def _rule_in_fields(rule: str) -> dict[str, Any]:
    """As much of a rule as the standard has fields for."""
    said = {name.lower(): value for name, value in (each.split("=", 1) for each in rule.split(";"))}
    if said.get("freq") not in ("WEEKLY", "MONTHLY"):
        return {}
    fields: dict[str, Any] = {name: said[name] for name in _FIELDS if name in said}
    for name in ("interval", "count"):
        if name in fields:
            fields[name] = int(fields[name])
    if "until" in fields:
        day = fields["until"][:8]
        fields["until"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return fields


def _notes(recurrence: Recurrence, breaks: tuple[Break, ...]) -> Iterator[str]:
    if recurrence.except_on:
        yield "EXDATE:" + ",".join(each.isoformat() for each in recurrence.except_on)
    if recurrence.also_at:
        yield "RDATE:" + ",".join(recurrence.also_at)
    if recurrence.on_holidays:
        yield "X-SLUSS-HOLIDAYS:TRUE"
    for each in breaks:
        yield f"X-SLUSS-BREAK:{each.first}/{each.last}/{each.why}"


def _breaks(lines: list[tuple[str, str]]) -> Iterator[Break]:
    for name, said in lines:
        if name == "X-SLUSS-BREAK":
            first, _, rest = said.partition("/")
            last, _, why = rest.partition("/")
            try:
                yield Break.model_validate({"first": first, "last": last, "why": why or "break"})
            except ValidationError:
                continue


def _lines(schedule: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, said.strip()) for name, said in _LINE.findall(str(schedule.get("notes", "")))]


def _listed(lines: Mapping[str, str], name: str) -> list[str]:
    return [each.strip() for each in lines[name].split(",")] if name in lines else []


def _minutes(schedule: Mapping[str, Any], opens: re.Match[str]) -> int:
    closes = _CLOCK.match(str(schedule.get("closes_at", "")))
    if closes is None:
        return Recurrence.model_fields["minutes"].default  # type: ignore[no-any-return]
    lasts = int(closes[1]) * 60 + int(closes[2]) - int(opens[1]) * 60 - int(opens[2])
    return lasts % LONGEST or LONGEST


def _day(said: Any) -> str | None:
    return said[:10] if isinstance(said, str) and _DAY.match(said) else None


def _packed(said: Any) -> str:
    return re.sub(r"\s+", "", str(said)).upper()
