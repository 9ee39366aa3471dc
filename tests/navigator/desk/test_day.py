"""Today, the inbox, looking for somebody, and one's own time."""

from __future__ import annotations

from datetime import timedelta

import httpx

from services.navigator.desk.today import News, new_since
from sluss_contracts.commands.looking import SearchPersons
from sluss_contracts.commands.meetings import BookMeeting
from sluss_contracts.commands.navigator import CloseCase, ReassignCase
from tests.support.casework import ANNA, BERIT, HASSAN, OLLE, SIV, Casework
from tests.support.forms import fields_of, fill_in


async def _see(work: Casework, who: object, path: str) -> httpx.Response:
    async with work.browser_of(who) as browser:  # type: ignore[arg-type]
        return await browser.get(path)


async def _find(work: Casework, who: object, wanted: str) -> str:
    async with work.browser_of(who) as browser:  # type: ignore[arg-type]
        return (await fill_in(browser, "/search", wanted=wanted)).text


async def test_today_says_who_what_why_and_leads_there(work: Casework) -> None:
    case = await work.refer("Vilhelmina Berg")
    page = (await _see(work, ANNA, "/today")).text
    for said in ("Vilhelmina Berg", "Kontakta personen", "Ärendet är nytt hos dig", "Anteckna en kontakt"):
        assert said in page
    assert f'href="/cases/{case}/contact"' in page
    await work.wait(timedelta(days=9))
    assert "Försenat" in (await _see(work, ANNA, "/today")).text


async def test_each_sees_their_own_day(work: Casework) -> None:
    await work.refer("Astrid Ek")
    page = (await _see(work, BERIT, "/today")).text
    assert "Astrid Ek" not in page
    assert "Inget väntar på dig" in page
    assert (await _see(work, SIV, "/today")).status_code == 403


async def test_todays_meetings_go_along_with_their_case_and_end_with_it(work: Casework) -> None:
    case = await work.refer("Gunborg Wik")
    booked = await work.do(BookMeeting, ANNA, referral_id=case, starts=work.clock.now() + timedelta(hours=1))
    link = f'<a href="/cases/{case}/meetings/{booked["meeting_id"]}">Gunborg Wik</a>'

    async def met_by() -> list[str]:
        return [each.name for each in (ANNA, HASSAN) if link in (await _see(work, each, "/today")).text]

    assert await met_by() == [ANNA.name]
    await work.do(ReassignCase, SIV, referral_id=case, worker=HASSAN.actor.id)
    assert await met_by() == [HASSAN.name]
    await work.do(CloseCase, HASSAN, referral_id=case, outcome="moved")
    assert await met_by() == []


async def test_a_volunteer_sees_aliases_alone(work: Casework) -> None:
    case = await work.refer("Bertil Ask")
    await work.do(ReassignCase, SIV, referral_id=case, worker="olle-ek")
    page = (await _see(work, OLLE, "/today")).text
    assert "Bertil Ask" not in page
    assert f'href="/cases/{case}/contact"' in page


async def test_the_inbox_shows_who_waits_and_only_to_the_team(work: Casework) -> None:
    case = await work.refer("Cecilia Alm", person={"language": "so"})
    page = (await _see(work, HASSAN, "/inbox")).text
    assert "Cecilia Alm" in page
    assert "somaliska" in page
    assert f'action="/cases/{case}/claim"' in page
    assert "1 av 20" in page or "av 20" in page
    assert "Cecilia Alm" not in (await _see(work, BERIT, "/inbox")).text
    assert (await _see(work, BERIT, "/inbox?team=team-skarptorp")).status_code == 404
    assert "Cecilia Alm" in (await _see(work, SIV, "/inbox?team=team-skarptorp")).text


async def test_somebody_with_protected_identity_is_named_in_no_list_and_found_by_no_search(
    work: Casework,
) -> None:
    case = await work.refer("Lena Hemlig", person={"protection": "confidential"})
    assert "Lena Hemlig" not in (await _see(work, HASSAN, "/inbox")).text
    assert "Ingen hittades" in await _find(work, ANNA, "Lena Hemlig")
    page = (await _see(work, ANNA, f"/cases/{case}")).text
    assert "Skyddad identitet" in page
    assert "<h1>Lena Hemlig</h1>" in page


async def test_one_finds_those_of_ones_team_and_nobody_else(work: Casework) -> None:
    case = await work.refer("David Kanariefågel")
    page = await _find(work, ANNA, "kanarie")
    assert "David Kanariefågel" in page
    assert f'href="/cases/{case}"' in page
    assert isinstance(work.asked[-1], SearchPersons)
    assert "Ingen hittades" in await _find(work, BERIT, "kanarie")
    assert "David Kanariefågel" in await _find(work, SIV, "Kanarie")
    shown = (await _see(work, ANNA, f"/cases/{case}")).text
    short = shown.split('<span class="id">')[1].split("<")[0]
    assert f'href="/cases/{case}"' in await _find(work, ANNA, short)


async def test_while_the_vault_is_away_one_works_on_with_short_names(work: Casework) -> None:
    case = await work.refer("Elsa Hägg")
    work.away.add("referral")
    page = (await _see(work, ANNA, "/today")).text
    found = await _find(work, ANNA, "Elsa")
    work.away.clear()
    assert "Valvet svarar inte just nu" in page
    assert f'href="/cases/{case}/contact"' in page
    assert "Valvet svarar inte just nu" in found


async def test_a_leave_is_noted_and_a_wrong_one_told(work: Casework) -> None:
    async with work.browser_of(BERIT) as berit:
        page = await fill_in(berit, "/my-time", "/my-time/leave", starts="2026-07-20", ends="2026-07-01")
        assert page.status_code == 422
        assert "Den sista dagen är före den första" in page.text
        assert fields_of(page.text, "/my-time/leave")["starts"] == "2026-07-20"
        page = await fill_in(berit, "/my-time", "/my-time/leave", starts="2026-07-01", ends="2026-07-20")
        assert "Ingen ny kommer till dig medan du är borta" in page.text
        assert "1 juli 2026 – 20 juli 2026" in page.text


async def test_what_is_new_is_counted_from_when_the_page_was_loaded(work: Casework) -> None:
    since = work.clock.now()
    work.clock.move(timedelta(minutes=1))
    assert await new_since(work.engine, ANNA, since) == 0
    await work.refer("Fatima Al-Sayed")
    await work.refer("Göran Öst", person={"language": "so"})
    assert await new_since(work.engine, ANNA, since) == 2
    news = News(work.engine, pause=0.01)
    async for count in news.counts(ANNA, since):
        assert count == 2
        news.close()
