"""When something is wrong, people get a plain page that says what to do, and never how we are built."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from services.runtime.web import Pages, build_web
from services.runtime.web.assets import Assets
from services.runtime.web.visitors import SESSION_COOKIE
from tests.runtime.web.conftest import OWN, form_token
from tests.support.pages import SECRET, Database


@pytest.mark.parametrize(
    "path", ["/no-such-page", "/numbers/seven", "/static/..%2fsite.py", "/%00", "/numbers/9e9"]
)
async def test_what_is_not_there_gets_a_plain_404(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "Här finns ingenting" in answer.text


async def test_a_known_address_used_wrongly_gets_a_plain_405(browser: httpx.AsyncClient) -> None:
    answer = await browser.put("/login")
    assert answer.status_code == 405
    assert "Det går inte att göra här" in answer.text


async def test_a_form_with_a_field_missing_gets_a_plain_400(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/wishes", data={"form_token": await form_token(browser)})
    assert answer.status_code == 400
    assert "Det gick inte att förstå" in answer.text


async def test_what_breaks_shows_a_number_and_no_traceback(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/broken", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "Number:" in answer.text
    for inside in ("a secret", "Traceback", "RuntimeError", ".py"):
        assert inside not in answer.text


async def test_a_database_that_is_away_gets_a_page_and_not_a_crash(
    web_database: Database, own_pages: Pages
) -> None:
    class Away:
        async def fetchrow(self, *_: object) -> None:
            raise ConnectionRefusedError

    app: FastAPI = build_web("navigator", pool=Away(), secret=SECRET, pages=[own_pages])
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=OWN, cookies={SESSION_COOKIE: "from-before"}
    )
    answer = await client.get("/name")
    assert answer.status_code == 500
    assert "Något gick sönder hos oss" in answer.text


async def test_outside_a_demonstration_there_is_no_demo_door(
    web_database: Database, own_pages: Pages
) -> None:
    app = build_web("navigator", pool=web_database.pool, secret=SECRET, pages=[own_pages])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        page = (await client.get("/login")).text
        assert "Demonstration" not in page
        assert "/login/demo" not in page
        data = {"person": "link_worker/anna-lind", "form_token": await form_token(client)}
        assert (await client.post("/login/demo", data=data)).status_code == 404


async def test_files_have_names_of_their_content_and_may_be_kept(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    assets: Assets = app.state.site.assets
    answer = await browser.get(assets.url("sluss.css"))
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert ":root" in answer.text
    plain = await browser.get(assets.url("sluss.css"), headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    assert (await browser.get("/static/sluss.0000000000.css")).status_code == 404
