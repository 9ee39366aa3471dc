"""An organisation takes its referral back on its own stream, comes back with another, and is told which way
is closed."""

from __future__ import annotations

from typing import Any

import pytest

from sluss_contracts.commands.referral import PublishPathway, WithdrawPathway
from sluss_contracts.pathway import BUILT_IN, Entry
from tests.referral.conftest import House
from tests.referral.office import Office
from tests.referral.requests import ANOTHER_NUMBER, CLINIC, OPERATOR, SCHOOL, about, letter


async def test_the_referrer_takes_it_back_and_gets_a_receipt(office: Office) -> None:
    referral = await office.refer("a")
    receipt = await office.take_back(referral)
    assert (receipt["status"], receipt["code"]) == ("accepted", "cancelled")
    assert receipt["referral_id"] == referral
    assert await office.status(referral) == "cancelled"


async def test_it_is_said_to_have_been_a_mistake_even_when_it_is_over(office: Office) -> None:
    referral = await office.refer("a")
    await office.case_closed(referral)
    assert (await office.take_back(referral))["code"] == "referral_is_over"
    assert (await office.take_back(referral, entered_in_error=True))["code"] == "entered_in_error"
    assert await office.status(referral) == "void"


async def test_another_organisations_referral_is_not_there_to_be_taken_back(office: Office) -> None:
    referral = await office.refer("a")
    foreign, none = await office.take_back(referral, SCHOOL), await office.take_back("0197-none", SCHOOL)
    assert (foreign["code"], foreign["faults"]) == (none["code"], none["faults"])
    assert (foreign["status"], foreign["code"]) == ("refused", "unknown_referral")
    assert await office.status(referral) == "open"


async def test_the_same_bytes_take_back_once_and_get_the_same_receipt(house: House) -> None:
    house.open()
    await house.submit(letter("a"))
    referral = (await house.receipt("a"))["referral_id"]
    data = {"submission_id": "back", "referral_id": referral, "why": "person_asked"}
    raw = letter("back", envelope={"type": "sluss.referral.taken_back.v1", "data": data})
    for _ in range(3):
        await house.submit(raw)
    assert (await house.receipt("back"))["code"] == "cancelled"
    assert len(await house.receipts()) == 2
    cancelled = await house.pool.fetchval(
        "select count(*) from event where type = 'sluss.referral.cancelled.v1'"
    )
    assert cancelled == 1


async def test_taken_back_and_sent_anew_in_one_batch_the_new_one_is_open(office: Office) -> None:
    first = await office.refer("a")
    data = {"submission_id": "back", "referral_id": first, "why": "wrong_unit"}
    back = letter("back", envelope={"type": "sluss.referral.taken_back.v1", "data": data})
    await office.take((CLINIC, letter("b")), (CLINIC, back))
    assert await office.status((await office.receipt("b"))["referral_id"]) == "open"


# Coming back


async def test_coming_back_names_the_earlier_referral_once_it_is_over(office: Office) -> None:
    first = await office.refer("a")
    assert (await office.submit("b", replaces=first))["code"] == "replaces_open"
    await office.case_closed(first)
    back = await office.refer("b", replaces=first)
    assert (await office.state(back))["replaces"] == first
    assert "referral.linked" in await office.said(back)
    assert await office.status(back) == "open"


async def test_the_receipts_of_a_wrong_name_tell_nothing_of_others(office: Office) -> None:
    first = await office.refer("a")
    by_the_school: dict[str, Any] = {"by": SCHOOL, "person": about(ANOTHER_NUMBER)}
    await office.case_closed(first)
    foreign = await office.submit("b", replaces=first, **by_the_school)
    none = await office.submit("c", replaces="0197-none", **by_the_school)
    assert (foreign["code"], foreign["faults"]) == (none["code"], none["faults"])
    assert foreign["code"] == "replaces_unknown"


async def test_somebody_without_a_number_who_comes_back_to_the_same_is_the_same_person(
    office: Office,
) -> None:
    first = await office.refer("a", person={})
    await office.case_closed(first)
    back = await office.refer("b", person={}, replaces=first)
    assert await office.person_of(back) == await office.person_of(first)
    assert (await office.submit("c", SCHOOL, person={}, replaces=first))["code"] == "replaces_unknown"


# Which ways are open


async def publish(office: Office, **entry: Any) -> None:
    definition = BUILT_IN.model_copy(update={"pathway": "narrow", "entry": Entry(**entry)})
    await office.do(PublishPathway, OPERATOR, pathway="narrow", definition=definition)


async def test_a_pathway_nobody_has_published_is_told_as_such_and_may_be_tried_again(office: Office) -> None:
    refused = await office.submit("a", pathway="narrow")
    assert (refused["code"], [fault["path"] for fault in refused["faults"]]) == (
        "unknown_pathway",
        ["/data/pathway"],
    )
    await publish(office)
    await office.take((CLINIC, letter("a", pathway="narrow")))
    receipt = await office.receipt("a")
    assert receipt["code"] == "accepted"
    state = await office.state(receipt["referral_id"])
    assert (state["pathway"], state["pathway_version"]) == ("narrow", 1)


async def test_a_withdrawn_pathway_takes_nobody_new(office: Office) -> None:
    await publish(office)
    await office.do(WithdrawPathway, OPERATOR, pathway="narrow")
    assert (await office.submit("a", pathway="narrow"))["code"] == "unknown_pathway"


async def test_a_channel_that_is_not_open_is_told_by_its_place(office: Office) -> None:
    await publish(office, channels=("self", "phone"))
    refused = await office.submit("a", pathway="narrow")
    assert (refused["code"], [fault["path"] for fault in refused["faults"]]) == (
        "channel_not_open",
        ["/data/referrer/channel"],
    )


async def test_what_the_pathway_asks_consent_for_must_be_there_before_anything_goes_onward(
    office: Office,
) -> None:
    await publish(office, consent=("referral", "share_with_provider"))
    receipt = await office.submit("a", pathway="narrow")
    assert (receipt["status"], receipt["code"]) == ("held", "consent_to_be_asked")


@pytest.mark.parametrize(("youngest", "status"), [(None, "held"), (15, "accepted")])
async def test_a_minor_is_who_the_pathway_says(office: Office, youngest: int | None, status: str) -> None:
    await publish(office, **({"youngest": youngest} if youngest else {}))
    receipt = await office.submit("a", pathway="narrow", person={"born": 2010})
    assert receipt["status"] == status
