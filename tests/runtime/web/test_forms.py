"""Only forms of our own pages do anything, and no page sends people to other sites."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.runtime.settings import MisconfiguredService, Settings
from services.runtime.web import secret_for_pages
from services.runtime.web.forms import FormTokens, local_path
from tests.runtime.web.conftest import ANNA, OWN, form_token, sign_in


async def test_a_form_of_our_own_page_is_taken(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/wishes", data={"wish": "company", "form_token": await form_token(browser)})
    assert answer.text == "wished for company"


async def test_a_script_may_send_the_token_in_a_header(browser: httpx.AsyncClient) -> None:
    token = await form_token(browser)
    answer = await browser.post("/wishes", data={"wish": "company"}, headers={"x-form-token": token})
    assert answer.text == "wished for company"


@pytest.mark.parametrize("token", ["", "0" * 64, "å"])
async def test_a_form_without_its_token_is_refused(browser: httpx.AsyncClient, token: str) -> None:
    answer = await browser.post("/wishes", data={"wish": "company", "form_token": token})
    assert answer.status_code == 403


async def test_a_form_with_somebody_elses_token_is_refused(app: FastAPI, browser: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as other:
        await other.get("/login")
        stolen = await form_token(other)
    answer = await browser.post("/wishes", data={"wish": "company", "form_token": stolen})
    assert answer.status_code == 403


async def test_a_token_from_before_signing_in_is_refused_after(browser: httpx.AsyncClient) -> None:
    before = await form_token(browser)
    await sign_in(browser, ANNA)
    answer = await browser.post("/wishes", data={"wish": "company", "form_token": before})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
async def test_another_sites_form_is_refused_even_with_the_token(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    data = {"wish": "company", "form_token": await form_token(browser)}
    answer = await browser.post("/wishes", data=data, headers=headers)
    assert answer.status_code == 403


async def test_the_fronts_address_counts_as_our_own(browser: httpx.AsyncClient) -> None:
    data = {"wish": "company", "form_token": await form_token(browser)}
    headers = {
        "origin": "https://sluss.example",
        "x-forwarded-host": "sluss.example",
        "host": "127.0.0.1:4711",
    }
    assert (await browser.post("/wishes", data=data, headers=headers)).status_code == 200


async def test_every_route_that_does_something_refuses_a_form_without_a_token(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    unsafe = [row for row in app.state.site.rows if row.method != "GET"]
    assert {row.path for row in unsafe} >= {"/language", "/logout", "/login/demo", "/wishes"}
    for row in unsafe:
        answer = await browser.post(row.path, data={"code": "en", "person": "x", "wish": "y"})
        if row.admits_anyone:
            assert answer.status_code == 403, row.path
        else:  # whoever may use it signs in first; tests/roles tries it as them
            assert (answer.status_code, answer.url.path) == (303, row.path)
            assert answer.headers["location"].startswith("/login"), row.path


async def test_a_form_larger_than_any_of_ours_is_refused(browser: httpx.AsyncClient) -> None:
    data = {"wish": "x" * 300_000, "form_token": await form_token(browser)}
    assert (await browser.post("/wishes", data=data)).status_code == 413


def test_a_weak_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        FormTokens(b"short")


def test_a_service_with_pages_does_not_start_without_a_good_secret() -> None:
    told = {"database_url": "postgresql://x", "nats_url": "nats://x", "nats_monitor_url": "http://x"}
    for secret in (None, SecretStr("short")):
        with pytest.raises(MisconfiguredService, match="SLUSS_WEB_SECRET"):
            secret_for_pages(Settings.model_validate({**told, "web_secret": secret}))
    told["web_secret"] = "x" * 40
    assert secret_for_pages(Settings.model_validate(told)) == "x" * 40


def test_another_secret_makes_other_tokens() -> None:
    assert FormTokens(b"a" * 32).for_cookie("c") != FormTokens(b"b" * 32).for_cookie("c")


@pytest.mark.parametrize("path", ["/", "/referrals/1?x=2", "/login?next=%2F"])
def test_a_path_on_this_site_is_kept(path: str) -> None:
    assert local_path(path) == path


@given(
    st.text(max_size=60)
    | st.sampled_from(["//elsewhere.example", "/\\elsewhere.example", "https://x", "/\n/x"])
)
def test_nobody_is_sent_to_another_site(wanted: str) -> None:
    path = local_path(wanted)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert not set(path) & set("\r\n\t\\")
