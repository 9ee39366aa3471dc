"""What a spreadsheet would change: each row beside what is published now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from services.provider.domain.activity import Activity, Offer, Status
from services.provider.domain.reviewing import Change, changes
from services.provider.hsds.ids import area_of, slug_of
from services.provider.hsds.service import as_command, said_of
from services.provider.sheet.cells import Unclear
from services.provider.sheet.reading import Row, Sheet
from services.provider.sheet.wanted import Fault, Wanted, wanted_in, with_venue
from services.runtime.languages import mark
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import PublishActivity
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.faults import faults_of
from sluss_contracts.schedule import Timetable
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind


class Outcome(StrEnum):
    """What comes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAULTY = "faulty"


@dataclass(frozen=True)
class Planned:
    """One row, what it comes to, and the commands that do it."""

    row: Row
    activity: str
    title: str
    outcome: Outcome
    differs: Sequence[Change] = ()
    said: Sequence[Change] = ()
    """All that is said of what is new."""
    commands: tuple[Command, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class There:
    """What is there already, and by whom the rows are published."""

    activities: Mapping[str, Activity]
    schedules: Mapping[str, Timetable]
    provider: str
    actor: Actor
    today: date
    area: str | None = None
    """Where it is, when a row does not say."""


def names_in(sheet: Sheet, provider: str) -> set[str]:
    """What the activities of a sheet may be called: whoever plans must know those that are there."""
    found = set()
    for row in sheet.rows:
        made = slug_of(row.cells.get("title", ""))[:63].strip("-")
        found |= {row.cells.get("activity", ""), made, f"{made[:40]}-{provider[:22]}".strip("-")}
    return found - {""}


def planned(sheet: Sheet, there: There) -> list[Planned]:
    """Every row, in the order of the sheet."""
    seen: dict[str, int] = {}
    found = []
    for row in sheet.rows:
        wanted = wanted_in(row, there.today)
        name = _name_of(wanted, there)
        one = _planned(wanted, name, there)
        if name in seen and one.outcome is not Outcome.FAULTY:
            what = mark("is the same activity as row %(other)s; give one of them another name, or an Id")
            one = _faulty(wanted, name, [_of(wanted, "title", what, other=seen[name])])
        seen.setdefault(name, row.line)
        found.append(one)
    return found


def _planned(wanted: Wanted, name: str, there: There) -> Planned:
    if wanted.faults:
        return _faulty(wanted, name, wanted.faults)
    known = there.activities.get(name)
    if known and known.provider != there.provider:
        what = mark("%(name)s is another's; give it an Id of its own")
        return _faulty(wanted, name, [_of(wanted, "activity", what, name=name)])
    if known and known.status is Status.WITHDRAWN:
        what = mark("%(name)s was withdrawn; give it another Id")
        return _faulty(wanted, name, [_of(wanted, "activity", what, name=name)])
    before = said_of(known) if known else _blank(there)
    try:
        venue = with_venue(before["venue"], wanted.venue)
    except Unclear as unclear:
        return _faulty(wanted, name, [_of(wanted, "town", unclear.text, **unclear.values)])
    said = {each: value for each, value in wanted.said.items() if each != "activity"}
    now = {**before, **said, "venue": venue}
    if not known and not now["area"] and venue and venue.town:
        now["area"] = area_of(venue.town)
    if lacking := list(_lacking(wanted, now)):
        return _faulty(wanted, name, lacking)
    try:
        publish = PublishActivity(
            command_id=uuid4(), actor=there.actor, activity=name, provider=there.provider, **as_command(now)
        )
    except ValidationError as invalid:
        fault = faults_of(invalid)[0]
        field = fault.path.rsplit("/", 1)[-1]
        what = mark("%(field)s: %(remedy)s")
        return _faulty(wanted, name, [_of(wanted, field, what, field=field, remedy=fault.remedy)])
    commands: list[Command] = [publish] if now != before or known is None or known.hides else []
    differs = [] if known is None else changes(known.offer, type(known.offer)(**_described(publish)))
    said_anew = changes(None, Offer(**_described(publish))) if known is None else []
    timetable, set_before = wanted.timetable, there.schedules.get(name)
    if timetable and (set_before is None or timetable.recurrences != set_before.recurrences):
        whole = {each: getattr(timetable, each) for each in Timetable.model_fields}
        whole["breaks"] = set_before.breaks if set_before else ()
        commands.append(SetSchedule(command_id=uuid4(), actor=there.actor, activity=name, **whole))
        if known is None:
            said_anew.append(Change("takes place", None, _in_words(timetable)))
        else:
            differs.append(Change("takes place", _in_words(set_before), _in_words(timetable)))
    outcome = Outcome.NEW if known is None else Outcome.CHANGED if commands else Outcome.UNCHANGED
    return Planned(wanted.row, name, str(now["title"]), outcome, differs, said_anew, tuple(commands))


def _name_of(wanted: Wanted, there: There) -> str:
    """The id a row gives, else that of the provider's activity of the same name, else one made of the
    name."""
    if "activity" in wanted.said:
        return str(wanted.said["activity"])
    title = str(wanted.said.get("title", ""))
    for name, each in there.activities.items():
        same = each.title.casefold() == title.casefold() and each.provider == there.provider
        if same and each.status is not Status.WITHDRAWN:
            return name
    made = slug_of(title)[:63].strip("-") or f"row-{wanted.row.line}"
    theirs = there.activities.get(made)
    taken = theirs is not None and (theirs.provider != there.provider or theirs.status is Status.WITHDRAWN)
    return f"{made[:40]}-{there.provider[:22]}".strip("-") if taken else made


def _blank(there: There) -> dict[str, Any]:
    """What is said of an activity before anything is."""
    nothing = (
        "about",
        "page",
        "from_age",
        "to_age",
        "cost",
        "venue",
        "category",
        "capacity",
        "times",
        "health",
    )
    return {
        **dict.fromkeys(nothing),
        **dict.fromkeys(("groups", "needs", "interests", "access", "genders"), ()),
        "title": None,
        "languages": ("sv",),
        "mode": "on_site",
        "kind": PrescriptionKind.SOCIAL,
        "acceptance": Acceptance.REQUIRED,
        "area": there.area,
        "hosted": False,
    }


def _lacking(wanted: Wanted, now: dict[str, Any]) -> Iterator[Fault]:
    """What a new activity cannot do without. Company is what most associations offer, and is assumed."""
    now["needs"] = now["needs"] or (Need.COMPANY,)
    if not now["area"]:
        yield _of(wanted, "area", mark("nobody says where it is; fill in Ort or Område"))
    if now["capacity"] is None:
        yield _of(wanted, "capacity", mark("nobody says how many may take part; fill in Platser"))


def _described(publish: PublishActivity) -> dict[str, Any]:
    left_out = {"command_id", "actor", "expected_sequence"}
    return {name: getattr(publish, name) for name in type(publish).model_fields if name not in left_out}


def _of(wanted: Wanted, column: str, what: str, **values: object) -> Fault:
    return Fault(wanted.row.line, wanted.row.columns.get(column, ""), what, values)


def _faulty(wanted: Wanted, name: str, faults: Sequence[Fault]) -> Planned:
    title = str(wanted.said.get("title", name))
    return Planned(wanted.row, name, title, Outcome.FAULTY, faults=tuple(faults))


def _in_words(timetable: Timetable | None) -> str | None:
    if timetable is None or not timetable.recurrences:
        return None
    return "; ".join(
        " ".join(filter(None, (each.starts.replace("T", " "), each.rrule, f"{each.minutes} min")))
        for each in timetable.recurrences
    )
