"""Commands to the provider service about when an activity takes place."""

from __future__ import annotations

from sluss_contracts.command import Command
from sluss_contracts.schedule import Break, Timetable
from sluss_contracts.vocabulary import Slug


class SetSchedule(Timetable, Command, owner="provider", verb="set_schedule", key="activity"):
    """Say when an activity takes place, in place of what was said before. Coming sessions are added, moved
    and cancelled where they differ, and those who take part are told. Result: `scheduled`, `moved` and
    `cancelled`, as numbers of sessions."""

    activity: Slug
    keeps_start: bool = False
    """Whether a rule that is set already goes on from where it started: nobody has said when it starts, so
    that a term of so many weeks does not begin anew when a file that says it is imported again."""


class TakeBreak(Break, Command, owner="provider", verb="take_break", key="activity"):
    """Nothing takes place from the first day to the last, unless it is named by its date. Result: as of
    `set_schedule`."""

    activity: Slug
