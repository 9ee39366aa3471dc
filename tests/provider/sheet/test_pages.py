"""A coordinator or a provider sends a spreadsheet, sees what it would change, and then does it."""

from __future__ import annotations

import re
from typing import Any

import httpx

from services.provider.sheet.pages import LARGEST, SHEET
from services.runtime.web import Identity
from sluss_contracts.activity import ActivityAmended, ActivityPublished
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import PublishActivity
from sluss_contracts.schedule import ActivityScheduleSet
from sluss_contracts.vocabulary import Role
from tests.support.answering import HEMGARDEN, KORPEN, House, signed_in
from tests.support.doors import form_of

SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
MAUD = Identity(Actor(id="maud", role=Role.PROVIDER, organisation=KORPEN), "Maud Berg")
HOSTILE = "<script>alert(1)</script>"
LINES = "Aktivitet;Beskrivning;Veckodag;Klockslag;Område;Pris;Platser\r\n"
CHOIR = 'Kören;"Vi sjunger.\r\n\r\nAlla får vara med.";tisdagar;14.00-15.30;hageby;50 kr;20\r\n'


def _form(page: str, action: str) -> dict[str, Any]:
    for form in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL):
        if f'action="{action}"' in form:
            return form_of(form)[1]
    raise AssertionError(f"no form to {action}")


async def send(who: httpx.AsyncClient, content: str | bytes, **said: str) -> httpx.Response:
    fields = _form((await who.get(SHEET)).text, SHEET)
    raw = content.encode() if isinstance(content, str) else content
    chosen = {name: value for name, value in fields.items() if name not in ("file", "provider")}
    return await who.post(SHEET, data=chosen | said, files={"file": ("lista.csv", raw, "text/csv")})


async def confirm(who: httpx.AsyncClient, preview: str) -> httpx.Response:
    fields = _form(preview, f"{SHEET}/confirmed")
    return await who.post(
        f"{SHEET}/confirmed", files={name: (None, value[0]) for name, value in fields.items()}
    )


async def test_what_it_would_change_is_shown_and_then_done_once(house: House) -> None:
    siv = await signed_in(house, SIV)
    shown = await send(siv, LINES + CHOIR, provider=KORPEN)
    assert shown.status_code == 200
    assert "1 nya" in shown.text
    assert "FREQ=WEEKLY;BYDAY=TU" in shown.text, "what is understood of a new one is shown"
    assert await house.desk.said(ActivityPublished) == [], "looking changes nothing"
    done = await confirm(siv, shown.text)
    assert "Klart: 1 aktiviteter" in done.text
    (published,) = await house.desk.said(ActivityPublished)
    assert (published.provider, published.by) == (KORPEN, Role.COORDINATOR)
    assert published.about == "Vi sjunger.\n\nAlla får vara med.", "line breaks come through two forms"
    assert len(await house.desk.said(ActivityScheduleSet)) == 1
    again = await confirm(siv, shown.text)
    assert (again.status_code, "Något har ändrats under tiden" in again.text) == (409, True)
    assert "1 som förut" in again.text
    assert len(await house.desk.said(ActivityPublished)) == 1


async def test_what_changes_is_told_and_what_changes_meanwhile_stops_it(
    house: House,
) -> None:
    siv = await signed_in(house, SIV)
    await confirm(siv, (await send(siv, LINES + CHOIR, provider=KORPEN)).text)
    shown = await send(siv, (LINES + CHOIR).replace(";20", ";25"), provider=KORPEN)
    assert "<del>20</del>" in shown.text
    assert "<ins>25</ins>" in shown.text
    (published,) = await house.desk.said(ActivityPublished)
    said = published.model_dump(exclude={"by", "at", "ask_again"})
    await house.do(PublishActivity, SIV.actor, **said | {"capacity": 22})
    stopped = await confirm(siv, shown.text)
    assert stopped.status_code == 409
    assert "<del>22</del>" in stopped.text
    assert [each.capacity for each in await house.desk.said(ActivityAmended)] == [22]
    await confirm(siv, stopped.text)
    assert [each.capacity for each in await house.desk.said(ActivityAmended)] == [22, 25]


async def test_faults_are_told_in_words_with_their_place_and_nothing_is_done(house: House) -> None:
    siv = await signed_in(house, SIV)
    rows = LINES + CHOIR + f"{HOSTILE};;onsdagar;25.00;hageby;{'9' * 400};9999999\r\n"
    shown = await send(siv, rows, provider=KORPEN)
    assert shown.status_code == 422
    assert "är ingen tid på dygnet" in shown.text
    assert "Kolumn D" in shown.text
    assert "/confirmed" not in shown.text
    assert HOSTILE not in shown.text
    for content, told in (
        (b"", "Välj en fil"),
        (b"\x00\xff" * 50, "första raden säger inte"),
        (b"x" * (LARGEST + 1), "för stor"),
        ((LINES + CHOIR).encode("utf-16"), "1 nya"),
        ((LINES + CHOIR).encode("cp1252"), "1 nya"),
    ):
        said = (await send(siv, content, provider=KORPEN)).text
        assert told in said or ("är tom" in said and not content), told
    assert "Ingen registrerad heter så" in (await send(siv, LINES + CHOIR, provider="nobody")).text
    assert await house.desk.said(ActivityPublished) == []


async def test_a_provider_publishes_its_own_whatever_the_form_says(house: House) -> None:
    maud = await signed_in(house, MAUD)
    page = (await maud.get(SHEET)).text
    assert 'name="provider"' not in page
    shown = await send(maud, LINES + CHOIR, provider=HEMGARDEN)
    await confirm(maud, shown.text.replace(KORPEN, HEMGARDEN))
    assert {each.provider for each in await house.desk.said(ActivityPublished)} <= {KORPEN}
    template = await maud.get(f"{SHEET}/aktiviteter.csv")
    assert template.content.startswith(b"\xef\xbb\xbfAktivitet;")


async def test_a_form_from_elsewhere_is_not_taken(house: House) -> None:
    siv = await signed_in(house, SIV)
    raw = (LINES + CHOIR).encode()
    refused = await siv.post(SHEET, data={"provider": KORPEN}, files={"file": ("a.csv", raw, "text/csv")})
    assert refused.status_code == 403
    said = {"content": (None, LINES + CHOIR), "provider": (None, KORPEN), "shown": (None, "x")}
    assert (await siv.post(f"{SHEET}/confirmed", files=said)).status_code == 403
