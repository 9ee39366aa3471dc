"""What somebody has begun to write is there again, whoever's session ended meanwhile, and nobody else's."""

from __future__ import annotations

from tests.support.casework import ANNA, SIV, Casework
from tests.support.forms import fields_of

WORDS = "Hon går på kören varje torsdag nu."


async def test_a_draft_is_kept_and_put_back_into_the_form_until_it_is_sent(work: Casework) -> None:
    case = await work.refer("Vilhelmina Berg")
    at = f"/cases/{case}/close"
    async with work.browser_of(ANNA) as anna:
        sent = fields_of((await anna.get(at)).text, at) | {"feedback": WORDS, "outcome": "moved"}
        answer = await anna.post("/drafts", data=sent)
        assert answer.headers["location"] == at
        page = await anna.get(at)
        kept = fields_of(page.text, at)
        assert (kept["feedback"], kept["outcome"]) == (WORDS, "moved")
        assert "Du började skriva det här" in page.text
        assert (await anna.post(at, data=kept)).status_code == 303
        assert WORDS not in (await anna.get(at)).text


async def test_a_script_is_told_when_it_was_kept(work: Casework) -> None:
    at = f"/cases/{await work.refer('Astrid Ek')}/close"
    async with work.browser_of(ANNA) as anna:
        sent = fields_of((await anna.get(at)).text, at) | {"feedback": WORDS}
        answer = await anna.post("/drafts", data=sent, headers={"accept": "application/json"})
        assert answer.json()["said"].startswith("Utkast sparat")


async def test_what_was_sent_when_the_session_had_ended_is_there_after_signing_in_again(
    work: Casework,
) -> None:
    at = f"/cases/{await work.refer('Bertil Ask')}/close"
    async with work.browser_of(ANNA) as anna:
        sent = fields_of((await anna.get(at)).text, at) | {"feedback": WORDS}
        await work.app.state.site.sessions.revoke(ANNA.actor)
        answer = await anna.post(at, data=sent)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/login?next={at.replace('/', '%2F')}"
    async with work.browser_of(ANNA) as again:
        assert fields_of((await again.get(at)).text, at)["feedback"] == WORDS
    async with work.browser_of(SIV) as siv:
        assert WORDS not in (await siv.get(at)).text


async def test_nobody_keeps_anything_for_somebody_they_are_not(work: Casework) -> None:
    at = f"/cases/{await work.refer('Cecilia Alm')}/close"
    forged = work.app.state.site.drafts.owner(ANNA.actor)[:-2] + "00"
    async with work.browser_of(None) as nobody:
        sent = {"feedback": WORDS, "draft_owner": forged, "draft_place": at}
        assert (await nobody.post(at, data=sent)).headers["location"] == "/login"
    assert await work.app.state.site.drafts.find(ANNA.actor, at) is None


async def test_a_draft_can_be_thrown_away(work: Casework) -> None:
    at = f"/cases/{await work.refer('David Lind')}/close"
    async with work.browser_of(ANNA) as anna:
        sent = fields_of((await anna.get(at)).text, at) | {"feedback": WORDS}
        await anna.post("/drafts", data=sent)
        page = (await anna.get(at)).text
        await anna.post("/drafts/forget", data=fields_of(page, "/drafts/forget"))
        assert WORDS not in (await anna.get(at)).text


async def test_whoever_reads_the_table_reads_neither_words_nor_whose(work: Casework) -> None:
    at = f"/cases/{await work.refer('Elsa Hägg')}/close"
    async with work.browser_of(ANNA) as anna:
        sent = fields_of((await anna.get(at)).text, at) | {"feedback": WORDS}
        await anna.post("/drafts", data=sent)
    rows = await work.at["navigator"].pool.fetch("select place, sealed from web.draft")
    assert rows
    for row in rows:
        for part in (WORDS.encode(), ANNA.actor.id.encode(), at.encode()):
            assert part not in row["place"] + row["sealed"]
    assert await work.app.state.site.drafts.find(ANNA.actor, at)
    assert await work.app.state.site.drafts.find(SIV.actor, at) is None
