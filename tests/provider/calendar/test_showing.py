"""What the calendar shows of an activity, and when it shows nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.provider.calendar.writing import TOLD
from services.provider.freshness import freshness
from services.runtime.session_code import code_of
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.command import Actor
from sluss_contracts.commands.catalogue import GiveActivityContact, GiveProviderContact
from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    RescheduleSession,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.offering import Described, Venue
from sluss_contracts.schedule import Recurrence
from sluss_contracts.vocabulary import Role
from tests.provider.calendar.conftest import OWN
from tests.provider.calendar.test_looking import LINK
from tests.support.calendar import NOON, Town, offer

A_DAY = timedelta(days=1)


async def get(town: Town, path: str, status: int = 200, *, language: str = "sv") -> str:
    headers = {"accept-language": language}
    transport = httpx.ASGITransport(town.app)
    async with httpx.AsyncClient(transport=transport, base_url=OWN, headers=headers) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    return answer.text


async def listed(town: Town, query: str = "") -> list[str]:
    return LINK.findall(await get(town, f"/aktiviteter{query}"))


async def test_an_activity_is_told_in_words(quiet_town: Town) -> None:
    page = await get(quiet_town, "/aktiviteter/gafotboll")
    for said in (
        "Gåfotboll",
        "Motion",
        "Korpen Norrköping",
        "Fotboll i gångtakt, för alla som vill röra sig tillsammans.",
        "tisdag 3 mars, 14:00–15:30",
        "Folkparken<br>Parkvägen 3<br>602 36 Norrköping",
        "50 kr per termin",
        "Den som inte har råd betalar inget.",
        "Från 60 år",
        "Svenska",
        "Utrustning finns att låna",
        "Du behöver en plats, och det finns plats.",
        "Någon där vet att du är ny",
        "Senast bekräftad som rätt den 2 mars 2026, av en av nätverkets samordnare.",
        "Frågan ställs igen den 29 augusti 2026.",
        'href="https://www.korpen.example/gafotboll?a=1&amp;b=2" rel="external nofollow noopener"',
        'href="/tipsa?om=gafotboll"',
        'href="/aktiviteter/gafotboll/kalender.ics?lang=sv"',
    ):
        assert said in page, said


async def test_an_activity_is_told_in_english_too(quiet_town: Town) -> None:
    page = await get(quiet_town, "/aktiviteter/tradgardsgrupp", language="en")
    for said in (
        "200 kr a year",
        "18 to 29 years",
        "For women",
        "No times are set.",
        "Last confirmed as right on",
    ):
        assert said in page, said


async def test_what_is_cancelled_is_struck_and_said_to_be(quiet_town: Town) -> None:
    page = await get(quiet_town, "/aktiviteter/anhorigcirkel")
    assert '<s>måndag 2 mars, 15:00–16:30</s> <strong class="care">inställt</strong>' in page
    assert "måndag 9 mars, 15:00–16:30</time>" in page


async def test_one_may_just_come_or_needs_a_place_or_all_are_taken(quiet_town: Town) -> None:
    assert "Det är bara att komma." in await get(quiet_town, "/aktiviteter/kor")
    assert "det finns plats" in await get(quiet_town, "/aktiviteter/gafotboll")
    full = await get(quiet_town, "/aktiviteter/anhorigcirkel")
    assert "just nu är alla upptagna" in full
    assert "Fullt just nu" in await get(quiet_town, "/aktiviteter?q=anh%C3%B6riga")


async def test_nothing_tells_how_many_or_who(quiet_town: Town) -> None:
    for path in ("/aktiviteter", "/aktiviteter/anhorigcirkel", "/arrangor/hemgarden"):
        assert "alva" not in await get(quiet_town, path)


async def test_a_provider_shows_all_it_runs(quiet_town: Town) -> None:
    page = await get(quiet_town, "/arrangor/hemgarden")
    assert LINK.findall(page) == ["kor", "anhorigcirkel", "digital-fika"]
    assert "Kommun" in page
    await get(quiet_town, "/arrangor/no-such", 404)
    await get(quiet_town, "/arrangor/%00", 404)


async def test_a_suggestion_is_shown_once_it_is_published(town: Town) -> None:
    await town.do(ProposeActivity, **offer("boule", "Boule i parken"))
    assert "boule" not in await listed(town)
    await get(town, "/aktiviteter/boule", 404)
    await get(town, "/aktiviteter/%00", 404)
    await town.do(PublishProposal, activity="boule")
    assert "boule" in await listed(town)


async def test_what_has_ended_says_so_to_whoever_holds_its_address_and_nothing_more(town: Town) -> None:
    await town.do(WithdrawActivity, activity="kor", why="no_leader")
    assert "kor" not in await listed(town)
    page = await get(town, "/aktiviteter/kor", 410)
    assert "Det här har upphört" in page
    assert 'href="/aktiviteter"' in page
    assert "röster" not in page
    assert "noindex" in page
    await get(town, "/tipsa?om=kor", 404)


async def test_what_was_turned_down_looks_like_nothing_at_all(town: Town) -> None:
    await town.do(ProposeActivity, **offer("boule", "Boule i parken"))
    await town.do(WithdrawActivity, activity="boule", why="not_active")
    assert "Boule" not in await get(town, "/aktiviteter/boule", 404)


async def test_what_nobody_vouches_for_sinks_then_is_hidden_and_comes_back(town: Town) -> None:
    await town.session("gafotboll", NOON + freshness().ask_after + A_DAY)
    await town.session("kor", NOON + freshness().ask_after + 2 * A_DAY)
    await town.desk.wait(freshness().ask_after - A_DAY)
    await town.do(VerifyActivity, activity="kor")
    await town.desk.wait(A_DAY)
    assert (await listed(town))[0] == "kor"
    page = await get(town, "/aktiviteter/gafotboll")
    assert "Inte bekräftad på länge." in page
    assert "Arrangören har fått frågan; utan svar visas det inte längre från den 27 november 2026." in page
    page = await get(town, "/aktiviteter/kor")
    assert "Senast bekräftad som rätt den 28 augusti 2026, av en av nätverkets samordnare." in page
    assert "Frågan ställs igen den 24 februari 2027." in page
    by_them = {"actor": Actor(id="maud-canary", role=Role.PROVIDER, organisation="hemgarden")}
    await town.desk.ask(VerifyActivity(command_id=uuid4(), **by_them, activity="kor"))
    page = await get(town, "/aktiviteter/kor")
    assert "den 29 augusti 2026, av Hemgården." in page
    assert "canary" not in page
    await town.desk.wait(freshness().hide_after)
    assert await listed(town) == ["kor"]
    page = await get(town, "/aktiviteter/gafotboll")
    assert "Visas inte just nu" in page
    assert "Gåfotboll" in page
    assert "Är du med där? Då fortsätter det" in page
    for stale in ("Folkparken", "50 kr", "kl.", "Fotboll i gångtakt"):
        assert stale not in page
    await get(town, "/tipsa?om=gafotboll", 404)
    await town.do(VerifyActivity, activity="gafotboll")
    assert "gafotboll" in await listed(town)
    assert "Inte bekräftad" not in await get(town, "/aktiviteter/gafotboll")


async def test_when_a_session_is_over_the_next_one_comes_first(town: Town) -> None:
    assert (await listed(town))[:2] == ["gafotboll", "kor"]
    await town.desk.wait(timedelta(days=1, hours=3))
    assert (await listed(town))[:2] == ["kor", "sprakkafe"]
    moved = str(
        await town.desk.pool.fetchval(
            "select session_id from session where activity = 'sprakkafe' order by starts"
        )
    )
    soon = town.desk.clock.now() + timedelta(hours=1)
    await town.do(RescheduleSession, activity="sprakkafe", session_id=moved, starts=soon)
    assert (await listed(town))[0] == "sprakkafe"


async def test_a_series_stands_as_its_sessions_and_one_of_them_may_be_elsewhere(town: Town) -> None:
    elsewhere = Venue(name="Kolmården", town="Kolmården")
    weekly = Recurrence(starts="2026-03-04T18:00", rrule="FREQ=WEEKLY;BYDAY=WE")
    outing = Recurrence(starts="2026-03-07T10:00", venue=elsewhere, minutes=240)
    await town.do(SetSchedule, activity="tradgardsgrupp", recurrences=(weekly, outing))
    page = await get(town, "/aktiviteter/tradgardsgrupp")
    assert "onsdag 4 mars, 18:00–19:30" in page
    assert "onsdag 1 april, 18:00–19:30" in page, "summer time has begun"
    assert 'lördag 7 mars, 10:00–14:00</time><br><span class="aside">på annan plats: Kolmården' in page
    assert await listed(town, "?day=6&interest=nature") == ["tradgardsgrupp"]
    feed = await get(town, "/aktiviteter/tradgardsgrupp/kalender.ics")
    assert feed.count("LOCATION:Kolmården") == 1
    await town.do(SetSchedule, activity="tradgardsgrupp", recurrences=(weekly,))
    page = await get(town, "/aktiviteter/tradgardsgrupp")
    assert "<s>lördag 7 mars, 10:00–14:00</s>" in page


async def test_whoever_is_to_come_is_told_when_and_where_and_not_what_it_is(town: Town) -> None:
    session_id = await town.session("gafotboll", NOON + timedelta(days=4))
    page = await get(town, f"/traff/{code_of(session_id)}")
    for said in ("Du är välkommen", "Fredag 6 mars, 13:00–14:30", "Folkparken<br>Parkvägen 3", "Parkering"):
        assert said in page, said
    assert "noindex" in page
    shown = page.replace('href="/aktiviteter/gafotboll"', "")
    assert not [word for word in ("åfotboll", "afotboll", "Korpen", "Fotboll") if word in shown]

    at_the_library = {"name": "Biblioteket", "street": "Södra Promenaden 105"}
    told = {"activity": "gafotboll", "session_id": session_id, "starts": NOON + timedelta(days=5)}
    await town.do(RescheduleSession, **told, venue=at_the_library)
    page = await get(town, f"/traff/{code_of(session_id)}")
    assert "Lördag 7 mars, 13:00–14:30" in page
    assert "Biblioteket<br>Södra Promenaden 105" in page
    assert "Folkparken" not in page
    await town.do(CancelSession, activity="gafotboll", session_id=session_id, why="leader_ill")
    page = await get(town, f"/traff/{code_of(session_id)}")
    assert "Det blir inte av" in page
    assert "Nästa gång är tisdag 3 mars, 14:00–15:30." in page

    digital = await town.session("digital-fika", NOON + timedelta(days=4))
    page = await get(town, f"/traff/{code_of(digital)}")
    assert "Digitalt: du är med därifrån du är." in page
    await town.desk.wait(timedelta(days=5))
    assert "Det här har varit" in await get(town, f"/traff/{code_of(digital)}")
    for nothing in ("no-such", session_id, "%00"):
        await get(town, f"/traff/{nothing}", 404)


async def test_an_amendment_is_shown_at_once(town: Town) -> None:
    changed = offer("digital-fika", "Fika på nätet", "hemgarden", area="vilbergen")
    await town.do(PublishActivity, **changed)
    assert "Fika på nätet" in await get(town, "/aktiviteter/digital-fika")
    assert await listed(town, "?area=vilbergen") == ["digital-fika"]
    assert await listed(town, "?q=sk%C3%A4rmen") == []


async def test_a_long_list_has_pages(town: Town) -> None:
    for number in range(45):
        await town.publish(f"grupp-{number:02}", f"Grupp {number}", area="vilbergen")
    first, last = await listed(town, "?area=vilbergen"), await listed(town, "?area=vilbergen&page=3")
    assert (len(first), len(last)) == (20, 5)
    assert not set(first) & set(last)
    page = await get(town, "/aktiviteter?area=vilbergen&page=2")
    assert "45 aktiviteter" in page
    assert 'aria-current="page" href="/aktiviteter?area=vilbergen&amp;page=2"' in page
    assert "finns ingenting" in await get(town, "/aktiviteter?area=vilbergen&page=9")


async def test_whom_link_workers_turn_to_is_shown_to_nobody(town: Town) -> None:
    whom = {"name": "Maud Canary", "phone": "+46701740650", "email": "canary@korpen.example"}
    await town.do(GiveActivityContact, activity="gafotboll", **whom)
    await town.do(GiveProviderContact, provider="korpen", **whom)
    feeds = (
        "/aktiviteter/gafotboll/kalender.ics",
        "/arrangor/korpen/kalender.ics",
        "/aktiviteter/kalender.ics",
    )
    for path in (
        "/aktiviteter",
        "/aktiviteter/gafotboll",
        "/arrangor/korpen",
        "/tipsa?om=gafotboll",
        *feeds,
    ):
        page = await get(town, path)
        assert "anary" not in page, path
        assert "1740650" not in page, path
    for table in ("calendar_activity", "calendar_told", "calendar_provider"):
        rows = await town.desk.pool.fetch(f"select row_to_json(t)::text as row from {table} t")
        assert rows
        assert not [row for row in rows if "anary" in row["row"]], table


def test_only_what_is_named_here_is_told_to_the_world() -> None:
    fields = set(ActivityPublished.model_fields)
    assert fields >= TOLD
    assert not [name for name in TOLD if "contact" in name]
    assert set(Described.model_fields) >= TOLD


PAYLOAD = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7919*7907 }}%(x)s"


@pytest.mark.parametrize("path", ["/aktiviteter", "/aktiviteter/x", "/arrangor/korpen", "/tipsa?om=x"])
async def test_no_text_of_a_provider_becomes_markup(town: Town, path: str) -> None:
    said: dict[str, Any] = {
        "about": PAYLOAD,
        "venue": {"name": PAYLOAD, "street": PAYLOAD, "town": PAYLOAD},
        "cost": {"kronor": 1, "note": PAYLOAD},
        "eligibility": {"groups": (PAYLOAD,), "health": PAYLOAD},
        "page": "https://x.example/'onmouseover='alert(1)",
    }
    await town.publish("x", PAYLOAD, **said)
    page = await get(town, path)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "62615533" not in page
    assert "&lt;script&gt;" in page
    assert "href='" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/aktiviteter?q={}",
        "/aktiviteter?from={}&to={}&age={}",
        "/aktiviteter?area={}",
        "/aktiviteter/{}",
        "/tipsa?om={}",
    ],
)
async def test_nothing_in_an_address_becomes_markup(quiet_town: Town, path: str) -> None:
    transport = httpx.ASGITransport(quiet_town.app)
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        page = (await client.get(path.format(*[PAYLOAD] * 3))).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
