"""A registry file is readable, checked whole, and says where each mistake stands."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from sluss.registry import files as registry_files
from sluss.registry.entries import Faulty, to_commands, weekly
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import RecordLeave, RegisterLinkWorker
from sluss_contracts.commands.provider import PublishActivity, ScheduleSession
from sluss_contracts.vocabulary import Role

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
ACTOR = Actor(id="registrar", role=Role.COORDINATOR)


def commands(path: Path) -> list[object]:
    return list(to_commands(registry_files.read(path), file=path.name, actor=ACTOR, now=NOW))


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        commands(path)
    return [str(mistake) for mistake in caught.value.mistakes]


ANNA = """
[[link_worker]]
id = "anna"
name = "Anna"
team = "city"
areas = ["centrum"]
languages = ["sv", "ar"]
capacity = 30
leave = [{starts = 2027-07-01, ends = 2027-07-31}]
"""


def test_a_link_worker_is_registered_with_her_leave(tmp_path: Path) -> None:
    registered, leave = commands(written(tmp_path, "town.toml", ANNA))
    assert isinstance(registered, RegisterLinkWorker)
    assert (registered.worker, registered.languages, registered.capacity) == ("anna", ("sv", "ar"), 30)
    assert isinstance(leave, RecordLeave)
    assert (leave.worker, str(leave.starts), str(leave.ends)) == ("anna", "2027-07-01", "2027-07-31")


def test_teams_come_before_the_link_workers_who_belong_to_them(tmp_path: Path) -> None:
    text = ANNA + '[[team]]\nid = "city"\nname = "City"\nareas = ["centrum"]\n'
    kinds = [type(command).__name__ for command in commands(written(tmp_path, "town.toml", text))]
    assert kinds == ["RegisterTeam", "RegisterLinkWorker", "RecordLeave"]


def test_the_same_thing_can_be_said_in_a_spreadsheet(tmp_path: Path) -> None:
    text = (
        "entry,id,provider,title,kind,area,needs,capacity,every,weeks\n"
        'activity,walk,korpen,"Walk, with coffee",physical,centrum,nature;company,12,tuesday 14:00,2\n'
    )
    published, *sessions = commands(written(tmp_path, "town.csv", text))
    assert isinstance(published, PublishActivity)
    assert (published.title, published.needs, published.capacity) == (
        "Walk, with coffee",
        ("nature", "company"),
        12,
    )
    assert [type(session) for session in sessions] == [ScheduleSession, ScheduleSession]


def test_a_spreadsheet_saved_with_semicolons_is_read_too(tmp_path: Path) -> None:
    text = "entry;id;name;areas\nteam;city;City;centrum|söder\n"
    (team,) = commands(written(tmp_path, "town.csv", text))
    assert team.areas == ("centrum", "söder")  # type: ignore[attr-defined]


def test_a_row_with_too_many_cells_is_named_by_its_line(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, "town.csv", "entry,id,name,areas\nteam,city,City, centre,centrum\n"))
    assert found == ["town.csv:2: has more cells than there are columns; quote what holds a comma"]


def test_every_mistake_is_named_with_its_line_in_one_go(tmp_path: Path) -> None:
    text = ANNA.replace("capacity = 30", 'capacity = "many"\ncolour = "blue"').replace('name = "Anna"\n', "")
    found = mistakes(written(tmp_path, "town.toml", text))
    assert any(line.startswith("town.toml:7: link_worker anna: capacity") for line in found)
    assert any(line.startswith("town.toml:8: link_worker anna: colour") for line in found)
    assert any("name is missing; add it" in line for line in found)


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    (line,) = mistakes(written(tmp_path, "town.toml", '[[team]]\nid = "city\n'))
    assert line.startswith("town.toml:2: is not TOML here")


def test_an_unknown_kind_names_the_known_ones(tmp_path: Path) -> None:
    (line,) = mistakes(written(tmp_path, "town.toml", '[[helper]]\nid = "x"\n'))
    assert "town.toml:1: [[helper]] is no kind of entry" in line
    assert "link_worker" in line


def test_the_same_id_twice_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, "town.toml", ANNA + ANNA))
    assert any("stands already on line 2" in line for line in found)


@pytest.mark.parametrize(("name", "raw"), [("a.toml", b"\xff\xfe["), ("a.csv", b"\xff,"), ("a.xml", b"<a/>")])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, raw: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert mistakes(path)[0].startswith(f"{name}:")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "there is no such file" in mistakes(tmp_path / "nowhere.toml")[0]


def test_a_weekly_rule_keeps_its_hour_over_summer_time() -> None:
    before_change = datetime(2027, 3, 22, 9, 0, tzinfo=UTC)
    times = weekly("sunday 10:00", 2, before_change)
    stockholm = ZoneInfo("Europe/Stockholm")
    assert [t.astimezone(stockholm).hour for t in times] == [10, 10]
    assert (times[1].astimezone(UTC) - times[0].astimezone(UTC)).total_seconds() == 7 * 86400
    assert times[0].astimezone(UTC).hour == 8


def test_a_weekly_rule_never_begins_in_the_past() -> None:
    assert weekly("monday 09:30", 1, NOW)[0] > NOW
    assert weekly("monday 11:00", 1, NOW)[0].astimezone(UTC) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_the_demo_town_is_a_valid_registry() -> None:
    path = Path(str(files("sluss.registry").joinpath("demo.toml")))
    made = commands(path)
    activities = [c for c in made if isinstance(c, PublishActivity)]
    sessions = [c for c in made if isinstance(c, ScheduleSession)]
    assert (len(activities), len({a.provider for a in activities})) == (40, 8)
    assert len(sessions) == 40 * 12
    assert len({getattr(c, "command_id", uuid4()) for c in made}) == len(made)


@pytest.mark.parametrize("rule", ["tuesday 25:99", "tuesday", "someday 14:00", "tuesday 14:xx"])
def test_an_hour_there_is_not_is_a_mistake_of_the_file(rule: str) -> None:
    with pytest.raises(ValueError, match="is not a weekday and a time"):
        weekly(rule, 8, datetime(2027, 3, 1, tzinfo=UTC))
