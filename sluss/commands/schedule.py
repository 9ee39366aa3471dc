"""`sluss activity schedule …`: when an activity takes place, as commands to the provider service."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from services.provider.recurrence import between
from services.runtime.settings import PlanningSettings
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done, moment
from sluss.commands.cataloguing.sending import Activity, AsRole, Place, Street, Town, Who, elsewhere
from sluss.reach import Failure, Reached
from sluss.registry.timetables import Unreadable, timetable_of
from sluss_contracts.commands.provider import ScheduleSession
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.schedule import Recurrence, Timetable
from sluss_contracts.vocabulary import Role

app = typer.Typer(
    name="schedule", help="When it takes place: recurrences, exceptions, breaks.", no_args_is_help=True
)

_SHOWN = 15


class NoTimetable(Failure):
    """What was written says no timetable; nothing was sent."""

    code = "no_timetable"


@app.command("set")
def set_(
    activity: Activity,
    who: Who,
    every: Annotated[
        list[str] | None, typer.Option(help='Each week: "tuesday 14:00"; several if so.')
    ] = None,
    rrule: Annotated[str | None, typer.Option(help="Any rule of RFC 5545: FREQ=MONTHLY;BYDAY=1WE.")] = None,
    starts: Annotated[str | None, typer.Option(help="From when: 2027-01-12T14:00.")] = None,
    weeks: Annotated[int | None, typer.Option(help="With --every: for so many weeks.")] = None,
    except_on: Annotated[list[str] | None, typer.Option("--except", help="Not on this day.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="At this time too, whatever the day.")] = None,
    breaks: Annotated[
        list[str] | None, typer.Option("--break", help="FIRST/LAST/WHY: 2027-06-14/2027-08-15/summer_break.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="How long.")] = 90,
    on_holidays: Annotated[bool, typer.Option("--on-holidays", help="On public holidays too.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show the times; change nothing.")] = False,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say when it takes place, in place of what was said before.

    Coming sessions are added, moved and cancelled where they differ, and those who take part are told. Times
    are those of the clock on the wall in Sweden.
    """
    said = {
        "every": every,
        "rrule": rrule,
        "starts": starts,
        "weeks": weeks,
        "except": except_on,
        "sessions": also,
        "breaks": [_break(each) for each in breaks or ()] or None,
    }

    async def decide(there: Reached) -> None:
        given = {name: value for name, value in said.items() if value}
        try:
            table = timetable_of({**given, "minutes": minutes, "on_holidays": on_holidays}, there.clock.now())
        except Unreadable as wrong:
            raise NoTimetable(str(wrong), remedy="correct it and try again; nothing was sent") from None
        if table is None:
            raise NoTimetable(
                "this says no time at all",
                remedy='give --every "tuesday 14:00", or --rrule with --starts; `stop` ends a schedule',
            )
        if preview:
            _show(table, there)
        else:
            await _send(there, activity, who, role, table)

    ask(data_dir, decide)


@app.command()
def stop(
    activity: Activity, who: Who, role: AsRole = Role.PROVIDER, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """It has no schedule any more: what was laid out from it is cancelled. The activity itself goes on."""

    async def decide(there: Reached) -> None:
        await _send(there, activity, who, role, Timetable())

    ask(data_dir, decide)


@app.command("break")
def take_break(
    activity: Activity,
    first: Annotated[str, typer.Argument(help="The first day, as 2027-06-14.")],
    last: Annotated[str, typer.Argument(help="The last day.")],
    who: Who,
    why: Annotated[str, typer.Option(help="A code: summer_break, christmas_break, leader_away …")] = "break",
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Nothing takes place from the first day to the last, unless it is named by its date."""

    async def decide(there: Reached) -> None:
        said: dict[str, Any] = {"first": first, "last": last, "why": why}
        done("Break taken", await there.ask(TakeBreak(**by(who, role), activity=activity, **said)))

    ask(data_dir, decide)


@app.command()
def add(
    activity: Activity,
    starts: Annotated[str, typer.Argument(help="When, as 2027-01-12T14:00.")],
    who: Who,
    minutes: int = 90,
    place: Place = None,
    street: Street = None,
    town: Town = None,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Add one session by itself; no schedule touches it."""
    venue = elsewhere(place, street, town)

    async def decide(there: Reached) -> None:
        at = moment(starts)
        command = ScheduleSession(**by(who, role), activity=activity, starts=at, minutes=minutes, venue=venue)
        done("Session scheduled", await there.ask(command))

    ask(data_dir, decide)


@app.command()
def show(activity: Activity, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """The schedule as it was last set, and the times it gives."""

    async def read(there: Reached) -> None:
        said: dict[str, Any] | None = None
        while news := await there.ledger.news():
            for entry in news:
                if entry.name == "activity.schedule_set" and entry.data["activity"] == activity:
                    said = entry.data
        if said is None:
            raise NoTimetable(
                f"{activity} has no schedule", remedy="see `sluss attendance sessions` for its sessions"
            )
        table = Timetable.model_validate(
            {name: said[name] for name in Timetable.model_fields if name in said}
        )
        for each in table.recurrences:
            console.print(_in_words(each))
        for pause in table.breaks:
            console.print(f"not from {pause.first} to {pause.last}: {pause.why}")
        _show(table, there)

    ask(data_dir, read)


async def _send(there: Reached, activity: str, who: str, role: Role, table: Timetable) -> None:
    said = {name: getattr(table, name) for name in Timetable.model_fields}
    done("Schedule set", await there.ask(SetSchedule(**by(who, role), activity=activity, **said)))


def _show(table: Timetable, there: Reached) -> None:
    zone, now = ZoneInfo(table.time_zone), there.clock.now()
    plan = between(table, now, now + timedelta(weeks=PlanningSettings().provider_weeks_ahead))
    times = {each.starts: f"{each.minutes} min" for each in plan.occurrences} | dict(plan.left_out)
    for starts in islice(sorted(times), _SHOWN):
        left_out = starts in plan.left_out
        line = f"{starts.astimezone(zone):%a %Y-%m-%d %H:%M}  {times[starts]}"
        console.print(f"{line} (does not take place)" if left_out else line)
    if len(times) > _SHOWN:
        console.print(f"… and {len(times) - _SHOWN} more within sight")
    elif not times:
        console.print("No times within sight.")


def _in_words(recurrence: Recurrence) -> str:
    parts = [f"from {recurrence.starts}, {recurrence.minutes} min"]
    if recurrence.rrule:
        parts.insert(0, recurrence.rrule)
    if recurrence.except_on:
        parts.append("except " + ", ".join(map(str, recurrence.except_on)))
    if recurrence.also_at:
        parts.append("also " + ", ".join(recurrence.also_at))
    if recurrence.on_holidays:
        parts.append("on holidays too")
    return "; ".join(parts)


def _break(text: str) -> dict[str, str]:
    """FIRST/LAST/WHY, the last of which may be left out."""
    parts = text.split("/")
    if len(parts) not in (2, 3):
        raise NoTimetable(
            f"{text!r} is no break", remedy="write FIRST/LAST/WHY: 2027-06-14/2027-08-15/summer_break"
        )
    return dict(zip(("first", "last", "why"), parts, strict=False))
