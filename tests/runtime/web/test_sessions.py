"""Sessions end when they should, and a stolen or old token is worth nothing."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from services.runtime.web.sessions import IDLE, LIFETIME, Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from tests.runtime.web.conftest import ANNA, OWN, SIV, sign_in
from tests.support.pages import Database


async def _age(database: Database, column: str, by: object) -> None:
    """Let a session look older than it is."""
    await database.pool.execute(f"update web.session set {column} = {column} - $1::interval", by)


async def test_a_session_tells_who_signed_in(sessions: Sessions) -> None:
    assert await sessions.find(await sessions.open(ANNA)) == ANNA


async def test_an_invented_token_is_nobodys(sessions: Sessions) -> None:
    assert await sessions.find("invented") is None


async def test_the_database_does_not_hold_what_the_browser_holds(
    sessions: Sessions, web_database: Database
) -> None:
    token = await sessions.open(ANNA)
    rows = await web_database.pool.fetch("select session::text as whole from web.session")
    assert rows
    assert not any(token in row["whole"] for row in rows)


async def test_a_session_ends_when_idle(sessions: Sessions, web_database: Database) -> None:
    token = await sessions.open(ANNA)
    await _age(web_database, "seen", IDLE)
    assert await sessions.find(token) is None


async def test_looking_at_pages_keeps_a_session_alive(sessions: Sessions, web_database: Database) -> None:
    token = await sessions.open(ANNA)
    for _ in range(3):
        await _age(web_database, "seen", IDLE * 0.6)
        assert await sessions.find(token) == ANNA


async def test_an_open_stream_alone_does_not_keep_a_session_alive(
    sessions: Sessions, web_database: Database
) -> None:
    token = await sessions.open(ANNA)
    await _age(web_database, "seen", IDLE * 0.6)
    assert await sessions.find(token, touch=False) == ANNA
    await _age(web_database, "seen", IDLE * 0.6)
    assert await sessions.find(token, touch=False) is None


async def test_a_session_ends_after_its_lifetime_however_busy(
    sessions: Sessions, web_database: Database
) -> None:
    token = await sessions.open(ANNA)
    await _age(web_database, "opened", LIFETIME)
    assert await sessions.find(token) is None


async def test_signing_in_anew_ends_the_session_one_came_with(sessions: Sessions) -> None:
    planted = await sessions.open(SIV)
    fresh = await sessions.open(ANNA, instead_of=planted)
    assert fresh != planted
    assert await sessions.find(planted) is None
    assert await sessions.find(fresh) == ANNA


async def test_revoking_somebody_ends_all_their_sessions_and_nobody_elses(sessions: Sessions) -> None:
    at_home, at_work = await sessions.open(ANNA), await sessions.open(ANNA)
    other = await sessions.open(SIV)
    await sessions.revoke(ANNA.actor)
    assert await sessions.find(at_home) is None
    assert await sessions.find(at_work) is None
    assert await sessions.find(other) == SIV


async def test_dead_sessions_are_swept_away_at_the_next_sign_in(
    sessions: Sessions, web_database: Database
) -> None:
    await sessions.open(ANNA)
    await _age(web_database, "seen", IDLE * 2)
    await sessions.open(SIV)
    dead = await web_database.pool.fetchval(
        "select count(*) from web.session where seen < now() - $1::interval", IDLE
    )
    assert dead == 0


async def test_a_browser_signs_in_and_out(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/name")).text == "nobody"
    answer = await sign_in(browser, ANNA)
    assert answer.status_code == 303
    assert (await browser.get("/name")).text == "Anna Lind"
    token = browser.cookies[SESSION_COOKIE]

    form = (await browser.get("/form-token")).text
    await browser.post("/logout", data={"form_token": form})
    assert SESSION_COOKIE not in browser.cookies
    browser.cookies.set(SESSION_COOKIE, token)
    assert (await browser.get("/name")).text == "nobody"


async def test_the_token_changes_at_every_sign_in(app: FastAPI, browser: httpx.AsyncClient) -> None:
    await sign_in(browser, ANNA)
    before = browser.cookies[SESSION_COOKIE]
    await sign_in(browser, SIV)
    assert browser.cookies[SESSION_COOKIE] != before
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url=OWN, cookies={SESSION_COOKIE: before}
    ) as thief:
        assert (await thief.get("/name")).text == "nobody"


async def test_scripts_and_other_sites_cannot_read_or_send_the_session_cookie(
    browser: httpx.AsyncClient,
) -> None:
    cookie = (await sign_in(browser, ANNA)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


async def test_behind_tls_cookies_never_travel_in_the_clear(browser: httpx.AsyncClient) -> None:
    browser.headers["x-forwarded-proto"] = "https"
    answer = await sign_in(browser, ANNA)
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


async def test_nobody_becomes_somebody_the_demonstration_does_not_offer(browser: httpx.AsyncClient) -> None:
    stranger = (await browser.get("/form-token")).text
    answer = await browser.post("/login/demo", data={"person": "operator/root", "form_token": stranger})
    assert answer.status_code == 404
    assert SESSION_COOKIE not in browser.cookies
