"""Steps taken from pages: what is filled in is done, what a rule refuses is told and kept in the form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio

from sluss_contracts.commands.navigator import ClaimCase, PauseCase, RecordContact
from sluss_contracts.commands.referral import ReadReferrers
from sluss_contracts.vocabulary import ContactOutcome, ContactWay
from tests.support.casework import ANNA, HASSAN, SIV, Casework
from tests.support.forms import fields_of, fill_in


@pytest_asyncio.fixture
async def anna(work: Casework) -> AsyncIterator[httpx.AsyncClient]:
    async with work.browser_of(ANNA) as browser:
        yield browser


def _in(work: Casework, **by: int) -> str:
    return (work.clock.now() + timedelta(**by)).date().isoformat()


async def test_a_case_is_led_from_the_first_call_to_its_end(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await work.refer("Vilhelmina Berg")
    at = f"/cases/{case}"
    page = await fill_in(anna, f"{at}/contact", outcome="no_answer")
    assert "Kontakten är antecknad." in page.text
    await fill_in(anna, f"{at}/contact", outcome="reached")
    page = await fill_in(
        anna, f"{at}/meetings/book", day=_in(work, days=2), hour="14:00", place="Bänken i parken"
    )
    assert "Mötet är bokat." in page.text
    meeting = next(iter((await _state(work, case))["meetings"]))
    page = await anna.get(f"{at}/meetings/{meeting}")
    assert "Bänken i parken" in page.text
    page = await fill_in(
        anna,
        f"{at}/meetings/{meeting}",
        f"{at}/meetings/{meeting}/move",
        day=_in(work, days=3),
        hour="10:30",
        mode="home",
        lone_work="Hassan vet.",
    )
    assert "Mötet är flyttat." in page.text
    assert "Hassan vet." in (await anna.get(f"{at}/meetings/{meeting}")).text
    page = await fill_in(
        anna, f"{at}/meetings/{meeting}", f"{at}/meetings/{meeting}/cancel", whose="person", why="illness"
    )
    assert "Mötet är inställt." in page.text
    assert "Mötet ställdes in" in page.text
    await fill_in(anna, f"{at}/meetings/book", day=_in(work, days=5), hour="09:00")
    second = next(id for id, each in (await _state(work, case))["meetings"].items() if not each["cancelled"])
    page = await fill_in(anna, f"{at}/meetings/{second}", f"{at}/meetings/{second}/held", held="yes")
    assert "Mötet är antecknat." in page.text
    page = await fill_in(anna, f"{at}/close", outcome="person_declined", feedback="Hon klarar sig själv.")
    assert "dina ord är på väg" in page.text
    assert "Avslutat" in page.text


async def _state(work: Casework, case: str) -> dict[str, dict[str, dict[str, object]]]:
    state: dict[str, dict[str, dict[str, object]]] = await work.at["navigator"].pool.fetchval(
        "select state from aggregate where kind = 'case' and key = $1", case
    )
    return state


async def test_what_a_rule_refuses_is_told_and_stays_in_the_form(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Astrid Ek")
    page = await fill_in(anna, f"/cases/{case}/pause", until="2020-01-01", why="travel")
    assert page.status_code == 422
    assert "Den dagen har varit" in page.text
    assert "pause_ends_in_the_past" in page.text
    kept = fields_of(page.text, f"/cases/{case}/pause")
    assert (kept["until"], kept["why"]) == ("2020-01-01", "travel")
    page = await fill_in(anna, f"/cases/{case}/meetings/book", day="", hour="14:00", place="Torget")
    assert page.status_code == 422
    assert 'href="#starts"' in page.text
    assert fields_of(page.text, f"/cases/{case}/meetings/book")["place"] == "Torget"


async def test_two_people_see_each_others_change_instead_of_overwriting_it(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Bertil Ask")
    shown = await anna.get(f"/cases/{case}/pause")
    sent = fields_of(shown.text, f"/cases/{case}/pause") | {"until": "2026-06-01"}
    await work.do(RecordContact, SIV, referral_id=case, way=ContactWay.PHONE, outcome=ContactOutcome.REACHED)
    answer = await anna.post(f"/cases/{case}/pause", data=sent)
    assert answer.status_code == 409
    assert "Någon annan har ändrat det här under tiden" in answer.text
    again = fields_of(answer.text, f"/cases/{case}/pause")
    assert again["until"] == "2026-06-01"
    assert (await anna.post(f"/cases/{case}/pause", data=again)).status_code == 303


async def test_one_of_two_who_take_a_case_has_it_and_the_other_sees_who(work: Casework) -> None:
    await work.do(ClaimCase, HASSAN, referral_id=await _queued(work, "Cecilia Alm"), worker="hassan-amiri")
    case = await _queued(work, "David Lind")
    async with work.browser_of(ANNA) as anna, work.browser_of(HASSAN) as hassan:
        sent = [
            fields_of((await each.get(f"/cases/{case}")).text, f"/cases/{case}/claim")
            for each in (anna, hassan)
        ]
        assert (await anna.post(f"/cases/{case}/claim", data=sent[0])).status_code == 303
        lost = await hassan.post(f"/cases/{case}/claim", data=sent[1])
        assert lost.status_code == 409
        assert "Anna Lind hann före" in lost.text
        page = await fill_in(anna, f"/cases/{case}/hand-on", f"/cases/{case}/give-back")
        assert "tillbaka i teamets inkorg" in page.text


async def _queued(work: Casework, name: str) -> str:
    """Somebody who speaks what nobody in the team does."""
    return await work.refer(name, person={"language": "so"})


async def test_nothing_is_offered_in_a_case_that_rests_but_letting_it_go_on(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Elsa Hägg")
    await work.do(PauseCase, ANNA, referral_id=case, why="illness", until="2026-06-01")
    page = await anna.get(f"/cases/{case}/contact")
    assert page.status_code == 409
    assert "Låt arbetet fortsätta först." in page.text
    page = await fill_in(anna, f"/cases/{case}/pause", f"/cases/{case}/resume")
    assert "Arbetet går vidare." in page.text


async def test_whoever_must_be_asked_first_says_yes_or_no(work: Casework, anna: httpx.AsyncClient) -> None:
    yes, no = [await work.refer(name, consent="to_be_asked") for name in ("Fatima Al-Sayed", "Göran Öst")]
    page = await anna.get(f"/cases/{yes}")
    assert "Fråga personen om samtycke" in page.text
    assert (await fill_in(anna, f"/cases/{yes}/consent", agreed="yes")).status_code == 200
    assert "Kontakta personen" in (await anna.get(f"/cases/{yes}")).text
    await fill_in(anna, f"/cases/{no}/consent", agreed="no")
    status = await work.at["referral"].pool.fetchval(
        "select state->>'status' from aggregate where kind = 'referral' and key = $1", no
    )
    assert status not in ("held", "open")


async def test_words_of_acute_risk_show_where_to_call(work: Casework, anna: httpx.AsyncClient) -> None:
    case = await work.refer("Hjördis Åkerlund")
    page = await fill_in(
        anna,
        f"/cases/{case}/close",
        outcome="unreachable",
        feedback="Hon har sagt att hon vill ta livet av sig.",
    )
    assert 'class="acute"' in page.text
    assert 'href="tel:112"' in page.text
    alarm = await anna.get(f"/cases/{case}")
    assert "Läs genast: ord om självmord eller våld" in alarm.text


async def test_whoever_writes_to_the_referrer_sees_who_reads_it(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Ingrid Moe")
    page = await anna.get(f"/cases/{case}/close")
    assert "Det här läses av:" in page.text
    assert "Vårdcentralen Skarptorp, Mottagningen, Sara Ström" in page.text
    assert isinstance(work.asked[-2], ReadReferrers) or isinstance(work.asked[-1], ReadReferrers)


async def test_what_nothing_meets_is_noted_and_closing_asks_for_it(
    work: Casework, anna: httpx.AsyncClient
) -> None:
    case = await work.refer("Jörgen Tall")
    page = await fill_in(anna, f"/cases/{case}/unmet", need="work", why="full")
    assert "Antecknat." in page.text
    assert "Antecknat som otillgodosett" in (await anna.get(f"/cases/{case}/close")).text


async def test_what_is_written_never_becomes_markup(work: Casework, anna: httpx.AsyncClient) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    case = await work.refer(attack, reason=attack)
    await fill_in(
        anna,
        f"/cases/{case}/meetings/book",
        day=_in(work, days=2),
        hour="14:00",
        mode="home",
        place=attack,
        lone_work=attack,
    )
    meeting = next(iter((await _state(work, case))["meetings"]))
    refused = await fill_in(anna, f"/cases/{case}/close", outcome=attack, feedback=attack)
    assert refused.status_code == 422
    pages = [
        await anna.get(path)
        for path in (
            "/today",
            f"/cases/{case}",
            f"/cases/{case}/contact",
            f"/cases/{case}/meetings/{meeting}",
        )
    ]
    for page in (refused, *pages):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert" in page.text
