"""Health, streams, loops and dead letters in a browser without script: what they show, what a form does."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from services.console.loops.folding import fold
from services.console.web.site import console_web
from services.runtime.engine.ids import uuid7
from sluss_contracts.command import Answer, Refused
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of, tending_subject
from tests.support.console import SECRET, Record, browsing
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


def token_in(page: str) -> dict[str, str]:
    """The hidden fields that a form sends."""
    return dict(re.findall(r'<input type="hidden" name="(form_token|errand)" value="([^"]+)">', page))


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
        assert "sluss deadletters list" in page
        assert "docs/operators/incidents/consumer-stalled.md" in page
    await record.admin.execute("truncate navigator.member")
    async with browsing(record, language="sv") as swedish:
        assert "1 döda brev: unreadable (1)" in (await swedish.get("/console/health")).text


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
    assert "Replay all of these" in listed.text
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
    client, heard = await broker.connect(), []
    answers = {
        "try": Answer(result={"would": "die", "code": "unreadable", "reason": "it broke"}),
        "unmask": Answer(result={"body": base64.b64encode(b'{"data": {"needs": "x"}}').decode()}),
        "approve": Answer(refused=Refused(code="needs_another", message="no")),
        "replay": Answer(result={"done": [number], "left": []}),
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
        login = (await browser.get("/login")).text
        token = login.split('name="form_token" value="')[1].split('"')[0]
        await browser.post("/login/demo", data={"person": "operator/demo-operator", "form_token": token})
        place = f"/console/deadletters/navigator/{number}"
        form = {**token_in((await browser.get(place)).text), "reason": "it is mended"}

        assert "refused again" in (await browser.post(place, data=form | {"act": "try"})).text
        seen = (await browser.post(place, data=form | {"act": "unmask"})).text
        assert "&#34;needs&#34;: &#34;x&#34;" in seen
        decided = await browser.post(f"{place}/correction", data=form | {"act": "approve", "correction": "3"})
        assert "Somebody else than who proposed it" in decided.text
        done = await browser.post(place, data=form | {"act": "replay"})
        assert done.headers["location"] == "/console/deadletters?done=replay&count=1"
        many = await browser.post(
            "/console/deadletters/navigator/many", data=form | {"act": "replay", "code": "unreadable"}
        )
        assert many.status_code == 303
    assert [each["errand"] for each in heard] == ["try", "unmask", "approve", "replay", "replay"]
    assert {each["actor"]["role"] for each in heard} == {"operator"}
    assert {each["reason"] for each in heard} == {"it is mended"}
    assert heard[-1]["which"]["code"] == "unreadable"


@pytest.mark.parametrize("path", ["/console/deadletters/audit", "/console/streams", "/console/loops"])
async def test_they_are_there_in_swedish_too(record: Record, path: str) -> None:
    async with browsing(record, language="sv") as swedish:
        page = await swedish.get(path)
    assert page.status_code == 200
    assert '<html lang="sv"' in page.text
