"""A registry file is readable, checked whole, and says where each mistake stands."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest

from sluss.registry import files as registry_files
from sluss.registry.entries import Faulty, to_commands
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact, PublishResource
from sluss_contracts.commands.provider import PublishActivity
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.commands.staff import RecordLeave, RegisterLinkWorker, SetHours
from sluss_contracts.offering import Cost, Eligibility, Interest, Mode, Per, Venue
from sluss_contracts.resource import ForWhom, ResourceKind
from sluss_contracts.vocabulary import Gender, PrescriptionKind, Role

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


def test_a_link_workers_hours_are_said_by_weekdays(tmp_path: Path) -> None:
    said = 'hours = ["monday-tuesday 09:00-12:00", "Friday 13:00 - 15:30"]\nhours_from = 2027-02-01\n'
    *_, hours = commands(written(tmp_path, "town.toml", ANNA + said + "minutes_between = 15\n"))
    assert isinstance(hours, SetHours)
    assert (hours.worker, str(hours.valid_from), hours.minutes_between) == ("anna", "2027-02-01", 15)
    assert [(each.weekday.value, each.starts, each.ends) for each in hours.times] == [
        ("monday", "09:00", "12:00"),
        ("tuesday", "09:00", "12:00"),
        ("friday", "13:00", "15:30"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        'hours = ["måndag 09:00-12:00"]',
        'hours = ["friday-monday 09:00-12:00"]',
        'hours = ["monday 9-12"]',
        'hours = ["monday 25:00-26:00"]',
        "minutes_between = 15",
    ],
)
def test_hours_that_are_none_are_told_with_their_line(tmp_path: Path, said: str) -> None:
    (mistake,) = set(mistakes(written(tmp_path, "town.toml", ANNA + said + "\n")))
    assert "town.toml:10" in mistake


def test_teams_come_before_the_link_workers_who_belong_to_them(tmp_path: Path) -> None:
    text = ANNA + '[[team]]\nid = "city"\nname = "City"\nareas = ["centrum"]\n'
    kinds = [type(command).__name__ for command in commands(written(tmp_path, "town.toml", text))]
    assert kinds == ["RegisterTeam", "RegisterLinkWorker", "RecordLeave"]


def test_the_same_thing_can_be_said_in_a_spreadsheet(tmp_path: Path) -> None:
    text = (
        "entry,id,provider,title,kind,area,needs,capacity,every,weeks\n"
        'activity,walk,korpen,"Walk, with coffee",physical,centrum,nature;company,12,tuesday 14:00,2\n'
    )
    published, schedule = commands(written(tmp_path, "town.csv", text))
    assert isinstance(published, PublishActivity)
    assert (published.title, published.needs, published.capacity) == (
        "Walk, with coffee",
        ("nature", "company"),
        12,
    )
    assert isinstance(schedule, SetSchedule)
    (weekly,) = schedule.recurrences
    assert (schedule.activity, weekly.rrule) == ("walk", "FREQ=WEEKLY;BYDAY=TU;COUNT=2")


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


def test_the_demo_town_is_a_valid_registry() -> None:
    path = Path(str(files("sluss.registry").joinpath("demo.toml")))
    made = commands(path)
    activities = [c for c in made if isinstance(c, PublishActivity)]
    schedules = [c for c in made if isinstance(c, SetSchedule)]
    assert (len(activities), len({a.provider for a in activities})) == (40, 8)
    assert {each.activity for each in schedules} == {each.activity for each in activities}
    assert len({getattr(c, "command_id", uuid4()) for c in made}) == len(made)


def test_the_demo_town_offers_what_the_documents_name_and_tells_all_of_it() -> None:
    made = commands(Path(str(files("sluss.registry").joinpath("demo.toml"))))
    activities = [c for c in made if isinstance(c, PublishActivity)]
    for each in activities:
        assert each.about
        assert each.category
        assert each.interests
        assert each.cost
        assert each.access
        assert (each.venue is None) == (each.mode is Mode.DIGITAL), each.activity
    named = {
        *("escort", "befriending", "drop_in", "course", "language_cafe", "homework_help", "walk", "crafts"),
        *("digital_help", "story_time", "therapy", "digital_course", "talk_group", "debt_advice"),
        *("job_coaching", "parenting", "volunteering", "exercise", "culture"),
    }
    assert named <= {each.category for each in activities}
    limits = [each.eligibility for each in activities]
    assert any(each.genders for each in limits)
    assert any(each.times == 1 for each in limits)
    assert any(each.health for each in limits)
    assert set(PrescriptionKind) == {each.kind for each in activities}


def test_the_demo_towns_library_has_something_of_every_kind() -> None:
    made = commands(Path(str(files("sluss.registry").joinpath("demo.toml"))))
    library = [c for c in made if isinstance(c, PublishResource)]
    assert {each.kind for each in library} == set(ResourceKind)
    assert {each.for_whom for each in library} == set(ForWhom)
    ages = {(each.eligibility.from_age, each.eligibility.to_age) for each in library}
    assert (16, 22) in ages


WALK = """
[[activity]]
id = "walk"
provider = "korpen"
title = "Promenad"
kind = "physical"
needs = ["nature"]
area = "hageby"
capacity = 12
"""
VENUE = 'venue = {name = "Gamla torget", street = "Torggatan 1", latitude = 58.59, longitude = 16.18}\n'
COST = 'cost = {kronor = 300, per = "term", note = "Pröva två gånger gratis."}\n'
WHO = 'eligibility = {from_age = 16, to_age = 22, genders = ["woman"], groups = ["unga vuxna"]}\n'


def test_an_activity_is_told_with_place_cost_and_whom_it_is_for(tmp_path: Path) -> None:
    (walk,) = commands(written(tmp_path, "town.toml", WALK + VENUE + COST + WHO))
    assert isinstance(walk, PublishActivity)
    assert (walk.venue, walk.cost, walk.eligibility) == (
        Venue(name="Gamla torget", street="Torggatan 1", latitude=58.59, longitude=16.18),
        Cost(kronor=300, per=Per.TERM, note="Pröva två gånger gratis."),
        Eligibility(from_age=16, to_age=22, genders=(Gender.WOMAN,), groups=("unga vuxna",)),
    )


def test_the_same_activity_in_a_spreadsheet_has_a_column_for_each_part(tmp_path: Path) -> None:
    text = (
        "entry;id;provider;title;kind;area;needs;capacity;interests;hosted;venue.name;venue.street;"
        "venue.latitude;venue.longitude;cost.kronor;cost.per;eligibility.from_age;eligibility.genders\n"
        "activity;walk;korpen;Promenad;physical;hageby;nature|company;12;walking|coffee;ja;Gamla torget;"
        "Torggatan 1;58,59;16,18;300;term;16;woman|man\n"
    )
    (walk,) = commands(written(tmp_path, "town.csv", text))
    assert isinstance(walk, PublishActivity)
    assert walk.venue == Venue(name="Gamla torget", street="Torggatan 1", latitude=58.59, longitude=16.18)
    assert walk.cost == Cost(kronor=300, per=Per.TERM)
    assert walk.eligibility == Eligibility(from_age=16, genders=(Gender.WOMAN, Gender.MAN))
    assert (walk.interests, walk.hosted) == ((Interest.WALKING, Interest.COFFEE), True)


@pytest.mark.parametrize(
    ("part", "line", "remedy"),
    [
        (VENUE.replace("16.18", '"öster"'), 10, "venue.longitude input should be a valid number"),
        (VENUE.replace(", longitude = 16.18", ""), 10, "latitude and longitude belong together"),
        (VENUE.replace("street", "strete"), 10, "venue.strete is not something this kind of entry has"),
        (VENUE.replace('name = "Gamla torget", ', ""), 10, "venue.name is missing; add it"),
        ('venue = "Gamla torget"\n', 10, "venue is a table"),
        ("\n[activity.cost]\nper = 'time'\nkronor = -5\n", 13, "cost.kronor input should be greater"),
        ("cost.per = 'time'\ncost.kronor = -5\n", 11, "cost.kronor input should be greater"),
        (WHO.replace("22", "12"), 10, "eligibility to_age is below from_age"),
    ],
)
def test_a_mistake_within_a_part_is_named_with_its_line(
    tmp_path: Path, part: str, line: int, remedy: str
) -> None:
    (found,) = mistakes(written(tmp_path, "town.toml", WALK + part))
    assert found.startswith(f"town.toml:{line}: activity walk: ")
    assert remedy in found


def test_a_mistake_within_a_part_of_a_spreadsheet_is_named_by_its_column(tmp_path: Path) -> None:
    head = "entry,id,provider,title,kind,area,needs,capacity,"
    row = "activity,walk,korpen,Promenad,physical,hageby,nature,12,"
    (found,) = mistakes(written(tmp_path, "a.csv", f"{head}venue.name,venue.postal_code\n{row}Torget,6\n"))
    assert found.startswith("a.csv:2: activity walk: venue.postal_code")
    (found,) = mistakes(written(tmp_path, "b.csv", f"{head}venue,venue.name\n{row}Torget,Torget\n"))
    assert found == "b.csv:2: venue is filled in, and parts of it too; keep the parts"


def test_whom_to_turn_to_is_given_apart_from_what_everybody_sees(tmp_path: Path) -> None:
    contact = 'contact = {name = "Maud", phone = "011-12 34 56"}\n'
    korpen = '[[provider]]\nid = "korpen"\nname = "Korpen"\nkind = "association"\narea = "hageby"\n'
    made = commands(written(tmp_path, "town.toml", WALK + contact + korpen + contact))
    assert [type(each).__name__ for each in made] == [
        "RegisterProvider",
        "GiveProviderContact",
        "PublishActivity",
        "GiveActivityContact",
    ]
    for given in made[1], made[3]:
        assert isinstance(given, GiveProviderContact | GiveActivityContact)
        assert (given.name, given.phone) == ("Maud", "011-12 34 56")
    (found,) = mistakes(written(tmp_path, "wrong.toml", WALK + contact.replace("011-12 34 56", "ring")))
    assert found.startswith("wrong.toml:10: activity walk: contact.phone")
    (found,) = mistakes(written(tmp_path, "text.toml", WALK + 'contact = "Maud"\n'))
    assert "contact: is a table" in found


def test_the_library_is_in_the_file_too(tmp_path: Path) -> None:
    text = '[[resource]]\nid = "sorg"\nkind = "book"\ntitle = "Sorg"\nneeds = ["grief"]\n'
    (book,) = commands(written(tmp_path, "town.toml", text))
    assert isinstance(book, PublishResource)
    assert (book.resource, book.kind, book.languages) == ("sorg", ResourceKind.BOOK, ("sv",))
