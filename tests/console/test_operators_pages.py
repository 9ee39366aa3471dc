"""Health, streams, loops and dead letters in a browser without script: what they show, what a form does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from services.console.audit import latest
from services.console.loops.folding import fold
from services.console.web.site import console_web
from services.runtime.engine.ids import uuid7
from sluss_contracts.command import Answer, Refused
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of, tending_subject
from tests.support.console import SECRET, Record, browsing, sign_in, token_in
from tests.support.servers import BrokerAccess

ACCEPTED = "sluss.referral.accepted.v1"
LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)


@pytest_asyncio.fixture
async def browser(record: Record) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(record) as client:
        yield client


async def bury(record: Record, **change: Any) -> int:
    event = example_of(ACCEPTED)
    event["data"] |= change
    number: int = await record.admin.fetchval(
        """insert into navigator.dead_letter (event_id, key, subject, body, code, reason)
           values ($1, 'r-1', $2, $3, 'unreadable', 'it broke') returning number""",
        *(uuid7(), f"sluss.evt.{slot_of('r-1')}.referral.accepted.v1.r-1", orjson.dumps(event)),
    )
    return number


async def propose(record: Record, letter: int, *, by: str, event: bytes | None = None) -> str:
    """Somebody has proposed to replay it, as it came or with another event in its place; the page's path."""
    number = await record.admin.fetchval(
        """insert into navigator.proposal (letters, event_id, body, proposed_by, reason)
           values ($1, $2, $3, $4, 'the date was wrong') returning number""",
        *([letter], uuid7() if event else None, event, by),
    )
    return f"/console/deadletters/navigator/proposals/{number}"


async def test_health_names_what_is_wrong_with_the_next_command(
    record: Record, browser: httpx.AsyncClient
) -> None:
    await record.admin.execute("truncate navigator.member")
    assert "All is well." in (await browser.get("/console/health")).text
    await bury(record)
    await record.admin.execute(
        "insert into navigator.member (id, seen) values ($1, now() - interval '1 minute')", uuid7()
    )
    for path in ("/console/health", "/console/health/now"):
        page = (await browser.get(path)).text
        assert "no process of navigator has given a sign for 1 min" in page
        assert "docker compose run --rm operator deadletters list" in page  # on containers: nobody said else
        assert "docker compose logs --tail 20 navigator" in page
        assert '<a href="/console/deadletters">Look here</a>' in page
        assert '<a href="/console/handbook/incidents/consumer-stalled">A service stands still</a>' in page
    await record.admin.execute("truncate navigator.member")
    async with browsing(record, language="sv") as swedish:
        assert "döda brev: unreadable (1)" in (await swedish.get("/console/health")).text


async def test_streams_are_shown_even_without_a_broker(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/console/streams")).text
    assert "The broker does not answer" in page
    assert page.count('<th scope="row">') == 16


async def test_loops_name_who_waits_for_what(record: Record, browser: httpx.AsyncClient) -> None:
    await record.admin.execute("truncate console.loop, console.pace")
    await record.admin.execute("update console.loops_followed set position = 0")
    assert "Nothing is overdue." in (await browser.get("/console/loops")).text
    due = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    await record.say(
        "feedback.due", recorded=LONG_AGO, due=due, referral_id="r-1", organisation="vc-strommen"
    )
    await record.gather()
    async with record.pool.acquire() as connection:
        await fold(connection)
    page = (await browser.get("/console/loops")).text
    assert "feedback to referrers: vc-strommen" in page
    assert "overdue for 2 d" in page
    assert "Nothing is overdue." in (await browser.get("/console/loops?kind=offer")).text


async def test_a_dead_letter_is_masked_until_somebody_says_why(
    record: Record, browser: httpx.AsyncClient
) -> None:
    number = await bury(record, needs="a secret")
    assert "unreadable" in (await browser.get("/console/deadletters")).text
    listed = await browser.get(f"/console/deadletters/navigator?code=unreadable&type={ACCEPTED}")
    assert "Propose to replay all of these" in listed.text
    page = (await browser.get(f"/console/deadletters/navigator/{number}")).text
    assert "/needs" in page
    assert "a secret" not in page
    assert (await browser.get("/console/deadletters/navigator/999999")).status_code == 404
    assert (await browser.get("/console/deadletters/vault/1")).status_code == 404
    # Nobody answers without a broker, and that is said; what was written is not lost.
    form = {**token_in(page), "act": "try_data", "reason": "a dry run", "data": '{"needs": []}'}
    silent = await browser.post(f"/console/deadletters/navigator/{number}", data=form)
    assert silent.status_code == 400
    assert "does not answer just now" in silent.text
    assert "{&#34;needs&#34;: []}" in silent.text
    nonsense = await browser.post(f"/console/deadletters/navigator/{number}", data=form | {"data": "{"})
    assert "no JSON object" in nonsense.text


async def test_what_an_operator_asks_reaches_the_service_and_its_answer_the_page(
    record: Record, broker: BrokerAccess
) -> None:
    """The service's side is tested in tests/runtime/test_tending.py; here somebody answers for it."""
    number = await bury(record)
    chosen = {"code": "unreadable", "type": ACCEPTED, "because": "it broke"}
    proposal = await propose(record, number, by="demo-operator")
    client, heard = await broker.connect(), []
    answers = {
        "try": Answer(result={"would": "die", "code": "unreadable", "reason": "it broke"}),
        "try_all": Answer(result={"would": {"die": 3}, "tried": [number], "untried": []}),
        "unmask": Answer(refused=Refused(code="not_written_down", message="no")),
        "approve": Answer(refused=Refused(code="needs_another", message="no")),
        "replay": Answer(result={"proposal": 7, "letters": [number], "left": []}),
    }

    async def answer(message: Msg) -> None:
        errand = orjson.loads(message.data)
        heard.append(errand)
        await message.respond(answers[errand["errand"]].model_dump_json().encode())

    await client.subscribe(tending_subject("navigator"), cb=answer)
    app = console_web(record.pool, record.engine, secret=SECRET, demo=True, client=client)
    transport = httpx.ASGITransport(app)
    english = {"accept-language": "en"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sluss.test", headers=english
    ) as browser:
        await sign_in(browser, "demo-operator")
        place = f"/console/deadletters/navigator/{number}"
        form = {**token_in((await browser.get(place)).text), "reason": "it is mended"}

        assert "refused again" in (await browser.post(place, data=form | {"act": "try"})).text
        look = form | {"place": "needs", "purpose": "incident"}
        for given, said in (
            ({"note": "why"}, "Choose what for"),
            ({"note": "it is mended"}, "The vault did not write it"),
        ):
            unseen = await browser.post(f"{place}/unmask", data=look | given)
            assert (unseen.status_code, said in unseen.text) == (422, True)
        made = await browser.post(place, data=form | {"act": "replay"})
        assert made.headers["location"] == "/console/deadletters/navigator/proposals/7"
        decided = await browser.post(proposal, data=form | {"act": "approve"})
        assert "Somebody else than who proposed it" in decided.text
        every = "/console/deadletters/navigator/many"
        tried = await browser.post(every, data=form | {"act": "try_all", "code": "unreadable"})
        assert re.search(r"<strong>3</strong> would be refused again", tried.text)
        [cause] = re.findall(
            r'href="(/console/deadletters/navigator\?[^"]+)"',
            (await browser.get("/console/deadletters")).text,
        )
        of_it = (await browser.get(unescape(cause) + "&before=2199-01-01T00:00")).text
        hidden = dict(
            re.findall(r'<input type="hidden" name="(code|type|because|before)" value="([^"]+)">', of_it)
        )
        assert hidden == chosen | {"before": "2199-01-01T00:00:00"}
        assert "There are none." in (await browser.get(unescape(cause) + "&before=2020-01-01")).text
        many = await browser.post(every, data=form | {"act": "replay"} | hidden)
        assert many.headers["location"] == "/console/deadletters?done=replay&count=1"
    kinds = [each["errand"] for each in heard]
    assert kinds == ["try", "unmask", "replay", "approve", "try_all", "replay"]
    assert {each["actor"]["role"] for each in heard} == {"operator"}
    assert {each["reason"] for each in heard} == {"it is mended"}
    asked = heard[-1]["which"]
    assert {name: asked[name] for name in chosen} == chosen
    assert asked["before"] == "2199-01-01T00:00:00+01:00"


async def test_a_second_person_sees_what_would_change_and_nothing_masked(
    record: Record, browser: httpx.AsyncClient
) -> None:
    number = await bury(record, needs=["a secret"], organisation="vc-strommen")
    event = example_of(ACCEPTED)
    event["data"] |= {"needs": ["another secret"], "organisation": "vc-lund"}
    path = await propose(record, number, by="ada", event=orjson.dumps(event))
    listed = (await browser.get("/console/deadletters")).text
    assert path in listed
    assert (
        "What ada proposed waits for a second person"
        in (await browser.get(f"/console/deadletters/navigator/{number}")).text
    )
    page = (await browser.get(path)).text
    assert "secret" not in page
    changed = re.search(r"<tbody>.*</tbody>", page, re.DOTALL)
    assert changed is not None
    for told in ("needs", "masked", "vc-strommen", "vc-lund"):
        assert told in changed[0]
    assert "Approve: to the handlers" in page
    own = (await browser.get(await propose(record, number, by="demo-operator"))).text
    assert "Approve: to the handlers" not in own
    assert "somebody else must approve" in own
    assert (await browser.get("/console/deadletters/navigator/proposals/999999")).status_code == 404


async def test_the_audit_log_is_one_list_wherever_a_thing_was_done(
    record: Record, browser: httpx.AsyncClient
) -> None:
    await record.admin.execute("truncate console.audit")
    for service in ("navigator", "notify", "referral", "provider"):
        await record.admin.execute(f"truncate {service}.operator_action")
    await record.admin.execute(
        "insert into console.audit (at, actor, what, about, purpose, note) "
        "values (now() - interval '2 min', 'ada', 'unmasked', 'ref-1', 'incident', 'the offer came back')"
    )
    done = [("navigator", "ada", "approve", [7], "agreed"), ("notify", "bo", "dismiss", [1, 2], "old")]
    done += [("navigator", "siv", "navigator.allow_sign_in", [], "")]
    for minutes, (service, *what) in zip((3, 1, 0), done, strict=True):
        await record.admin.execute(
            f"insert into {service}.operator_action (errand_id, at, actor, action, letters, reason, outcome) "
            "values ($1, now() - make_interval(mins => $2), $3, $4, $5, $6, '{}')",
            *(uuid7(), minutes, *what),
        )
    page = (await browser.get("/console/audit")).text
    order = ["navigator.allow_sign_in", "notify 1", "the offer came back", "navigator 7"]
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    assert "/console/deadletters/notify/2" in page
    ada = (await browser.get("/console/audit?actor=ada")).text
    assert ("agreed" in ada, "the offer came back" in ada, "notify 1" in ada) == (True, True, False)
    first, *_ = await latest(record.engine, most=1)
    rest = await latest(record.engine, before=first.mark)
    assert [each.what for each in rest] == ["dismiss", "unmasked", "approve"]
    assert (await browser.get("/console/audit?before=nonsense")).status_code == 200


@pytest.mark.parametrize("path", ["/console/audit", "/console/streams", "/console/loops"])
async def test_they_are_there_in_swedish_too(record: Record, path: str) -> None:
    async with browsing(record, language="sv") as swedish:
        page = await swedish.get(path)
    assert page.status_code == 200
    assert '<html lang="sv"' in page.text
