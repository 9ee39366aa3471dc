"""What an entry of a registry file may say, and the commands it stands for.

An entry knows where it stands in its file, so that whoever reads an error can go there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from sluss.registry import weeks
from sluss.registry.timetables import FIELDS, Unreadable, timetable_of
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact, PublishResource
from sluss_contracts.commands.provider import PublishActivity, RegisterProvider
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.commands.staff import RecordLeave, RegisterLinkWorker, RegisterTeam, SetHours
from sluss_contracts.schedule import Timetable
from sluss_contracts.vocabulary.texts import written_as

_FROM_CODE = re.compile("^value error, ")

KINDS: dict[str, tuple[type[Command], str]] = {
    "organisation": (RegisterOrganisation, "organisation"),
    "team": (RegisterTeam, "team"),
    "link_worker": (RegisterLinkWorker, "worker"),
    "provider": (RegisterProvider, "provider"),
    "activity": (PublishActivity, "activity"),
    "resource": (PublishResource, "resource"),
}
"""The kinds of entry, in the order they are imported, and the field that `id` becomes."""

CONTACTS: dict[str, type[Command]] = {"provider": GiveProviderContact, "activity": GiveActivityContact}
"""The kinds of entry that say whom to turn to, apart from what is shown to everybody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to register, with the place it came from."""

    kind: str
    values: Mapping[str, Any]
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each field, where the file format tells."""

    def line_of(self, name: str) -> int:
        """Where a field stands (`venue.street` where its table does, if not by itself), else where the entry
        begins."""
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return self.lines.get(name, self.line)

    @property
    def label(self) -> str:
        """How an error names the entry: its kind and id."""
        return f"{self.kind} {self.values.get('id', '(without an id)')}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a registry file, where, and how to mend it."""

    file: str
    line: int
    """From 1; 0 for the file as a whole."""
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}"


class Faulty(Exception):
    """The file holds mistakes; nothing of it was imported."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def to_commands(entries: list[Entry], *, file: str, actor: Actor, now: datetime) -> list[Command]:
    """The commands that make the registry as the file says, in an order that works.

    `now` is the network's time; a term of so many weeks begins from it. Raises `Faulty` with every
    mistake found, so that a file is mended in one go.
    """
    mistakes: list[Mistake] = []
    commands: list[Command] = []
    order = list(KINDS)
    for entry in sorted(entries, key=lambda e: order.index(e.kind)):
        try:
            wanted = list(_wanted(entry, now))
        except Unreadable as error:
            mistakes.append(Mistake(file, entry.line_of(error.name), f"{entry.label}: {error}"))
            continue
        for within, command, values in wanted:
            try:
                commands.append(command.model_validate({"command_id": uuid4(), "actor": actor, **values}))
            except ValidationError as error:
                faults = error.errors()
                mistakes += [Mistake(file, *_place_and_remedy(entry, within, fault)) for fault in faults]
    mistakes.extend(_repeated(entries, file))
    if mistakes:
        raise Faulty(sorted(mistakes, key=lambda m: m.line))
    return commands


def _wanted(entry: Entry, now: datetime) -> Iterator[tuple[str, type[Command], dict[str, Any]]]:
    """The commands an entry stands for: in which part of it their values stand, and the values."""
    command, id_field = KINDS[entry.kind]
    values = dict(entry.values)
    when = {name: values.pop(name) for name in FIELDS if name in values and entry.kind == "activity"}
    leave = values.pop("leave", ())
    week = {name: values.pop(name) for name in weeks.FIELDS if name in values and entry.kind == "link_worker"}
    contact = values.pop("contact", None) if entry.kind in CONTACTS else None
    if "id" in values:
        values[id_field] = values.pop("id")
    whose = {id_field: values.get(id_field)}
    yield "", command, values
    if contact is not None:
        if not isinstance(contact, Mapping):
            raise Unreadable("contact", 'is a table: {name = "…", phone = "…", email = "…"}')
        yield "contact", CONTACTS[entry.kind], {**contact, **whose}
    for away in leave:
        yield "leave", RecordLeave, {**whose, **_dates(away)}
    if hours := weeks.week_of(week, now.date()):
        yield "hours", SetHours, {**whose, **hours}
    if table := timetable_of(when, now):
        said = {name: getattr(table, name) for name in Timetable.model_fields}
        yield "", SetSchedule, {**whose, **said, "keeps_start": "every" in when and "starts" not in when}


def _dates(away: Any) -> dict[str, date]:
    if not isinstance(away, Mapping) or set(away) != {"starts", "ends"}:
        raise Unreadable(
            "leave", "needs `starts` and `ends`, both dates: {starts = 2027-07-01, ends = 2027-07-31}"
        )
    return dict(away)


def _place_and_remedy(entry: Entry, within: str, fault: Any) -> tuple[int, str]:
    place = [part for part in (within, *fault["loc"]) if part != ""]
    if place[-1:] == [KINDS[entry.kind][1]]:
        place = ["id"]
    name = ".".join(part for part in place if isinstance(part, str))
    pattern = fault.get("ctx", {}).get("pattern", "")
    remedy = {
        "string_pattern_mismatch": f"must be {written_as(pattern)}",
        "missing": "is missing; add it",
        "extra_forbidden": "is not something this kind of entry has; remove it or correct its spelling",
        "model_type": f"is a table, {{… = …}}; in a spreadsheet each part has a column, {name}.…",
    }.get(fault["type"], _FROM_CODE.sub("", fault["msg"].lower()))
    return entry.line_of(".".join(map(str, place))), f"{entry.label}: {name} {remedy}"


def _repeated(entries: list[Entry], file: str) -> Iterator[Mistake]:
    seen: dict[tuple[str, Any], int] = {}
    for entry in entries:
        place = entry.kind, entry.values.get("id")
        if place in seen:
            yield Mistake(file, entry.line, f"{entry.label} stands already on line {seen[place]}; keep one")
        seen.setdefault(place, entry.line)
