"""An activity as a service of the standard, and back: nothing is lost on the way, and nothing is made up."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provider.hsds.service import (
    ROWS,
    as_command,
    empty_service,
    said_by,
    said_of,
    with_times,
    written,
)
from services.provider.hsds.shapes import entities, whole_service
from services.provider.hsds.times import timetable_in
from services.provider.hsds.words import INTEREST, codes
from sluss_contracts.offering import (
    Access,
    ActivityCategory,
    Cost,
    Described,
    Eligibility,
    Interest,
    Mode,
    Per,
    Venue,
)
from sluss_contracts.outside_record import Assumed, RecordKind
from sluss_contracts.schedule import Break, Recurrence, Timetable
from sluss_contracts.vocabulary import Acceptance, Gender, Need, PrescriptionKind
from tests.support.hsds import ORGANIZATION, assert_valid, example

SWIMMING = Described(
    activity="simskola-vuxna",
    provider="korpen",
    title="Simskola för kvinnor",
    kind=PrescriptionKind.PHYSICAL,
    needs=(Need.PHYSICAL_ACTIVITY, Need.COMPANY),
    area="hageby",
    languages=("sv", "ar"),
    capacity=6,
    acceptance=Acceptance.DROP_IN,
    about="Lär dig simma i egen takt.\n\nAlla nivåer.",
    category=ActivityCategory.COURSE,
    interests=(Interest.SWIMMING,),
    mode=Mode.BOTH,
    venue=Venue(
        name="Hageby simhall",
        street="Hagebygatan 60",
        postal_code="603 65",
        town="Norrköping",
        latitude=58.5684,
        longitude=16.2068,
    ),
    cost=Cost(kronor=450, per=Per.TERM, note="Hjälp med avgiften finns."),
    eligibility=Eligibility(
        from_age=16, genders=(Gender.WOMAN,), groups=("nybörjare",), times=12, health="Fråga."
    ),
    access=(Access.ACCESSIBLE_TOILET,),
    hosted=True,
    page="https://korpen.example/simskola",
)


def services_of(name: str) -> list[dict[str, Any]]:
    shape = name.removesuffix("_full")
    return [each.document for each in entities(shape, example(name)) if each.kind is RecordKind.SERVICE]


def test_the_standards_example_says_what_it_says_and_no_more() -> None:
    (document,) = services_of("service_full")
    said = said_by(document)
    assert said["title"] == "Community Counselling"
    assert (said["from_age"], said["to_age"], said["languages"]) == (12, 100, ("ur",))
    assert said["venue"] == Venue(name="MyCity Civic Center", street="1-30 Main Street", town="MyCity")
    assert said["cost"] is None, "pounds are no kronor"
    assert said["mode"] is Mode.ON_SITE
    assert timetable_in(document) is None, "it counts and ends, which no rule may do both"


@pytest.mark.parametrize("name", ["service_full", "organization_full", "service_at_location_full"])
def test_what_has_not_changed_is_written_letter_for_letter(name: str) -> None:
    for document in services_of(name):
        assumed = Assumed(needs=(Need.MENTAL_WELLBEING,), capacity=10, area="mycity")
        assert written(document, said_by(document, assumed), assumed) == document


def test_an_activity_that_began_here_is_a_valid_service_and_says_all_of_itself() -> None:
    document = written(empty_service("simskola-vuxna", "Simskola", ORGANIZATION), said_of(SWIMMING))
    assert_valid("service", document)
    assert said_by(document) == said_of(SWIMMING)
    told = {"activity": SWIMMING.activity, "provider": SWIMMING.provider, **as_command(said_by(document))}
    assert Described(**told) == SWIMMING


def test_only_what_has_changed_is_written_over_what_was_carried() -> None:
    (document,) = services_of("service_full")
    said = said_by(document) | {"title": "Samtalsstöd", "cost": Cost(kronor=0), "venue": SWIMMING.venue}
    made = written(document, said)
    assert said_by(made) == said
    assert_valid("service", whole_service(made, None))
    changed = {name for name in made if made[name] != document.get(name)}
    assert changed == {"name", "cost_options", "service_at_locations"}
    assert made["cost_options"][1:] == document["cost_options"], "the price in pounds stays beside it"
    (before,), (after,) = document["service_at_locations"], made["service_at_locations"]
    assert before["contacts"] == after["contacts"]
    assert before["location"]["accessibility"] == after["location"]["accessibility"]


def test_a_text_longer_than_the_catalogue_holds_is_carried_whole() -> None:
    (document,) = services_of("service_full")
    document["description"] = "ord " * 3000
    said = said_by(document)
    assert len(said["about"]) <= 4000
    assert written(document, said)["description"] == document["description"]


def test_words_of_other_taxonomies_stay_when_ours_change() -> None:
    (document,) = services_of("service_full")
    made = written(document, said_by(document) | {"interests": (Interest.READING,)})
    again = written(made, said_by(made) | {"interests": (Interest.ART, Interest.FILM)})
    assert codes(again, INTEREST) == ("art", "film")
    assert [each for each in again["attributes"] if each in document["attributes"]] == document["attributes"]


_LINE = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1, max_size=40).map(
    str.strip
)
_LINES = _LINE.filter(bool)


def _several(words: Any, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(list(words)), min_size=least, max_size=4, unique=True).map(tuple)


_VENUES = st.builds(
    Venue,
    name=_LINES,
    street=st.none() | _LINES,
    postal_code=st.none() | st.sampled_from(["602 36", "60236"]),
    town=st.none() | _LINES,
)
_SAID = st.fixed_dictionaries(
    {
        "title": _LINES,
        "about": st.none() | _LINES,
        "page": st.none() | st.just("https://sluss.example/a?b=1"),
        "from_age": st.none() | st.integers(0, 60),
        "to_age": st.none() | st.integers(60, 120),
        "groups": st.lists(_LINES, max_size=3).map(tuple),
        "languages": st.lists(st.sampled_from(["sv", "ar", "rmn"]), min_size=1, unique=True).map(tuple),
        "cost": st.none()
        | st.builds(Cost, kronor=st.integers(0, 9000), per=st.sampled_from(Per), note=st.none() | _LINES),
        "venue": st.none() | _VENUES,
        "mode": st.sampled_from([*Mode]),
        "kind": st.sampled_from([*PrescriptionKind]),
        "needs": _several(Need, 1),
        "category": st.none() | st.sampled_from([*ActivityCategory]),
        "interests": _several(Interest),
        "access": _several(Access),
        "acceptance": st.sampled_from([*Acceptance]),
        "genders": _several(Gender),
        "area": st.sampled_from(["hageby", "norrköping-centrum"]),
        "capacity": st.integers(1, 10_000),
        "times": st.none() | st.integers(1, 1000),
        "health": st.none() | _LINES,
        "hosted": st.booleans(),
    }
)


def test_every_field_is_tried() -> None:
    assert {row.name for row in ROWS} == set(said_of(SWIMMING))


@settings(max_examples=60, deadline=None)
@given(_SAID, st.sampled_from(["service_full", "service_at_location_full", None]))
def test_whatever_is_written_is_read_again(said: dict[str, Any], onto: str | None) -> None:
    document = services_of(onto)[0] if onto else empty_service("kor", "Kör", ORGANIZATION)
    before = deepcopy(document)
    made = written(document, said)
    assert said_by(made) == said
    assert written(made, said) == made, "writing twice is writing once"
    assert document == before, "what was carried is not touched"


@pytest.mark.parametrize(
    "recurrence",
    [
        Recurrence(starts="2027-01-12T14:00", rrule="FREQ=WEEKLY;BYDAY=TU"),
        Recurrence(
            starts="2027-01-12T14:00", rrule="FREQ=WEEKLY;INTERVAL=2;UNTIL=20270531;BYDAY=TU,TH", minutes=45
        ),
        Recurrence(starts="2027-01-06T18:00", rrule="FREQ=MONTHLY;BYDAY=1WE", on_holidays=True),
        Recurrence(starts="2027-01-06T09:30", rrule="FREQ=DAILY;COUNT=10"),
        Recurrence(
            starts="2027-01-12T23:00", rrule="FREQ=WEEKLY;BYDAY=TU", minutes=120, except_on=["2027-02-09"]
        ),
        Recurrence(starts="2027-01-12T14:00", also_at=("2027-01-20T10:00", "2027-02-01T10:00")),
    ],
)
def test_when_it_takes_place_is_read_again(recurrence: Recurrence) -> None:
    table = Timetable(
        recurrences=(recurrence,),
        breaks=(Break(first="2027-06-14", last="2027-08-15", why="summer_break"),),
    )
    made = with_times(empty_service("kor", "Kör", ORGANIZATION), table)
    assert timetable_in(made) == table
    assert_valid("service", made)
    assert with_times(deepcopy(made), table) == made


def test_opening_hours_of_the_standard_are_a_rule() -> None:
    (document,) = services_of("service_full")
    (schedule,) = document["schedules"]
    del schedule["count"], schedule["until"], schedule["valid_to"], schedule["bymonthday"]
    del schedule["byweekno"], schedule["byyearday"]
    schedule["dtstart"] = "2027-01-14"
    found = timetable_in(document)
    assert found is not None
    (rule,) = found.recurrences
    assert (rule.starts, rule.minutes) == ("2027-01-14T10:00", 480)
    assert rule.rrule == "FREQ=WEEKLY;WKST=TU;BYDAY=TH,FR"
