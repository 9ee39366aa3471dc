"""Whatever somebody writes stays words: on every page of every service, for everybody who may open it."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio

from services.runtime.web.pages import SAFE_METHODS, Row
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Command
from tests.roles.conftest import LINK_KEY, Sites, sites_of
from tests.roles.hostile_town import settle
from tests.roles.test_every_route import EVERYBODY, streams, visiting
from tests.support.hostile import Free, HostileCasework, attacked_texts, free_texts
from tests.support.link_keys import link_keys
from tests.support.planning import ATTACK

pytestmark = pytest.mark.slow

_OF_A_KIND = 3
"""Pages of one route that one person opens at most."""


NOT_OPENED = {
    *("/login/begin", "/login/callback", "/static/{name}", "/anordnare/{rest:path}", "/sok-hjalp/leave"),
    *("/hsds/v3/organizations/{id}", "/hsds/v3/service_at_locations/{id}", "/hsds/v3/services/{id}"),
    *("/hsds/v3/taxonomies/{id}", "/hsds/v3/taxonomy_terms/{id}", "/hsds/v3/{elsewhere:path}"),
    *("/refer/{form_id}/need", "/refer/{form_id}/check", "/refer/{form_id}/receipt"),
    *("/sok-hjalp/{form_id}/need", "/sok-hjalp/{form_id}/check", "/sok-hjalp/{form_id}/receipt"),
    *(
        "/answer/thanks/{what}",
        "/svara/{token}",
        "/svara/leave",
        "/meeting/{token}",
        "/meeting/thanks/{what}",
        "/cases/{case_id}/evaluation/{evaluation_id}",
    ),
    "/cases/{case_id}/recept/{recept_id}/code.svg",
}
"""Leads elsewhere, is no page, or is reached by a form, whose own tests say hostile words in it."""


class Page(HTMLParser):
    """What a browser makes of a page: where it leads, and whether anything of the attack became markup."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.leads_to: list[str] = []
        self.alive: list[str] = []
        self.words = 0
        """How often the attack stands there as words."""
        self._in_script = False
        self._asking: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._in_script = tag == "script"
        if tag == "a" and "href" in said:
            self.leads_to.append(said["href"])
        if tag == "form":
            self._asking = said.get("action", "") if said.get("method", "get").lower() == "get" else None
        elif tag == "input" and self._asking is not None and said.get("type", "text") in ("text", "search"):
            self.leads_to.append(f"{self._asking}?{urlencode({said['name']: ATTACK})}")
        goes = [said[name] for name in ("href", "src", "action", "formaction") if name in said]
        runs = any(name.startswith("on") for name in said) or said.get("src") == "x"
        if runs or any(re.match(r"\s*javascript:", where, re.IGNORECASE) for where in goes):
            self.alive.append(self.get_starttag_text() or tag)
        self.words += sum(ATTACK in value for value in said.values())

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and "alert(1)" in data:
            self.alive.append(data)
        self.words += ATTACK in data


@dataclass(frozen=True)
class Hostile:
    """Everybody's pages, and the addresses that are keys."""

    sites: Sites
    keys: list[str]


@pytest_asyncio.fixture(scope="module")
async def hostile(postgres_server: Postgres) -> AsyncIterator[Hostile]:
    with link_keys(provider_link_key=LINK_KEY):
        async with sites_of(postgres_server, HostileCasework) as made:
            yield Hostile(made, await settle(made.work, made.far))


async def pages_of(
    client: httpx.AsyncClient, begin: Sequence[str], rows: Sequence[Row]
) -> AsyncIterator[tuple[str, Row, httpx.Response]]:
    """The pages that links lead to from these, and what their search fields answer; a few of each route."""
    to_open, known, opened = deque(begin), set(begin), Counter[str]()
    while to_open:
        at = to_open.popleft()
        row = next((row for row in rows if covers(row, at)), None)
        if row is None or opened[row.path] == _OF_A_KIND:
            continue
        opened[row.path] += 1
        answer = await client.get(at, follow_redirects=True)
        yield at, row, answer
        if not is_page(answer):
            continue
        for where in Page(answer.text).leads_to:
            to = urlsplit(urljoin(str(answer.url), where))
            path = to.path + (f"?{to.query}" if to.query else "")
            if to.netloc == "sluss.test" and path not in known:
                known.add(path)
                to_open.append(path)


def is_page(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("text/html")


def covers(row: Row, address: str) -> bool:
    """Whether an address is of this route."""
    form = re.sub(r"\\\{\w+(?::(\w+))?\\\}", lambda it: ".+" if it[1] else "[^/]+", re.escape(row.path))
    return re.fullmatch(form, urlsplit(address).path) is not None


async def test_hostile_words_are_words_on_every_page_there_is(hostile: Hostile) -> None:
    """The console has a log of its own, which is not here, and masks what is free."""
    shown, unseen, words = 0, set[str](), 0
    for site in hostile.sites.apps.keys() - {"console"}:
        rows = [row for name, row in hostile.sites.rows() if name == site and row.method in SAFE_METHODS]
        rows = [row for row in rows if not streams(row)]
        opened = set[str]()
        for who in (None, *EVERYBODY.values()):
            admitted = [r for r in rows if r.admits_anyone or (who and who.role in (r.roles or ()))]
            places = [re.sub(r"\{(case|referral)_id\}", hostile.sites.far.case, row.path) for row in admitted]
            begin = [*(place for place in places if "{" not in place), *hostile.keys]
            async with visiting(hostile.sites, site, who) as client:
                async for at, row, answer in pages_of(client, begin, admitted):
                    assert answer.status_code < 500, (who and who.role, at)
                    shown += 1
                    if answer.status_code == 200:
                        opened.add(row.path)
                    if is_page(answer):
                        page = Page(answer.text)
                        assert not page.alive, (who and who.role, at, page.alive)
                        words += page.words
        unseen |= {row.path for row in rows} - opened
    assert unseen == NOT_OPENED, "a page nobody came to, or one that is said to be out of reach"
    assert words > 500


def test_every_free_text_there_is_was_one(hostile: Hostile) -> None:
    sent = set[Free]().union(*(attacked_texts(command) for command in hostile.sites.work.asked))
    there = set[Free]().union(*(free_texts(kind) for kind in every(Command)))
    assert {field for field in there - sent if field[0] != "OutsideAnswer"} == set(), "cells are matched only"


def every(kind: type[Command]) -> set[type[Command]]:
    """All commands there are."""
    below = {each for one in kind.__subclasses__() for each in every(one)}
    return below | ({kind} if not kind.__name__.startswith("_") and kind is not Command else set())
