"""The web base over a real database, with a few pages of its own to try it on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Form, Request
from starlette.responses import PlainTextResponse, Response

from services.runtime.web import ANYONE, Identity, Pages, build_web, visitor_of
from services.runtime.web.sessions import Sessions
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role
from tests.support.pages import SECRET, Database, navigator_of_its_own

ANNA = Identity(Actor(id="anna-lind", role=Role.LINK_WORKER), "Anna Lind", team="team-skarptorp")
SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
OWN = "http://sluss.test"


@pytest_asyncio.fixture(scope="session")
async def web_database(postgres_server: Postgres) -> AsyncIterator[Database]:
    """One migrated database for all tests of the web base; sessions of different tests do not meet."""
    async with navigator_of_its_own(postgres_server) as database:
        yield database


@pytest.fixture
def sessions(web_database: Database) -> Sessions:
    return Sessions(web_database.pool)


@pytest.fixture
def own_pages() -> Pages:
    """A page for anyone, one for coordinators, one that breaks, and one that does something."""
    pages = Pages("tried")

    @pages.get("/name", roles=ANYONE)
    async def name(request: Request) -> Response:
        identity = visitor_of(request).identity
        return PlainTextResponse(identity.name if identity else "nobody")

    @pages.get("/form-token", roles=ANYONE)
    async def form_token(request: Request) -> Response:
        return PlainTextResponse(visitor_of(request).form_token)

    @pages.get("/load", roles={Role.COORDINATOR})
    async def load(request: Request) -> Response:
        return PlainTextResponse("the load")

    @pages.get("/broken", roles=ANYONE)
    async def broken(request: Request) -> Response:
        raise RuntimeError("a secret that must not be shown")

    @pages.get("/numbers/{number}", roles=ANYONE)
    async def number(request: Request, number: int) -> Response:
        return PlainTextResponse(str(number))

    @pages.post("/wishes", roles=ANYONE)
    async def wish(request: Request, wish: Annotated[str, Form(max_length=100)]) -> Response:
        return PlainTextResponse(f"wished for {wish}")

    return pages


@pytest.fixture
def app(web_database: Database, own_pages: Pages) -> FastAPI:
    async def people() -> list[Identity]:
        return [ANNA, SIV]

    return build_web(
        "navigator", pool=web_database.pool, secret=SECRET, pages=[own_pages], demo_people=people
    )


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies, as a browser does, and has seen a page."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        await client.get("/login")
        yield client


async def form_token(client: httpx.AsyncClient) -> str:
    """The token the visitor's forms carry now."""
    return (await client.get("/form-token")).text


async def sign_in(client: httpx.AsyncClient, identity: Identity) -> httpx.Response:
    """Sign in through the demo login's own form."""
    person = f"{identity.role.value}/{identity.actor.id}"
    return await client.post("/login/demo", data={"person": person, "form_token": await form_token(client)})
