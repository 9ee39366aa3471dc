"""The case's page: whose it is to see, and what it says to whom."""

from __future__ import annotations

import re

from services.runtime.web import Identity
from sluss_contracts.commands.navigator import PauseCase, RecordContact
from sluss_contracts.vocabulary import ContactOutcome, ContactWay
from tests.support.casework import ANNA, BERIT, HASSAN, NURSE, OLLE, SIV, Casework


async def _page(work: Casework, identity: Identity | None, path: str) -> tuple[int, str]:
    async with work.browser_of(identity) as browser:
        answer = await browser.get(path)
        return answer.status_code, answer.text


async def test_whoever_has_the_case_is_told_who_it_is_and_what_comes_next(work: Casework) -> None:
    case = await work.refer("Vilhelmina Berg")
    status, page = await _page(work, ANNA, f"/cases/{case}")
    assert status == 200
    assert "<h1>Vilhelmina Berg</h1>" in page
    assert "Kontakta personen" in page
    assert f'href="/cases/{case}/contact"' in page
    assert "Anna Lind i Team Skarptorp fick den." in page


async def test_a_case_is_open_to_the_team_and_to_nobody_else(work: Casework) -> None:
    case = await work.refer("Astrid Ek")
    assert [(await _page(work, each, f"/cases/{case}"))[0] for each in (ANNA, HASSAN, SIV)] == [200, 200, 200]
    foreign = await _page(work, BERIT, f"/cases/{case}")
    unknown = await _page(work, BERIT, "/cases/no-such-case")
    assert foreign[0] == unknown[0] == 404
    token = re.compile(r'value="[0-9a-f]{64}"')
    assert token.sub("", foreign[1].replace(case, "no-such-case")) == token.sub("", unknown[1])
    assert (await _page(work, OLLE, f"/cases/{case}"))[0] == 404
    assert (await _page(work, NURSE, f"/cases/{case}"))[0] == 403
    assert (await _page(work, None, f"/cases/{case}"))[0] == 303


async def test_a_colleague_may_look_and_is_offered_nothing_to_do(work: Casework) -> None:
    case = await work.refer("Bertil Ask")
    _, page = await _page(work, HASSAN, f"/cases/{case}")
    assert "Anna Lind handlar" in page
    assert 'class="case-ways"' not in page
    assert f'href="/cases/{case}/contact"' not in page


async def test_only_what_the_case_allows_is_offered(work: Casework) -> None:
    case = await work.refer("Cecilia Alm")
    await work.do(PauseCase, ANNA, referral_id=case, why="illness", until="2026-04-01")
    _, page = await _page(work, ANNA, f"/cases/{case}")
    assert "Vilar till 1 apr. 2026" in page
    assert f'href="/cases/{case}/contact"' not in page
    assert f'href="/cases/{case}/meetings/book"' not in page
    assert f'href="/cases/{case}/pause"' in page


async def test_who_somebody_is_stays_hidden_while_the_vault_is_away(work: Casework) -> None:
    case = await work.refer("David Lind")
    await work.do(
        RecordContact, ANNA, referral_id=case, way=ContactWay.PHONE, outcome=ContactOutcome.NO_ANSWER
    )
    work.away.add("referral")
    status, page = await _page(work, ANNA, f"/cases/{case}")
    work.away.clear()
    assert status == 200
    assert "David Lind" not in page
    assert "Ingen svarade förra gången" in page
