"""A coordinator decides on a page by the commands there are, and nothing that has changed meanwhile."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx

from services.provider.moderation_pages.merging import corrected_by
from services.runtime.web import Identity
from sluss_contracts.activity import ActivityAmended, ActivityPublished, ActivityWithdrawn, ProviderRegistered
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import ProposeProvider
from sluss_contracts.commands.provider import ProposeActivity, PublishActivity
from sluss_contracts.moderation import ActivityReviewed, ProviderTurnedDown
from sluss_contracts.offering import Cost
from sluss_contracts.vocabulary import Need, PrescriptionKind, Role
from tests.support.answering import KORPEN, WALK, House, signed_in
from tests.support.doors import form_of

SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
ANNA = Identity(Actor(id="anna", role=Role.LINK_WORKER), "Anna Lind", team="team-city")
ANYBODY = Actor(id="anybody", role=Role.PERSON)
MAUD = Actor(id=KORPEN, role=Role.PROVIDER, organisation=KORPEN)
QUEUE = "/coordinator/moderation"
HOSTILE = "<script>alert(1)</script>"


async def tip(house: House, activity: str, **other: Any) -> None:
    said = {
        "provider": KORPEN,
        "title": "Onsdagskören",
        "kind": PrescriptionKind.CULTURE,
        "needs": (Need.CULTURE,),
        "area": "hageby",
        "capacity": 10,
    }
    await house.do(ProposeActivity, ANYBODY, activity=activity, **(said | other))


def the_form(page: str, id: str, decide: str) -> tuple[str, dict[str, Any]]:
    """The form for one decision on one thing."""
    for form in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL):
        if f'/{id}"' in form and f'name="decide" value="{decide}"' in form:
            return form_of(form)
    raise AssertionError(f"nothing to {decide} of {id}")


async def decide(siv: httpx.AsyncClient, id: str, choice: str, **more: str) -> httpx.Response:
    action, fields = the_form((await siv.get(QUEUE)).text, id, choice)
    return await siv.post(action, data=fields | more)


async def test_suggestions_are_published_registered_or_turned_down(house: House) -> None:
    await tip(house, "onsdagskoren-0a1b2c3d", title=f"Kören {HOSTILE}")
    await tip(house, "spam-0a1b2c3e")
    await house.do(
        ProposeProvider, ANYBODY, provider="bygdegarden", name="Bygdegården", kind="association", area="aby"
    )
    await house.do(ProposeProvider, ANYBODY, provider="spammarna", name="Spammarna", kind="other", area="aby")
    async with await signed_in(house, SIV) as siv:
        page = (await siv.get(QUEUE)).text
        assert "4 väntar" in page
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page
        assert (await decide(siv, "onsdagskoren-0a1b2c3d", "approve")).status_code == 303
        assert (await decide(siv, "bygdegarden", "approve")).status_code == 303
        refused = await decide(siv, "spam-0a1b2c3e", "refuse")
        assert refused.status_code == 422
        assert "Säg varför" in refused.text
        assert (await decide(siv, "spam-0a1b2c3e", "refuse", why="not_suitable")).status_code == 303
        assert (await decide(siv, "spammarna", "refuse", why="not_right")).status_code == 303
        assert "Inget väntar" in (await siv.get(QUEUE)).text
    assert "onsdagskoren-0a1b2c3d" in [each.activity for each in await house.desk.said(ActivityPublished)]
    assert "bygdegarden" in [each.provider for each in await house.desk.said(ProviderRegistered)]
    assert [each.why for each in await house.desk.said(ActivityWithdrawn)] == ["not_suitable"]
    assert [each.why for each in await house.desk.said(ProviderTurnedDown)] == ["not_right"]


async def test_a_change_is_shown_and_stands_or_goes_back(house: House) -> None:
    await house.publish(WALK, capacity=8)
    state = {"activity": WALK, "provider": KORPEN, "title": "Promenad med fika", "area": "hageby"}
    more = {"kind": PrescriptionKind.PHYSICAL, "needs": (Need.COMPANY,), "capacity": 12}
    await house.do(PublishActivity, MAUD, **state, **more)
    async with await signed_in(house, SIV) as siv:
        page = (await siv.get(QUEUE)).text
        assert "<del>8</del>" in page
        assert "<ins>12</ins>" in page
        action, fields = the_form(page, WALK, "approve")
        await house.do(PublishActivity, MAUD, **state, **(more | {"capacity": 40}))
        unseen = await siv.post(action, data=fields)
        assert unseen.status_code == 409
        assert not await house.desk.said(ActivityReviewed)
        assert (await decide(siv, WALK, "refuse", why="not_right")).status_code == 303
        assert (await house.desk.said(ActivityAmended))[-1].capacity == 8
        await house.do(PublishActivity, MAUD, **state, **more)
        assert (await decide(siv, WALK, "approve")).status_code == 303
    assert len(await house.desk.said(ActivityReviewed)) == 1


async def test_a_correction_is_put_into_what_there_is(house: House) -> None:
    await house.publish(WALK, about="Vi går längs ån.", needs=(Need.COMPANY, Need.NATURE))
    id = f"{WALK}-0a1b2c3d"
    assert corrected_by(id) == WALK
    assert corrected_by(WALK) is None
    await tip(house, id, title="Promenad med fika", cost=Cost(kronor=30), about="Vi går längs ån.")
    async with await signed_in(house, SIV) as siv:
        page = (await siv.get(QUEUE)).text
        assert "Det kan vara en rättelse av ”Promenad med fika”" in page
        assert "<ins>30</ins>" in page
        for _ in range(2):
            action, fields = the_form(page, id, "merge")
            sent = await siv.post(action, data=fields)
        assert sent.status_code in (303, 404)
        assert "Inget väntar" in (await siv.get(QUEUE)).text
    amended = (await house.desk.said(ActivityAmended))[-1]
    assert amended.cost
    assert (amended.activity, amended.cost.kronor) == (WALK, 30)
    assert amended.needs == (Need.COMPANY, Need.NATURE)
    assert [each.why for each in await house.desk.said(ActivityWithdrawn)] == ["merged"]


async def test_it_is_the_coordinators_alone_and_survives_silence(house: House) -> None:
    async with await signed_in(house, ANNA) as anna:
        assert (await anna.get(QUEUE)).status_code == 403
    async with await signed_in(house, SIV) as siv:
        house.doors.away = True
        page = await siv.get(QUEUE)
        assert page.status_code == 200
        assert "kan inte läsas just nu" in page.text
        house.doors.away = False
        await tip(house, "kor-0a1b2c3d")
        _, fields = the_form((await siv.get(QUEUE)).text, "kor-0a1b2c3d", "approve")
        assert (await siv.post(f"{QUEUE}/planet/{uuid4()}", data=fields)).status_code == 404
