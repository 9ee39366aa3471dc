"""The operators' handbook in the console: every page of it, and every way between them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from services.console.handbook.reading import NoSuchPage, folder, names, page, runbooks
from services.console.handbook.rendering import address, to_html
from tests.support.console import Record, browsing


@pytest_asyncio.fixture
async def browser(record: Record) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(record) as client:
        yield client


async def test_every_page_is_read_there_and_leads_to_pages_there_are(browser: httpx.AsyncClient) -> None:
    known = {address(name) for name in names()}
    assert len(known) == len(names()) > 15
    for name in names():
        answer = await browser.get(address(name))
        assert answer.status_code == 200
        _, _, body = answer.text.partition('<div class="prose"')
        assert f'<h1 id="handbook-title">{page(name).title}</h1>'.replace("'", "&#39;") in body
        body, _, _ = body.partition("</article>")
        leads = re.findall(r'href="([^"]+)"', body)
        assert {each for each in leads if not each.startswith("https://")} <= known, name


async def test_what_is_no_page_is_not_read(browser: httpx.AsyncClient) -> None:
    for name in (
        "nope",
        "incidents/nope",
        "../decisions/README",
        "%2e%2e/decisions/README",
        "incidents/sv/flood",
    ):
        assert (await browser.get(f"/console/handbook/{name}")).status_code == 404


async def test_a_runbook_is_there_in_swedish(record: Record) -> None:
    async with browsing(record, language="sv") as swedish:
        answer = (await swedish.get("/console/handbook/incidents/flood")).text
        assert "## " not in answer
        assert '<kbd class="typed">docker compose run --rm operator doctor</kbd>' in answer
        assert "<h2>Gör</h2>" in answer
        assert '<div class="prose">' in answer
        channel = (await swedish.get("/console/handbook/incidents/channel-down")).text
        assert '<a href="/console/handbook/messages">meddelanden</a>' in channel
        silent = (await swedish.get("/console/handbook/incidents/provider-silent")).text
        assert '<a href="/console/handbook/incidents/channel-down">channel-down</a>' in silent
        # What is there in English alone says so.
        assert '<div class="prose" lang="en">' in (await swedish.get("/console/handbook/watching")).text


def test_a_runbook_says_the_same_in_both_languages() -> None:
    translated = {path.stem for path in (folder() / "incidents" / "sv").glob("*.md")}
    assert translated == {*runbooks(), "README"}
    for name in runbooks():
        english, swedish = page(f"incidents/{name}"), page(f"incidents/{name}", "sv")
        assert swedish.language == "sv"
        assert english.title != swedish.title
        assert _blocks(english.text) == _blocks(swedish.text), name
        assert english.text.count("\n## ") == swedish.text.count("\n## ")
        assert _commands(english.text) == _commands(swedish.text), name


def _blocks(text: str) -> list[str]:
    return re.findall(r"```\n(.*?)```", text, re.DOTALL)


def _commands(text: str) -> set[str]:
    return {
        " ".join(each.split())
        for each in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    }


def test_no_html_of_its_own_gets_through() -> None:
    told = page("watching")
    with pytest.raises(NoSuchPage):
        page("../watching")
    altered = type(told)(
        told.name, "en", "x", "<script>alert(1)</script> [x](javascript:alert) [y](../secret.md)"
    )
    html = str(to_html(altered))
    assert "<script" not in html
    assert "<a" not in html
