"""A person opens the link in the letter, answers, looks it over, and sends it once."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.runtime.web.guessing import GUESSES
from sluss.machine.postgres import Postgres
from sluss.people.browsing import Browser
from sluss.people.letterbox import Letterbox
from sluss_contracts.commands.notify import RecordEvaluation
from sluss_contracts.evaluation import EvaluationAnswered, EvaluationDue, EvaluationLapsed
from sluss_contracts.instruments import pack_of
from sluss_contracts.message import MessageQueued
from sluss_contracts.pathway import Pathway
from sluss_contracts.person import PersonErased
from sluss_contracts.vocabulary import ConsentPurpose, MessageTemplate
from tests.notify import story
from tests.notify.story import DAY
from tests.notify.test_evaluations import KARIN, LONELY, ask
from tests.support.answering import browsing
from tests.support.forms import fields_of
from tests.support.questions import Asking, asking, worded

EVALUATION = story.PATHWAY.evaluation
LONELY_FIELD = "item-ons-direct-lonely"
XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
USED, EXPIRED = "Frågorna är besvarade", "Svarstiden är slut"
WITHDRAWN, UNKNOWN = "De här frågorna ställs inte längre", "Länken leder ingenstans"


def only(*instruments: str) -> Pathway:
    assert EVALUATION
    return story.changed(evaluation=EVALUATION.model_copy(update={"instruments": instruments}))


@pytest_asyncio.fixture
async def here(postgres_server: Postgres, tmp_path: Path) -> AsyncIterator[Asking]:
    async with asking(postgres_server, tmp_path / "post") as at_work:
        yield at_work


@pytest_asyncio.fixture
async def alva(here: Asking) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a telephone and a link."""
    async with browsing(here.app, headers={"accept-language": "sv"}) as client:
        yield client


async def choose(client: httpx.AsyncClient, link: str, **said: str) -> httpx.Response:
    """Open the link, choose, go on."""
    shown = await client.get(link)
    assert shown.status_code == 200, shown.text
    return await client.post(link, data=fields_of(shown.text, link) | said)


async def press(client: httpx.AsyncClient, link: str, page: httpx.Response, step: str) -> httpx.Response:
    """Press one of the buttons below what was chosen."""
    return await client.post(link, data=fields_of(page.text, link) | {"step": step})


async def test_the_letters_link_leads_to_the_questions_and_the_answers_are_scored(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    """The instrument without wording is left to whoever has the form: a key means nothing at home."""
    link = await here.link("alva")
    shown = (await alva.get(link)).text
    assert "Hur ofta känner du dig ensam?" in shown
    assert "lack companionship" not in shown
    for why in ("alva", "ensamhet, ", "UCLA", "vårdcentral", "remi", "karin"):
        assert why.lower() not in shown.lower().replace("länk", ""), why
    checked = await choose(alva, link, **{LONELY_FIELD: "3"})
    assert checked.status_code == 200
    assert "Någon enstaka gång" in checked.text
    assert here.doors.asked == []
    again = fields_of(checked.text, f"{link}?speak=en")
    assert "step" not in again, "changing the language sends nothing"
    english = await alva.post(f"{link}?speak=en", data=again)
    assert "Check before you send" in english.text
    assert "Occasionally" in english.text, "what was chosen stands"
    changed = await press(alva, link, english, "change")
    assert "A few short questions" in changed.text, "the language lasts"
    back = fields_of(changed.text, link) | {"step": "change"}
    changed = await alva.post(f"{link}?speak=sv", data=back)
    assert "Några korta frågor" in changed.text
    assert here.doors.asked == []
    assert 'value="3" id' in changed.text or 'value="3" checked' in changed.text
    checked = await alva.post(link, data=fields_of(changed.text, link) | {LONELY_FIELD: "2"})
    sent = await press(alva, link, checked, "send")
    assert (sent.status_code, sent.headers["location"]) == (303, "/svara/thanks")
    assert "Tack för att du svarade" in (await alva.get("/svara/thanks")).text
    (answered,) = await here.desk.said(EvaluationAnswered)
    assert (answered.how, answered.answers, answered.scores) == ("link", {"lonely": 2}, {"lonely": 2.0})
    (due,) = await here.desk.said(EvaluationDue)
    three = LONELY.model_copy(
        update={"instrument": "ucla-3", "answers": dict.fromkeys(pack_of("ucla-3").by_item, 1)}
    )
    which = {"referral_id": "alva", "evaluation_id": due.evaluation_id, "how": "phone", "answers": (three,)}
    assert (await ask(here.desk, RecordEvaluation, KARIN, **which)).ok, "the rest by phone"


async def test_looking_uses_nothing_up_by_whatever_method(here: Asking, alva: httpx.AsyncClient) -> None:
    link = await here.link("alva")
    before = await here.events()
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        for query in ("", "?step=send", f"?{LONELY_FIELD}=1&step=send"):
            await alva.request(method, link + query)
    head = await alva.head(link)
    assert (head.status_code, head.text) == (200, "")
    assert await here.events() == before
    assert here.doors.asked == []
    assert not await here.desk.pool.fetchval("select used from evaluation_link")


async def test_what_is_not_chosen_is_told_at_once_and_what_is_left_out_may_be(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    await here.desk.hear(worded("ucla-3"))
    link = await here.link("alva", pathway=only("ons4", "ucla-3"))
    fields = [f"item-ons4-{item}" for item in pack_of("ons4").by_item]
    ours = [f"item-ucla-3-{item}" for item in pack_of("ucla-3").by_item]
    wrong = await choose(alva, link, **{fields[0]: "7", ours[0]: "4", ours[1]: "2"})
    assert wrong.status_code == 422
    missing = {*fields[1:], ours[0], ours[2]}
    for field in missing:
        assert f'<a href="#{field}">' in wrong.text
        assert f'id="{field}"' in wrong.text
        assert f'id="{field}-fault"' in wrong.text
    assert wrong.text.count("Välj ett svar, eller att du inte vill svara.") == 2 * len(missing)
    assert "<title>Att rätta: " in wrong.text
    assert fields_of(wrong.text, link)[fields[0]] == "7"
    nothing = await choose(alva, link, **dict.fromkeys((*fields, *ours), "none"))
    assert (nothing.status_code, "Allt är överhoppat" in nothing.text) == (422, True)
    # Too much is left out of the three for a sum, and all of the four: those may be asked otherwise.
    left_out = {**dict.fromkeys((*fields, *ours), "none"), ours[0]: "2"}
    checked = await choose(alva, link, **left_out)
    assert "kan en del av det inte räknas" in checked.text
    assert (await press(alva, link, checked, "send")).status_code == 303
    (answered,) = await here.desk.said(EvaluationAnswered)
    assert (answered.instrument, answered.scores) == ("ucla-3", {"total": None})


async def test_a_form_sent_twice_is_one_answer_and_a_second_page_is_told_it_is_done(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    link = await here.link("alva")
    checked = await choose(alva, link, **{LONELY_FIELD: "1"})
    other = await choose(alva, link, **{LONELY_FIELD: "5"})
    assert (await press(alva, link, checked, "send")).status_code == 303
    after = await here.events()
    again = await press(alva, link, checked, "send")
    assert (again.status_code, again.headers.get("location")) == (303, "/svara/thanks")
    late = await press(alva, link, other, "send")
    assert (late.status_code, USED in late.text) == (410, True)
    for step in ("", "change"):
        assert (await press(alva, link, other, step)).status_code == 410
    assert (await alva.get(link)).status_code == 410
    assert await here.events() == after
    (answered,) = await here.desk.said(EvaluationAnswered)
    assert answered.answers == {"lonely": 1}


async def test_a_link_that_is_over_says_so_and_not_whose_it_was(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    used = await here.link("alva")
    await press(alva, used, await choose(alva, used, **{LONELY_FIELD: "1"}), "send")
    for who in ("bo", "disa", "elsa"):
        await here.desk.hear(
            story.on(story.accepted(who)), story.on(story.assigned(who)), story.on(story.plan(who=who))
        )
    await here.desk.wait(180 * DAY)
    withdrawn = await here.link()  # the newest letter
    tokens = await here.desk.pool.fetch(
        "select referral_id from evaluation_link join evaluation using (evaluation_id) where not used"
    )
    assert len(tokens) == 3
    links = set(await links_of(here)) - {used}
    await here.desk.hear(story.withdrawn(ConsentPurpose.REFERRAL, who="bo"))
    await here.desk.hear(PersonErased(person="p-disa", why="asked_by_person"))
    await here.desk.settle()
    said = {UNKNOWN: 0, WITHDRAWN: 0, "Några korta frågor": 0}
    for link in links:
        page = (await alva.get(link)).text
        for heading in said:
            said[heading] += f"<h1>{heading}</h1>" in page
    assert said == {UNKNOWN: 1, WITHDRAWN: 1, "Några korta frågor": 1}, "erased, withdrawn, still asked"
    assert withdrawn in links
    (lapses,) = await here.desk.pool.fetch("select max(lapses) as at from evaluation where status = 'due'")
    open_ = [link for link in links if (await alva.get(link)).status_code == 200]
    form = await choose(alva, open_[0], **{LONELY_FIELD: "1"})
    await here.desk.wait(lapses["at"] - here.desk.clock.now())
    assert await here.desk.said(EvaluationLapsed)
    for answer in (await alva.get(open_[0]), await press(alva, open_[0], form, "send")):
        assert (answer.status_code, EXPIRED in answer.text) == (410, True)
        for name in ("elsa", "disa", "karin", "slow-lane", "ons-direct"):
            assert name not in answer.text.lower()


async def links_of(here: Asking) -> list[str]:
    return [path for text in here.post.letters for path in re.findall(r"svar\.example(/svara/\S+)", text)]


async def test_the_pages_may_be_kept_found_or_passed_on_by_nobody(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    link = await here.link("alva")
    checked = await choose(alva, link, **{LONELY_FIELD: "1"})
    pages = [checked]
    for path in (link, "/svara/made-up", "/svara/" + "A" * 32, "/svara/thanks", "/svara/leave"):
        pages.append(await alva.get(path))
    for page in pages:
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "strict-origin"
        assert page.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        if page.status_code != 303:
            assert '<meta name="robots" content="noindex, nofollow">' in page.text
            assert 'href="/svara/leave" data-leave' in page.text
            assert "/login" not in page.text
    assert pages[-1].headers["location"] == "/aktiviteter"
    assert set(alva.cookies) <= {"sluss_visitor", "__Host-sluss_visitor"}, "what forms need, and nothing else"


async def test_a_form_from_another_site_or_without_its_token_is_not_taken(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    link = await here.link("alva")
    sent = fields_of((await choose(alva, link, **{LONELY_FIELD: "1"})).text, link) | {"step": "send"}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert (await alva.post(link, data=sent, headers=headers)).status_code == 403
    assert (await alva.post(link, data={**sent, "form_token": ""})).status_code == 403
    assert here.doors.asked == []


async def test_whoever_guesses_is_told_to_wait_and_a_good_link_still_opens(
    here: Asking, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    link = await here.link("alva")
    made_up = link[:-4] + "AAAA"
    async with browsing(here.app) as guesser:
        answers = [await guesser.get(made_up) for _ in range(GUESSES + 2)]
        assert [each.status_code for each in answers] == [404] * GUESSES + [429] * 2
        assert answers[-1].headers["retry-after"]
        assert answers[-1].text == answers[0].text
        assert (await guesser.get(link)).status_code == 200
    async with browsing(here.app, address="192.0.2.8") as other:
        assert (await other.get(made_up)).status_code == 404
    printed = caplog.text + "".join(capfd.readouterr())
    assert "evaluation_links_guessed" in printed
    assert made_up.rsplit("/", 1)[1] not in printed
    assert "192.0.2.7" not in printed


async def test_a_token_is_in_no_log_and_what_was_chosen_is_not_lost_when_something_breaks(
    here: Asking,
    alva: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, "services")
    link = await here.link("alva")
    checked = await choose(alva, link, **{LONELY_FIELD: "4"})
    here.doors.away = True
    later = await press(alva, link, checked, "send")
    assert (later.status_code, "Inget är förlorat" in later.text) == (503, True)
    here.doors.away = False
    assert (await press(alva, link, later, "send")).status_code == 303
    await alva.get(link)
    assert link.rsplit("/", 1)[1] not in caplog.text + "".join(capfd.readouterr())


async def test_hostile_text_is_text_wherever_it_comes_from(here: Asking, alva: httpx.AsyncClient) -> None:
    await here.desk.hear(worded("ucla-3", text=XSS))
    link = await here.link("alva")
    ours = {f"item-ucla-3-{item}": "1" for item in pack_of("ucla-3").by_item}
    pages = [
        await alva.get(link),
        await choose(alva, link, **{LONELY_FIELD: XSS, "version-ons-direct": "1"}),
        await choose(alva, link, **{LONELY_FIELD: "1", "version-ons-direct": XSS}),
        await choose(alva, link, **{LONELY_FIELD: "1", "step": XSS, XSS: XSS}, **ours),
        await alva.get(f"/svara/{XSS}"),
    ]
    assert [page.status_code for page in pages] == [200, 422, 409, 200, 404]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


async def test_questions_that_have_words_nowhere_are_left_to_whoever_has_the_form(
    here: Asking, alva: httpx.AsyncClient
) -> None:
    link = await here.link("alva", pathway=only("ucla-3"))
    for page in (await alva.get(link), await alva.get(link)):
        assert (page.status_code, "ställs på ett annat sätt" in page.text) == (200, True)
        assert "<form" not in page.text.split("<main", 1)[1]
    assert timedelta(0) < await here.desk.pool.fetchval("select expires from evaluation_link") - (
        here.desk.clock.now()
    )


async def test_a_simulated_person_opens_their_letter_and_answers_as_people_do(here: Asking) -> None:
    await here.due("alva")
    await here.link()
    (queued,) = [
        fact for fact in await here.desk.said(MessageQueued) if fact.template is MessageTemplate.EVALUATION
    ]
    letterbox = Letterbox(here.post.folder, Browser(httpx.ASGITransport(here.app)))
    assert not await letterbox.answer("no-such-letter", {LONELY_FIELD: "2"})
    assert not await letterbox.answer(queued.message_id, {}), "the questions are asked again"
    assert await letterbox.answer(queued.message_id, {LONELY_FIELD: "2"})
    assert not await letterbox.answer(queued.message_id, {LONELY_FIELD: "2"}), "it is answered"
    assert [each.answers for each in await here.desk.said(EvaluationAnswered)] == [{"lonely": 2}]
