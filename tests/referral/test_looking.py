"""Lists and searches of people: shown by role and consent, and every one of them written down."""

from __future__ import annotations

from typing import Any

import pytest

from services.referral.vault.looking import Wanted
from sluss_contracts.command import Actor
from sluss_contracts.commands.looking import ReadMasked, ReadPersons, SearchPersons
from sluss_contracts.commands.referral import ReadPerson
from sluss_contracts.vocabulary import Look, Role
from tests.referral.office import AT_THE_CLINIC, AT_THE_SCHOOL, Office
from tests.referral.requests import (
    ANOTHER_NUMBER,
    LINK_WORKER,
    NAME,
    NOTIFY,
    NUMBER,
    OPERATOR,
    PHONE,
    SAME_NUMBER,
    about,
)

SIV = Actor(id="siv", role=Role.COORDINATOR)
OLLE = Actor(id="olle", role=Role.VOLUNTEER)
HIDDEN = about(ANOTHER_NUMBER, name="Hemlig Kanariefågel", protection="confidential")


async def looks(office: Office) -> list[dict[str, Any]]:
    rows = await office.pool.fetch("select * from access order by number")
    return [dict(row) for row in rows]


async def listed(office: Office, by: Actor, *ids: str, action: Look = Look.LISTED) -> dict[str, Any]:
    return await office.do(ReadPersons, by, referral_ids=ids, purpose="today", action=action)


async def found(office: Office, wanted: str, *among: str, by: Actor = LINK_WORKER) -> list[str]:
    told = await office.do(SearchPersons, by, wanted=wanted, among=among, purpose="find_case")
    return [hit["referral_id"] for hit in told["hits"]]


async def test_a_list_names_each_person_and_each_is_an_entry_in_the_log(office: Office) -> None:
    first = await office.refer("a")
    other = await office.refer("b", person=about(None, name="Bo Ek"))
    told = await listed(office, LINK_WORKER, first, other, "nobody")
    assert told == {
        "persons": {first: {"name": NAME, "language": "sv"}, other: {"name": "Bo Ek", "language": "sv"}},
        "withheld": {"nobody": "unknown_referral"},
    }
    seen = [
        (row["referral_id"], row["action"], row["purpose"], row["allowed"]) for row in await looks(office)
    ]
    assert seen == [
        (first, "listed", "today", True),
        (other, "listed", "today", True),
        ("nobody", "listed", "today", False),
    ]
    assert {(row["actor"], row["unit"]) for row in await looks(office)} == {("maria", "team-city")}
    assert [row["person"] is None for row in await looks(office)] == [False, False, True]


async def test_what_is_done_with_an_answer_stands_in_the_log(office: Office) -> None:
    referral_id = await office.refer()
    for action in Look:
        await office.do(ReadPerson, referral_id=referral_id, purpose="visit", action=action)
    await office.do(ReadPerson, referral_id=referral_id, purpose="visit")
    assert [row["action"] for row in await looks(office)] == [*Look, "read_person"]


async def test_protected_identity_stands_in_no_list_no_search_and_no_export(office: Office) -> None:
    hidden, seen = await office.refer("a", person=HIDDEN), await office.refer("b")
    told = await listed(office, LINK_WORKER, hidden)
    assert told == {"persons": {}, "withheld": {hidden: "protected_identity"}}
    for wanted in ("Hemlig", ANOTHER_NUMBER):
        there = await office.do(SearchPersons, wanted=wanted, among=(hidden, seen), purpose="find_case")
        nobody = await office.do(SearchPersons, wanted="Ingen Alls", among=(seen,), purpose="find_case")
        assert there == nobody == {"hits": [], "more": False}
    asked = {"referral_id": hidden, "purpose": "series", "action": Look.EXPORTED}
    assert await office.refused(ReadPerson, LINK_WORKER, **asked) == "protected_identity"
    denied = [row for row in await looks(office) if row["why_not"] == "protected_identity"]
    assert [row["action"] for row in denied] == ["listed", "search_hit", "search_hit", "exported"]
    opened = await office.do(ReadPerson, referral_id=hidden, purpose="visit", action=Look.OPENED)
    assert opened["name"] == "Hemlig Kanariefågel", "whoever has the case knows whom to meet"


async def test_a_referrer_is_told_the_names_it_gave_itself_and_no_others(office: Office) -> None:
    mine, theirs = await office.refer("a"), await office.refer("b", "centralskolan")
    told = await listed(office, AT_THE_CLINIC, mine, theirs)
    assert told == {"persons": {mine: {"name": NAME}}, "withheld": {theirs: "not_for_this_role"}}
    told = await listed(office, AT_THE_SCHOOL, theirs)
    assert told["persons"] == {theirs: {"name": NAME}}


@pytest.mark.parametrize("actor", [OPERATOR, Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")])
async def test_other_roles_are_shown_nobody(office: Office, actor: Actor) -> None:
    referral_id = await office.refer()
    assert (await listed(office, actor, referral_id))["withheld"] == {referral_id: "not_for_this_role"}
    asked = {"wanted": NAME, "among": (referral_id,), "purpose": "curiosity"}
    assert await office.refused(SearchPersons, actor, **asked) == "not_for_this_role"
    assert [row["allowed"] for row in await looks(office)] == [False, False]


async def test_before_consent_and_after_it_is_withdrawn(office: Office) -> None:
    held = await office.refer(consent={"status": "to_be_asked"})
    assert held in (await listed(office, LINK_WORKER, held))["persons"]
    assert (await listed(office, NOTIFY, held))["withheld"] == {held: "consent_to_be_asked"}


@pytest.mark.parametrize(
    "wanted",
    [
        "vilhelmina",
        "KANARIE vil",
        "kanariefagel",
        NUMBER,
        SAME_NUMBER,
        PHONE,
        "+46 70-174 06 05",
        "174 06 05",
    ],
)
async def test_somebody_is_found_by_name_number_or_telephone(office: Office, wanted: str) -> None:
    referral_id, other = await office.refer("a"), await office.refer("b", person=about(None, name="Bo Ek"))
    assert await found(office, wanted, referral_id, other) == [referral_id]
    (row,) = await looks(office)
    assert (row["action"], row["referral_id"], row["allowed"]) == ("search_hit", referral_id, True)


async def test_a_search_finds_nobody_outside_what_its_visitor_may_see(office: Office) -> None:
    await office.refer("a")
    other = await office.refer("b", person=about(None, name="Bo Ek"))
    for wanted in (NAME, NUMBER, PHONE, "Bo Kanarie"):
        assert await found(office, wanted, other) == []
    entries = await looks(office)
    assert [(row["person"], row["action"]) for row in entries] == [(None, "search_hit")] * 4


async def test_nobody_is_found_by_a_way_to_reach_them_that_the_role_may_not_know(office: Office) -> None:
    referral_id = await office.refer()
    assert await found(office, PHONE, referral_id, by=SIV) == []
    assert await found(office, PHONE, referral_id, by=OLLE) == [referral_id]


async def test_the_words_of_a_search_are_written_nowhere(office: Office) -> None:
    referral_id = await office.refer()
    await found(office, "Kanariefågelsökning", referral_id)
    written = await office.everything_written()
    assert not [table for table, text in written.items() if "sökning" in text]


@pytest.mark.parametrize(
    ("text", "names", "digits"),
    [
        ("  Åsa  Öberg-Lind ", ("asa", "oberg", "lind"), ""),
        ("0046 70 174 06 05", (), "0701740605"),
        ("011-15 00", (), "0111500"),
        ("12345", ("12345",), ""),
    ],
)
def test_what_was_written_is_read(text: str, names: tuple[str, ...], digits: str) -> None:
    assert Wanted.of(text, by_phone=True) == Wanted(names, digits)


async def test_an_operator_who_sees_what_is_masked_elsewhere_is_in_the_persons_log(office: Office) -> None:
    referral_id = await office.refer()
    person = await office.person_of(referral_id)
    asked = {"fields": ("needs",), "purpose": "fault_finding"}
    assert await office.do(ReadMasked, OPERATOR, referral_id=referral_id, **asked) == {"noted": True}
    assert await office.do(ReadMasked, OPERATOR, person=person, **asked) == {"noted": True}
    assert await office.refused(ReadMasked, LINK_WORKER, person=person, **asked) == "not_for_this_role"
    seen = [
        (str(row["person"]), row["action"], row["purpose"], row["allowed"]) for row in await looks(office)
    ]
    assert seen == [
        (person, "read_masked", "fault_finding", True),
        (person, "read_masked", "fault_finding", True),
        (person, "read_masked", "fault_finding", False),
    ]
