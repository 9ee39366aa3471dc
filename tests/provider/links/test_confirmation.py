"""Whether what is published is still right is said by one tap; a change and an end by one more page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.provider.freshness import freshness
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityVerified,
    ActivityWithdrawn,
    VerificationDue,
)
from sluss_contracts.enrolment import EnrolmentEnded
from sluss_contracts.offering import Access, Cost, Eligibility, Mode, Venue
from sluss_contracts.vocabulary import Role
from tests.support.answering import A_DAY, WALK, House, send

FULL: dict[str, Any] = {
    "about": "Vi går i lugn takt.\nSen fikar vi.",
    "venue": Venue(name="Hageby centrum", street="Idrottsgatan 1", postal_code="603 63", town="Norrköping",
                   latitude=58.57, longitude=16.19),
    "cost": Cost(kronor=20, note="Fika ingår"),
    "eligibility": Eligibility(from_age=18, groups=("Anhöriga",), health="Tala med din hälsolots"),
    "access": (Access.SITTING_DOWN, Access.BUS_NEAR),
    "languages": ("sv", "so"),
    "hosted": True,
    "page": "https://korpen.example/promenad",
}  # fmt: skip


async def asked(house: House) -> str:
    """Half a year has gone: the path of the link that the question comes with."""
    await house.publish(**FULL)
    await house.desk.wait(freshness().ask_after)
    assert await house.desk.said(VerificationDue)
    return await house.activity_link()


async def test_one_tap_says_that_it_is_still_right(house: House, maud: httpx.AsyncClient) -> None:
    link = await asked(house)
    page = (await maud.get(link)).text
    for shown in ("Promenad med fika", "Hageby centrum", "20 kr per gång", "Fika ingår", "Buss i närheten"):
        assert shown in page
    answer = await send(maud, link, "right")
    assert answer.headers["location"] == "/answer/thanks/right"
    (said,) = await house.desk.said(ActivityVerified)
    assert (said.activity, said.by) == (WALK, Role.PROVIDER)


async def test_it_is_used_up_by_its_answer_and_the_next_question_has_a_link_of_its_own(
    house: House, maud: httpx.AsyncClient
) -> None:
    link = await asked(house)
    await send(maud, link, "right")
    assert (await maud.get(link)).status_code == 404
    again = await house.activity_link()
    assert (await maud.get(again)).status_code == 200
    assert (await maud.get(link)).status_code == 404


async def test_whoever_answers_too_late_brings_it_back(house: House, maud: httpx.AsyncClient) -> None:
    link = await asked(house)
    await house.desk.wait(freshness().hide_after + A_DAY)
    assert await house.desk.said(ActivityExpired)
    assert (await send(maud, link, "right")).status_code == 303
    assert await house.desk.said(ActivityVerified)


async def test_a_change_keeps_what_the_form_has_no_field_for(house: House, maud: httpx.AsyncClient) -> None:
    link = await asked(house)
    changed = {"title": "Promenad", "kronor": "0", "cost_note": "", "mode": "both"}
    answer = await send(maud, f"{link}?do=change", "change", **changed)
    assert answer.headers["location"] == "/answer/thanks/changed"
    (said,) = await house.desk.said(ActivityAmended)
    assert (said.title, said.cost, said.mode) == ("Promenad", Cost(kronor=0), Mode.BOTH)
    for kept in ("about", "venue", "eligibility", "access", "languages", "hosted", "page"):
        assert getattr(said, kept) == FULL[kept], kept
    assert (await maud.get(link)).status_code == 404


async def test_a_place_that_moved_is_not_where_it_was(house: House, maud: httpx.AsyncClient) -> None:
    link = await asked(house)
    await send(maud, f"{link}?do=change", "change", street="Idrottsgatan 9")
    (said,) = await house.desk.said(ActivityAmended)
    assert said.venue == Venue(
        name="Hageby centrum", street="Idrottsgatan 9", postal_code="603 63", town="Norrköping"
    )


async def test_a_change_of_nothing_says_that_it_is_right(house: House, maud: httpx.AsyncClient) -> None:
    answer = await send(maud, f"{await asked(house)}?do=change", "change")
    assert answer.headers["location"] == "/answer/thanks/right"
    assert not await house.desk.said(ActivityAmended)
    assert await house.desk.said(ActivityVerified)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"capacity": "många"}, "capacity"),
        ({"kronor": "tjugo"}, "kronor"),
        ({"postal_code": "12"}, "venue"),
        ({"from_age": "60", "to_age": "20"}, "from_age"),
        ({"page": "korpen.example"}, "page"),
        ({"languages": None}, "languages"),
        ({"mode": "nowhere"}, None),
        ({"about": "x" * 4001}, "about"),
    ],
)
async def test_what_cannot_be_taken_is_told_at_its_field(
    house: House, maud: httpx.AsyncClient, wrong: dict[str, Any], field: str | None
) -> None:
    link = await asked(house)
    before = await house.events()
    answer = await send(maud, f"{link}?do=change", "change", **wrong)
    assert answer.status_code == 422
    if field:
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}-fault"' in answer.text
    assert 'role="alert"' in answer.text
    assert await house.events() == before


async def test_it_ends_only_when_somebody_is_sure(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish(**FULL)
    await house.welcomed("alva")
    link = await house.activity_link()
    unsure = await send(maud, f"{link}?do=end", "ended", sure=None)
    assert unsure.status_code == 422
    assert 'href="#sure"' in unsure.text
    assert not await house.desk.said(ActivityWithdrawn)
    answer = await send(maud, f"{link}?do=end", "ended", sure="yes")
    assert answer.headers["location"] == "/answer/thanks/ended"
    await house.desk.settle()
    (said,) = await house.desk.said(ActivityWithdrawn)
    assert said.why == "ended_by_provider"
    assert [each.reason for each in await house.desk.said(EnrolmentEnded)] == ["activity_withdrawn"]
