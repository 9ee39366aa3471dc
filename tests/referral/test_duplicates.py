"""One person, one open referral, whichever organisations refer them and however close in time."""

from __future__ import annotations

import asyncio
from typing import Any

from services.referral.store.tables import metadata
from services.referral.vault.identity import read_identity
from sluss_contracts.commands.referral import (
    CancelReferral,
    EnterInError,
    RecordConsent,
    RedirectReferral,
    WithdrawConsent,
)
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose
from tests.referral.office import AT_THE_CLINIC, AT_THE_SCHOOL, Office
from tests.referral.requests import CLINIC, SAME_NUMBER, SCHOOL, VALID_NUMBERS, about, letter

TO_BE_ASKED: dict[str, Any] = {"consent": {"status": "to_be_asked"}}


async def referrals_of_everybody(office: Office) -> dict[str, list[str]]:
    """By person, how their referrals stand."""
    found: dict[str, list[str]] = {}
    for row in await office.pool.fetch("select state from aggregate where kind = 'referral' order by id"):
        found.setdefault(row["state"]["person"], []).append(row["state"]["status"])
    return found


async def test_another_organisations_referral_of_the_same_person_hangs_on_to_the_open_one(
    office: Office,
) -> None:
    first = await office.refer("a")
    second = await office.submit("b", SCHOOL, person=about(SAME_NUMBER))
    assert await office.status(second["referral_id"]) == "linked"
    assert (await office.state(second["referral_id"]))["linked_to"] == first
    assert await office.said(second["referral_id"]) == ["referral.submitted", "referral.linked"]


async def test_neither_organisation_is_told_of_the_other(office: Office) -> None:
    alone = await office.submit("alone", SCHOOL, person=about(VALID_NUMBERS[2]))
    first = await office.refer("a")
    second = await office.submit("b", SCHOOL, person=about(SAME_NUMBER))
    unlike = {name for name in alone if alone[name] != second[name]}
    assert unlike == {"receipt_id", "referral_id", "submission_id"}
    assert alone.keys() == second.keys()
    to_the_school = await office.pool.fetch("select body from event where lane = $1", f"out.{SCHOOL}")
    assert not [
        row for row in to_the_school if first.encode() in row["body"] or CLINIC.encode() in row["body"]
    ]
    to_the_clinic = await office.pool.fetch("select body from event where lane = $1", f"out.{CLINIC}")
    assert not [row for row in to_the_clinic if SCHOOL.encode() in row["body"]]


async def test_of_two_that_come_at_the_same_moment_exactly_one_is_open(office: Office) -> None:
    known = {read_identity(number) for number in VALID_NUMBERS}
    numbers = sorted(number for number in known if number and number < "2000")[:8]
    await asyncio.gather(
        *(
            office.take((by, letter(f"r{n}", organisation=by, person=about(number))))
            for n, number in enumerate(numbers)
            for by in (CLINIC, SCHOOL)
        )
    )
    everybody = await referrals_of_everybody(office)
    assert [sorted(status) for status in everybody.values()] == [["linked", "open"]] * len(numbers)
    assert len(numbers) > 2


async def test_of_many_in_one_batch_exactly_one_is_open(office: Office) -> None:
    await office.take(*((CLINIC, letter(f"r{n}")) for n in range(5)))
    assert list((await referrals_of_everybody(office)).values()) == [["open", *["linked"] * 4]]


async def test_of_two_held_whose_person_says_yes_to_both_at_once_exactly_one_is_open(office: Office) -> None:
    held = [await office.refer("a", **TO_BE_ASKED), await office.refer("b", SCHOOL, **TO_BE_ASKED)]
    await asyncio.gather(*(office.do(RecordConsent, referral_id=each) for each in held))
    assert sorted([await office.status(each) for each in held]) == ["linked", "open"]


async def test_who_was_held_is_no_duplicate_until_they_are_open(office: Office) -> None:
    held = await office.refer("a", **TO_BE_ASKED)
    second = await office.refer("b", SCHOOL)
    assert (await office.status(held), await office.status(second)) == ("held", "open")


async def test_without_an_identity_number_nobody_is_taken_for_another(office: Office) -> None:
    nobody = about(None, name="Vilhelmina Kanariefågel")
    both = [await office.refer("a", person=nobody), await office.refer("b", SCHOOL, person=nobody)]
    assert [await office.status(each) for each in both] == ["open", "open"]


async def test_when_the_first_is_over_the_next_is_a_referral_of_its_own(office: Office) -> None:
    first = await office.refer("a")
    await office.case_closed(first, CaseOutcome.COMPLETED)
    again = await office.refer("b", SCHOOL)
    assert await office.status(again) == "open"
    assert await office.person_of(again) == await office.person_of(first)


async def test_taken_back_by_the_one_the_others_go_on(office: Office) -> None:
    first = await office.refer("a")
    second, third = await office.refer("b", SCHOOL), await office.refer("c", SCHOOL)
    await office.do(CancelReferral, AT_THE_CLINIC, referral_id=first, why="person_asked")
    rows = await office.pool.fetch("select state from aggregate where kind = 'referral'")
    new = {row["state"]["replaces"]: row["state"] for row in rows if row["state"]["replaces"]}
    assert {referral: state["status"] for referral, state in new.items()} == {second: "open", third: "linked"}
    assert new[third]["linked_to"] == new[second]["referral_id"]
    assert (new[second]["organisation"], new[second]["submission_id"]) == (SCHOOL, "b")
    told = (await office.read(new[second]["referral_id"])).result
    assert told == (await office.read(second)).result
    assert told["name"]


async def test_a_duplicate_taken_back_takes_nothing_else_with_it(office: Office) -> None:
    first, second = await office.refer("a"), await office.refer("b", SCHOOL)
    await office.do(EnterInError, AT_THE_SCHOOL, referral_id=second, why="wrong_person")
    assert (await office.status(first), await office.status(second)) == ("open", "void")


async def test_sent_to_another_team_the_new_one_is_the_open_one(office: Office) -> None:
    first = await office.refer("a")
    moved = await office.do(RedirectReferral, referral_id=first, why="moved", to_area="linkoping")
    new = str(moved["replaced_by"])
    assert (await office.status(first), await office.status(new)) == ("redirected", "open")
    second = await office.refer("b", SCHOOL)
    assert (await office.state(second))["linked_to"] == new


async def test_sent_to_another_team_the_others_go_with_it_each_in_its_own_name(office: Office) -> None:
    first = await office.refer("a")
    second, third = await office.refer("b", SCHOOL), await office.refer("c", SCHOOL)
    await office.do(WithdrawConsent, referral_id=third, purposes=(ConsentPurpose.REFERRAL,))
    moved = await office.do(RedirectReferral, referral_id=first, why="moved", to_area="linkoping")
    rows = await office.pool.fetch("select state from aggregate where kind = 'referral'")
    new = {row["state"]["replaces"]: row["state"] for row in rows if row["state"]["replaces"]}
    assert set(new) == {first, second}, "whose person has said no goes nowhere"
    assert await office.status(second) == "redirected"
    theirs = new[second]
    assert (theirs["status"], theirs["linked_to"]) == ("linked", moved["replaced_by"])
    assert (theirs["organisation"], theirs["submission_id"]) == (SCHOOL, "b")
    assert theirs["area"] == "linkoping"
    assert (await office.read(theirs["referral_id"])).result == (await office.read(second)).result
    to_the_school = await office.pool.fetch("select body from event where lane = $1", f"out.{SCHOOL}")
    assert not [
        row for row in to_the_school if first.encode() in row["body"] or CLINIC.encode() in row["body"]
    ]


async def test_a_duplicate_is_not_sent_anywhere_by_itself(office: Office) -> None:
    await office.refer("a")
    second = await office.refer("b", SCHOOL)
    wish: dict[str, Any] = {"referral_id": second, "why": "moved", "to_area": "linkoping"}
    assert await office.refused(RedirectReferral, **wish) == "referral_is_over"


async def test_the_database_itself_lets_nobody_have_two_open(office: Office) -> None:
    (open_,) = [i for i in metadata.tables["standing"].indexes if i.name == "standing_open"]
    assert open_.unique
