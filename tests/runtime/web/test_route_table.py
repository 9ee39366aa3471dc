"""Nobody reaches a page that its row does not open to them."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from services.runtime.web import Pages
from services.runtime.web.site import RouteWithoutRoles, refuse_routes_without_roles
from tests.runtime.web.conftest import ANNA, SIV, sign_in


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    refuse_routes_without_roles(app)
    rows = {row.path for row in app.state.site.rows}
    assert {getattr(route, "path", None) for route in app.routes} == rows


def test_a_route_past_the_table_is_refused(app: FastAPI) -> None:
    @app.get("/past-the-table")
    async def past_the_table() -> str:
        return "open to the world"

    with pytest.raises(RouteWithoutRoles, match="/past-the-table"):
        refuse_routes_without_roles(app)


def test_roles_have_no_default() -> None:
    with pytest.raises(TypeError, match="roles"):
        Pages("careless").get("/open")  # type: ignore[call-arg]


def test_two_rows_for_one_route_are_refused() -> None:
    pages = Pages("twice")
    pages.get("/page", roles=None)(_endpoint)
    with pytest.raises(ValueError, match="two routes for GET /page"):
        pages.get("/page", roles=None)


async def _endpoint() -> str:
    return ""


async def test_a_stranger_is_asked_to_sign_in_and_then_comes_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/load?week=3")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fload%3Fweek%3D3"
    assert 'name="next" value="/load?week=3"' in (await browser.get(answer.headers["location"])).text


async def test_another_role_is_told_that_the_page_is_not_theirs(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, ANNA)
    answer = await browser.get("/load")
    assert answer.status_code == 403
    assert "Sidan är till för andra" in answer.text


async def test_the_rows_own_role_gets_in(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, SIV)
    assert (await browser.get("/load")).text == "the load"


async def test_pages_answer_to_head(browser: httpx.AsyncClient) -> None:
    answer = await browser.head("/login")
    assert answer.status_code == 200
    assert answer.content == b""
