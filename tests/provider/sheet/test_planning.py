"""What a spreadsheet would change, row by row, before anything is done."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.provider.domain import activity
from services.provider.domain.activity import Activity
from services.provider.domain.schedule import Schedule
from services.provider.sheet import planning
from services.provider.sheet.planning import Outcome, Planned, There
from services.provider.sheet.reading import NoSheet, parsed, read
from services.provider.sheet.template import template, written
from sluss_contracts.activity import ActivityPublished, ActivityWithdrawn
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import PublishActivity
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.offering import Cost, Per, Venue
from sluss_contracts.schedule import Break
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind, Role

TODAY = date(2026, 11, 29)
KORPEN = Actor(id="korpen", role=Role.PROVIDER)


def there(*known: Activity, schedules: dict[str, Schedule] | None = None, **other: Any) -> There:
    said: dict[str, Any] = {"provider": "korpen", "actor": KORPEN, "today": TODAY, "area": "hageby", **other}
    return There(activities={each.activity: each for each in known}, schedules=schedules or {}, **said)


def known(name: str = "gafotboll", title: str = "Gåfotboll", **other: Any) -> Activity:
    said: dict[str, Any] = {
        "activity": name,
        "provider": "korpen",
        "title": title,
        "kind": PrescriptionKind.SOCIAL,
        "needs": (Need.COMPANY,),
        "area": "hageby",
        "languages": ("sv",),
        "capacity": 20,
        "acceptance": Acceptance.REQUIRED,
    }
    return activity.evolve(None, ActivityPublished(**said | other))


def plans(text: str, *known_: Activity, **other: Any) -> list[Planned]:
    return planning.planned(parsed(text, "blad.csv"), there(*known_, **other))


def published(plan: Planned) -> PublishActivity:
    (command,) = [each for each in plan.commands if isinstance(each, PublishActivity)]
    return command


def test_the_template_is_what_it_says() -> None:
    for english in (False, True):
        text = template(english=english).decode("utf-8-sig")
        (plan,) = plans(text)
        assert plan.outcome is Outcome.NEW, plan.faults
        said = published(plan)
        assert (said.activity, said.title, said.capacity) == ("gafotboll", "Gåfotboll", 20)
        assert said.cost == Cost(kronor=50, per=Per.TERM)
        assert said.venue == Venue(
            name="Folkparken", street="Parkvägen 3", postal_code="602 36", town="Norrköping"
        )
        assert said.languages == ("sv", "ar")
        assert said.acceptance is Acceptance.DROP_IN
        (_, schedule) = plan.commands
        assert isinstance(schedule, SetSchedule)
        (rule,) = schedule.recurrences
        assert (rule.starts, rule.minutes) == ("2027-01-12T14:00", 90)
        assert rule.rrule == "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270525"
        assert rule.except_on == (date(2027, 2, 16), date(2027, 2, 23))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_whatever_program_saved_it_it_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = ["Aktivitet,Platser,Beskrivning", '"Gåfotboll","20","Två\r\nrader"', ",,", "Kör,30,"]
    file = tmp_path / "blad.csv"
    file.write_bytes("\r\n".join(rows).replace(",", delimiter).encode(encoding))
    sheet = read(file)
    assert [each.cells["title"] for each in sheet.rows] == ["Gåfotboll", "Kör"]
    assert sheet.rows[0].cells["about"].splitlines() == ["Två", "rader"]
    assert [each.line for each in sheet.rows] == [2, 4]


def test_a_row_says_only_what_is_filled_in() -> None:
    before = known(about="Fotboll i gångtakt.", cost=Cost(kronor=50), venue=Venue(name="Folkparken"))
    text = "Aktivitet;Platser;Beskrivning;Pris;Ort\nGåfotboll;12;;;Norrköping\n"
    (plan,) = plans(text, before)
    assert plan.outcome is Outcome.CHANGED
    assert [(each.field, each.before, each.after) for each in plan.differs] == [
        ("capacity", 20, 12),
        ("venue.town", None, "Norrköping"),
    ]
    said = published(plan)
    assert (said.about, said.cost) == ("Fotboll i gångtakt.", Cost(kronor=50))


def test_the_same_sheet_again_changes_nothing() -> None:
    text = "Aktivitet;Platser;Dag;Tid\nGåfotboll;20;tisdagar;14-15.30\n"
    (new,) = plans(text)
    schedule = next(each for each in new.commands if isinstance(each, SetSchedule))
    summer = Break(first=date(2027, 6, 14), last=date(2027, 8, 15))
    laid_out = {
        "gafotboll": Schedule(activity="gafotboll", recurrences=schedule.recurrences, breaks=(summer,))
    }
    (again,) = plans(text, known(), schedules=laid_out)
    assert (again.outcome, again.commands) == (Outcome.UNCHANGED, ())
    (moved,) = plans(text.replace("tisdagar", "onsdagar"), known(), schedules=laid_out)
    assert moved.outcome is Outcome.CHANGED
    (again_laid_out,) = moved.commands
    assert isinstance(again_laid_out, SetSchedule)
    assert again_laid_out.breaks == (summer,), "a break set by hand stays"
    (change,) = moved.differs
    assert change.field == "takes place"
    assert "BYDAY=WE" in change.after


def test_what_is_wrong_is_told_by_row_and_column() -> None:
    text = (
        "Aktivitet;Platser;Pris;Dag;Tid;Webbsida\n"
        "Kör;många;dyrt;tisdag;14;korpen.example\n"
        "Bad;20;;tisdag;;\n"
        ";20;;;;\n"
        "Dans;20;;;;\n"
        "dans;20;;;;\n"
        "Ny;;;;;\n"
    )
    told = [(fault.line, fault.column) for each in plans(text) for fault in each.faults]
    assert told == [(2, "B"), (2, "C"), (3, "D"), (4, "A"), (6, "A"), (7, "B")]
    (first, *_) = plans(text)
    assert str(first.faults[0]) == "row 2, column B: ”många” is no whole number from 1 to 10000"
    assert first.commands == ()


def test_anothers_activity_and_what_was_withdrawn_keep_their_ids() -> None:
    others, gone = known(provider="hemgarden"), known("kor", "Kör")
    gone = activity.evolve(gone, ActivityWithdrawn(activity="kor", why="no_leader"))
    text = "Aktivitet;Platser;Id\nGåfotboll;20;\nKör;20;\nGåfotboll;20;gafotboll\n"
    first, second, third = plans(text, others, gone)
    assert [first.activity, second.activity] == ["gafotboll-korpen", "kor-korpen"]
    assert {first.outcome, second.outcome} == {Outcome.NEW}
    assert third.outcome is Outcome.FAULTY


@pytest.mark.parametrize(
    "text", ["", "\n\n", "Namn på sak;Antal\na;b\n", "Aktivitet;Namn\na;b\n", "id\tantal\n1\t2\n"]
)
def test_what_is_no_spreadsheet_of_ours_is_told(text: str) -> None:
    with pytest.raises(NoSheet):
        parsed(text, "blad.csv")


def test_no_cell_becomes_a_formula_and_none_stays_marked() -> None:
    for cell in ("=1+1", "+46 11", "-5", "@sum", "\t=1"):
        text = written([["Aktivitet", "Platser"], [cell, "1"]]).decode("utf-8-sig")
        assert f"\n'{cell}" in text.replace('"', "")
    (row,) = parsed("Aktivitet;Platser\r\n'=1+1;20\r\n", "blad.csv").rows
    assert row.cells["title"] == "=1+1"


def test_hostile_cells_are_only_text() -> None:
    text = "Aktivitet;Platser;Beskrivning;Okänd\n<script>;20;\"=cmd|'/c calc'!A1\";x\n" + "a\x00b;20;;\n"
    sheet = parsed(text, "blad.csv")
    assert sheet.unknown == ("Okänd",)
    first, second = planning.planned(sheet, there())
    assert published(first).title == "<script>"
    assert second.outcome is Outcome.FAULTY
