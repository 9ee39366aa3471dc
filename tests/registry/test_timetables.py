"""When activities of a registry file take place: short for what is usual, RFC 5545 for the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sluss.registry import files
from sluss.registry.entries import Faulty, to_commands
from sluss.registry.timetables import Unreadable, timetable_of, weekly
from sluss_contracts.command import Actor
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.schedule import Break, Recurrence, Timetable
from sluss_contracts.vocabulary import Role

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""A Monday."""
WALK = """
[[activity]]
id = "walk"
provider = "korpen"
title = "Promenad"
kind = "physical"
area = "hageby"
needs = ["company"]
capacity = 8
"""


def table(**said: Any) -> Timetable:
    made = timetable_of({name.rstrip("_"): value for name, value in said.items()}, NOW)
    assert made
    return made


def in_file(tmp_path: Path, more: str) -> SetSchedule:
    path = tmp_path / "town.toml"
    path.write_text(WALK + more, encoding="utf-8")
    actor = Actor(id="file", role=Role.COORDINATOR)
    _, schedule = to_commands(files.read(path), file=path.name, actor=actor, now=NOW)
    assert isinstance(schedule, SetSchedule)
    return schedule


def test_a_weekday_and_an_hour_go_on_for_ever_and_say_the_same_all_year() -> None:
    assert table(every="tuesday 14:00").recurrences == (
        Recurrence(starts="2027-01-05T14:00", rrule="FREQ=WEEKLY;BYDAY=TU"),
    )
    later = timetable_of({"every": "tuesday 14:00"}, datetime(2027, 11, 30, tzinfo=UTC))
    assert later == table(every="tuesday 14:00")


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("monday 09:30", "2027-03-08T09:30"),
        ("monday 11:00", "2027-03-01T11:00"),
        ("sunday 10:00", "2027-03-07T10:00"),
    ],
)
def test_a_term_of_so_many_weeks_begins_with_the_first_to_come(rule: str, starts: str) -> None:
    assert weekly(rule, 12, NOW) == (f"FREQ=WEEKLY;BYDAY={rule[:2].upper()};COUNT=12", starts)


def test_a_term_may_say_when_it_begins() -> None:
    for starts in ("2027-01-11", date(2027, 1, 11), "2027-01-12T08:00"):
        (only,) = table(every="tuesday 14:00", weeks=8, starts=starts).recurrences
        assert (only.starts, only.rrule) == ("2027-01-12T14:00", "FREQ=WEEKLY;BYDAY=TU;COUNT=8")


def test_a_file_keeps_a_term_where_it_began_unless_it_says_when(tmp_path: Path) -> None:
    term = 'every = "tuesday 14:00"\nweeks = 8\n'
    assert in_file(tmp_path, term).keeps_start
    assert not in_file(tmp_path, f"{term}starts = 2027-01-11\n").keeps_start
    assert not in_file(tmp_path, 'sessions = ["2027-03-09T14:00"]\n').keeps_start


def test_several_weekdays_are_several_recurrences() -> None:
    rules = [each.rrule for each in table(every=["monday 10:00", "thursday 17:30"]).recurrences]
    assert rules == ["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TH"]


def test_dates_named_one_by_one_are_a_schedule_without_a_rule() -> None:
    made = table(sessions=["2027-03-09T14:00", "2027-03-11T15:00:00+00:00", datetime(2027, 4, 1, 9)])
    assert made.recurrences == (
        Recurrence(starts="2027-03-09T14:00", also_at=("2027-03-11T16:00", "2027-04-01T09:00")),
    )


def test_dates_beside_a_rule_are_named_besides() -> None:
    (only,) = table(every="tuesday 14:00", sessions=["2027-12-24T15:00"]).recurrences
    assert only.also_at == ("2027-12-24T15:00",)


def test_a_file_says_any_rule_with_its_exceptions_and_breaks(tmp_path: Path) -> None:
    said = in_file(
        tmp_path,
        """
rrule = "RRULE:FREQ=MONTHLY;BYDAY=1WE"
starts = "2027-03-03T18:00"
except = [2027-04-07, "2027-05-05"]
on_holidays = true
minutes = 120
breaks = [{first = 2027-06-14, last = 2027-08-15, why = "summer_break"}]
""",
    )
    assert said.recurrences == (
        Recurrence(
            starts="2027-03-03T18:00",
            rrule="FREQ=MONTHLY;BYDAY=1WE",
            except_on=(date(2027, 4, 7), date(2027, 5, 5)),
            minutes=120,
            on_holidays=True,
        ),
    )
    assert said.breaks == (Break(first=date(2027, 6, 14), last=date(2027, 8, 15), why="summer_break"),)


def test_a_spreadsheet_says_it_too(tmp_path: Path) -> None:
    path = tmp_path / "town.csv"
    path.write_text(
        "entry;id;provider;title;kind;area;needs;capacity;rrule;starts;except;minutes\n"
        "activity;walk;korpen;Promenad;physical;hageby;company;8;FREQ=WEEKLY;2027-03-02T14:00;"
        "2027-03-16|2027-03-23;60\n",
        encoding="utf-8",
    )
    actor = Actor(id="file", role=Role.COORDINATOR)
    _, said = to_commands(files.read(path), file=path.name, actor=actor, now=NOW)
    assert isinstance(said, SetSchedule)
    (only,) = said.recurrences
    assert (only.rrule, only.starts, only.minutes) == ("FREQ=WEEKLY", "2027-03-02T14:00", 60)
    assert only.except_on == (date(2027, 3, 16), date(2027, 3, 23))


@pytest.mark.parametrize(
    ("more", "line", "remedy"),
    [
        ('every = "tuesday 25:99"', 10, 'write "tuesday 14:00"'),
        ('every = "someday 14:00"', 10, 'write "tuesday 14:00"'),
        ('rrule = "FREQ=HOURLY"\nstarts = "2027-03-02T14:00"', 10, "a recurrence of its own"),
        ('rrule = "every tuesday"\nstarts = "2027-03-02T14:00"', 10, "rrule"),
        ('rrule = "FREQ=WEEKLY"', 10, "needs `starts`"),
        ('starts = "2027-03-02T14:00"\nrrule = "FREQ=WEEKLY;UNTIL=20260101"', 11, "move one of them"),
        ('every = "tuesday 14:00"\nexcept = ["9/2"]', 11, "2027-02-09"),
        ('every = "tuesday 14:00"\nbreaks = [{first = 2027-08-01, last = 2027-06-01}]', 11, "before first"),
        ('every = "tuesday 14:00"\nbreaks = ["summer"]', 11, "first = 2027-06-14"),
        ('every = "tuesday 14:00"\nweeks = 0', 11, "from 1 to 260"),
        ('every = "tuesday 14:00"\nminutes = "long"', 11, "minutes"),
        ("weeks = 12", 10, "without `every`"),
        ('sessions = ["soon"]', 10, "write 2027-01-12T14:00"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(
    tmp_path: Path, more: str, line: int, remedy: str
) -> None:
    with pytest.raises(Faulty) as found:
        in_file(tmp_path, more)
    (mistake,) = found.value.mistakes
    assert mistake.line == line
    assert mistake.what.startswith("activity walk: ")
    assert remedy in mistake.what


@pytest.mark.parametrize("rule", ["tuesday", "tuesday 14:xx", "14:00 tuesday"])
def test_what_is_no_weekday_and_hour_is_said_to_be_none(rule: str) -> None:
    with pytest.raises(Unreadable, match="is not a weekday and a time"):
        weekly(rule, None, NOW)


def test_an_activity_that_says_nothing_of_when_has_no_schedule() -> None:
    assert timetable_of({}, NOW) is None
    assert timetable_of({"minutes": 60}, NOW) is None
