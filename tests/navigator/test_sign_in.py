"""Signing in at a real sign-in service: whom it lets in, as whom, and everything it does not."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from services.navigator.accounts import Accounts
from services.navigator.app import service
from services.navigator.web.site import navigator_web
from services.runtime.database import open_engine, open_pool
from services.runtime.web import cookies
from services.runtime.web.guessing import GUESSES
from services.runtime.web.identity import Identity
from services.runtime.web.oidc import OidcSettings, OidcSignIn
from services.runtime.web.sessions import Sessions
from services.runtime.web.signing_in import SignIn
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor
from sluss_contracts.commands.signing_in import AllowSignIn, EndSignIn, ReadSignIns
from sluss_contracts.commands.staff import HandOverCaseload
from sluss_contracts.organisation import OrganisationRegistered, OrganisationRevoked
from sluss_contracts.vocabulary import Engagement, OrganisationKind, Role
from tests.navigator.office import SIV, Office
from tests.support.desk import schema_of
from tests.support.pages import SECRET
from tests.support.sign_in_service import SignInService, asked_of, sign_in_service

pytestmark = pytest.mark.slow

JO = Actor(id="jo", role=Role.OPERATOR)
OWN = "https://lots.example"
SESSION = f"__Host-{cookies.SESSION}"
PENDING = f"__Host-{cookies.SIGNING_IN}"


@pytest.fixture(scope="module")
def outside() -> Iterator[SignInService]:
    with sign_in_service() as service:
        yield service


@dataclass
class Door:
    """The navigator's pages behind TLS, and a browser before them."""

    office: Office
    outside: SignInService
    app: FastAPI
    sign_in: OidcSignIn
    browser: httpx.AsyncClient
    pages: dict[str, str] = field(default_factory=dict)

    async def begin(self, next_page: str = "/") -> str:
        """To the sign-in service; the address."""
        answer = await self.browser.get(f"/login/begin?{urlencode({'next': next_page})}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def back(self, returned: str) -> httpx.Response:
        parts = urlsplit(returned)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{OWN}/login/callback"
        return await self.browser.get(f"{parts.path}?{parts.query}")

    async def come(self, subject: str, next_page: str = "/") -> httpx.Response:
        """The whole way, in this browser."""
        return await self.back(self.outside.say_yes(await self.begin(next_page), subject))

    async def who(self) -> Identity | None:
        sessions: Sessions = self.app.state.site.sessions
        return await sessions.find(self.browser.cookies.get(SESSION) or "")


@pytest_asyncio.fixture(scope="module")
async def url(postgres_server: Postgres) -> str:
    return await schema_of(postgres_server, service)


@pytest_asyncio.fixture(scope="module")
async def office(url: str) -> AsyncIterator[Office]:
    """One for all tests here; each begins with nobody let in and nobody signed in."""
    pool = await open_pool(url, "navigator", 8)
    yield Office(pool)
    pool.terminate()


@pytest_asyncio.fixture
async def door(office: Office, url: str, outside: SignInService) -> AsyncIterator[Door]:
    outside.away = False
    await office.pool.execute("truncate account, web.session")
    named = OidcSettings(outside.issuer, "sluss", SecretStr("a secret"), OWN)
    sign_in = OidcSignIn(named, SECRET.encode())
    engine = open_engine(url, "navigator")
    app = navigator_web(
        office.pool, engine, secret=SECRET, demo=False, sign_in=SignIn(sign_in, Accounts(office.pool).of)
    )
    await office.team()
    await office.worker("anna")
    async with browsing(app) as browser:
        yield Door(office, outside, app, sign_in, browser)
    await engine.dispose()


def browsing(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN)


async def anna(door: Door, **claims: Any) -> None:
    """Anna may sign in by her address, which the service vouches for."""
    await door.office.do(AllowSignIn, SIV, role="link_worker", who="anna", email="Anna@Kommun.example")
    door.outside.put("sub-anna", **{"email": "anna@kommun.example", "email_verified": True, **claims})


async def test_a_link_worker_comes_in_and_to_the_page_they_wanted(door: Door) -> None:
    await anna(door)
    answer = await door.come("sub-anna", "/today?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/today?x=1")
    assert await door.who() == Identity(Actor(id="anna", role=Role.LINK_WORKER), "Anna", team="city")
    given = answer.headers.get_list("set-cookie")
    (session,) = (one for one in given if one.startswith(SESSION))
    assert all(part in session for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))
    assert "Domain" not in session
    assert PENDING not in door.browser.cookies


async def test_the_code_is_asked_for_with_state_nonce_and_a_challenge_that_the_verifier_answers(
    door: Door,
) -> None:
    await anna(door)
    address = await door.begin()
    asked = asked_of(address)
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid email"
    assert asked["redirect_uri"] == f"{OWN}/login/callback"
    assert len(asked["state"]) > 30 < len(asked["nonce"])
    assert asked["code_challenge_method"] == "S256"
    await door.back(door.outside.say_yes(address, "sub-anna"))
    (verifier,) = door.outside.tokens_asked[-1]["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert asked_of(await door.begin())["state"] != asked["state"]


async def test_a_session_from_before_is_worth_nothing_after(door: Door) -> None:
    await anna(door)
    planted = await door.app.state.site.sessions.open(
        Identity(Actor(id="mallory", role=Role.LINK_WORKER), "Mallory")
    )
    door.browser.cookies.set(SESSION, planted, domain="lots.example")
    await door.come("sub-anna")
    assert door.browser.cookies[SESSION] != planted
    assert await door.app.state.site.sessions.find(planted) is None
    assert (await door.who() or Identity(JO, "nobody")).name == "Anna"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_sent_to_another_site(door: Door, wanted: str) -> None:
    await anna(door)
    assert (await door.come("sub-anna", wanted)).headers["location"] == "/today", "their own first page"


async def test_somebody_nobody_let_in_gets_a_plain_page(door: Door) -> None:
    door.outside.put("sub-stranger", email="stranger@kommun.example", email_verified=True)
    answer = await door.come("sub-stranger")
    assert answer.status_code == 403
    assert "Sluss känner inte till dig än" in answer.text
    assert "stranger" not in answer.text
    assert f"{door.outside.issuer}/oauth2/end_session" in answer.text
    assert SESSION not in door.browser.cookies


async def test_an_address_that_nobody_vouches_for_lets_nobody_in(door: Door) -> None:
    await anna(door, email_verified=False)
    assert (await door.come("sub-anna")).status_code == 403
    trusting = OidcSettings(door.outside.issuer, "sluss", SecretStr("x"), OWN, trust_email=True)
    door.sign_in.settings = trusting
    assert (await door.come("sub-anna")).status_code == 303


async def test_an_address_is_its_first_subjects_for_ever(door: Door) -> None:
    await anna(door)
    assert (await door.come("sub-anna")).status_code == 303
    door.outside.put("sub-other", email="anna@kommun.example", email_verified=True)
    assert (await door.come("sub-other")).status_code == 403
    door.outside.put("sub-anna", email="anna.new@kommun.example", email_verified=True)
    assert (await door.come("sub-anna")).status_code == 303, "whoever marries is still the same"


async def test_a_subject_of_another_service_is_somebody_else(door: Door) -> None:
    await anna(door)
    await door.come("sub-anna")
    await door.office.pool.execute("update account set issuer = 'https://other.example'")
    door.outside.put("sub-anna")
    assert (await door.come("sub-anna")).status_code == 403


async def test_whoever_may_act_in_several_roles_chooses_one(door: Door) -> None:
    await anna(door)
    email = "anna@kommun.example"
    await door.office.do(AllowSignIn, SIV, role="coordinator", who="anna-c", name="Anna", email=email)
    answer = await door.come("sub-anna", "/load")
    assert answer.status_code == 200
    assert SESSION not in door.browser.cookies
    token = answer.text.split('name="form_token" value="')[1].split('"')[0]
    sent = {"form_token": token, "person": "operator/anna-c"}
    assert (await door.browser.post("/login/role", data=sent)).status_code == 404
    chosen = await door.browser.post("/login/role", data=sent | {"person": "coordinator/anna-c"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/load")
    assert await door.who() == Identity(Actor(id="anna-c", role=Role.COORDINATOR), "Anna")


async def test_what_did_not_begin_in_this_browser_is_refused(door: Door) -> None:
    await anna(door)
    returned = door.outside.say_yes(await door.begin(), "sub-anna")
    async with browsing(door.app) as other:
        assert (await other.get(urlsplit(returned).path + "?" + urlsplit(returned).query)).status_code == 400
        await other.get("/login/begin")  # in the other browser something else was begun
        path = f"/login/callback?{urlsplit(returned).query}"
        assert (await other.get(path)).status_code == 400
        assert SESSION not in other.cookies
    door.browser.cookies.set(PENDING, "forged", domain="lots.example")
    assert (await door.back(returned)).status_code == 400


async def test_a_code_is_good_once_and_only_with_its_own_verifier(door: Door) -> None:
    await anna(door)
    returned = door.outside.say_yes(await door.begin(), "sub-anna")
    kept = door.browser.cookies[PENDING]
    assert (await door.back(returned)).status_code == 303
    door.browser.cookies.set(PENDING, kept, domain="lots.example")
    assert (await door.back(returned)).status_code == 400


async def test_a_no_is_a_no(door: Door) -> None:
    answer = await door.back(door.outside.say_no(await door.begin()) + "&state=x")
    assert answer.status_code == 400
    assert "Du är inte inloggad" in answer.text


async def test_who_fails_often_is_told_to_wait_and_whoever_is_right_gets_in(door: Door) -> None:
    await anna(door)
    forged = "/login/callback?state=x&code=y"
    failed = [(await door.browser.get(forged)).status_code for _ in range(GUESSES + 1)]
    assert failed == [400] * GUESSES + [429]
    assert (await door.browser.get(forged)).headers["retry-after"] == "600"
    assert (await door.come("sub-anna")).status_code == 303


async def test_a_token_for_another_nonce_or_another_client_is_refused(door: Door) -> None:
    await anna(door)
    returned = asked_of(door.outside.say_yes(await door.begin(), "sub-anna"))
    begun = json.loads(door.sign_in._sealed.decrypt(door.browser.cookies[PENDING].encode()))
    other = door.sign_in._seal("begun", {**begun, "nonce": "another"})
    door.browser.cookies.set(PENDING, other, domain="lots.example")
    answer = await door.browser.get(f"/login/callback?{urlencode(returned)}")
    assert answer.status_code == 400


async def test_a_token_signed_by_nobody_we_know_is_refused(door: Door) -> None:
    await anna(door)
    with sign_in_service() as forger:
        returned = door.outside.say_yes(await door.begin(), "sub-anna")
        keys = f"{forger.issuer}/jwks"
        described = await door.sign_in._description()
        door.sign_in._described = (1e18, {**described, "jwks_uri": keys})
        assert (await door.back(returned)).status_code == 400


async def test_a_service_that_is_away_is_told_apart_from_a_wrong_password(door: Door) -> None:
    door.outside.away = True
    answer = await door.browser.get("/login/begin")
    assert answer.status_code == 503
    assert "Inloggningstjänsten svarar inte" in answer.text


async def test_signing_out_ends_it_here_and_leads_to_the_service(door: Door) -> None:
    await anna(door)
    await door.come("sub-anna")
    token = door.browser.cookies[SESSION]
    page = (await door.browser.get("/login")).text
    sent = {"form_token": page.split('name="form_token" value="')[1].split('"')[0]}
    answer = await door.browser.post("/logout", data=sent)
    assert answer.status_code == 200
    where = answer.headers["refresh"].partition("url=")[2]
    assert where.startswith(f"{door.outside.issuer}/oauth2/end_session?")
    assert asked_of(where) == {"client_id": "sluss", "post_logout_redirect_uri": OWN}
    assert await door.app.state.site.sessions.find(token) is None
    assert SESSION not in door.browser.cookies


async def test_there_is_no_demo_login_beside_it(door: Door) -> None:
    page = (await door.browser.get("/login")).text
    assert "/login/demo" not in page
    sent = {
        "form_token": page.split('name="form_token" value="')[1].split('"')[0],
        "person": "link_worker/anna",
    }
    assert (await door.browser.post("/login/demo", data=sent)).status_code == 404


async def test_whoever_leaves_is_signed_out_everywhere_and_stays_out(door: Door) -> None:
    await anna(door)
    await door.come("sub-anna")
    await door.office.do(HandOverCaseload, SIV, worker="anna")
    assert await door.who() is None
    assert (await door.come("sub-anna")).status_code == 403
    await door.office.do(AllowSignIn, JO, role="operator", who="jo", name="Jo", subject="sub-jo")
    code = await door.office.ask(AllowSignIn, SIV, role="link_worker", who="anna", subject="sub-anna")
    assert code.refused is not None
    assert code.refused.code == "unknown_worker"


async def test_a_revoked_organisation_signs_in_no_more(door: Door) -> None:
    clinic = {"organisation": "clinic", "name": "Kliniken", "kind": OrganisationKind.CLINIC, "area": "city"}
    wanted = {"role": "referrer", "who": "siv-n", "name": "Siv", "organisation": "clinic", "subject": "n"}
    refused = await door.office.ask(AllowSignIn, SIV, **wanted)
    assert refused.refused is not None
    assert refused.refused.code == "unknown_organisation"
    await door.office.hear(OrganisationRegistered(**clinic))
    await door.office.do(AllowSignIn, SIV, **wanted)
    door.outside.put("n")
    await door.come("n")
    who = Identity(Actor(id="siv-n", role=Role.REFERRER, organisation="clinic"), "Siv")
    assert await door.who() == who
    await door.office.hear(OrganisationRevoked(organisation="clinic", why="agreement_ended"))
    assert await door.who() is None
    assert (await door.come("n")).status_code == 403


async def test_an_account_is_ended_at_once_and_only_keepers_see_the_list(door: Door) -> None:
    await anna(door)
    await door.office.worker("olle", engagement=Engagement.VOLUNTEER)
    await door.office.do(AllowSignIn, SIV, role="link_worker", who="olle", subject="sub-olle")
    door.outside.put("sub-olle")
    await door.come("sub-olle")
    assert (await door.who() or Identity(JO, "")).role is Role.VOLUNTEER
    told = (await door.office.do(ReadSignIns, SIV))["accounts"]
    assert [(one["who"], one["email"], one["bound"]) for one in told] == [
        ("anna", "anna@kommun.example", False),
        ("olle", None, True),
    ]
    assert (await door.office.ask(ReadSignIns, "anna")).refused is not None
    assert (await door.office.ask(EndSignIn, "anna", role="operator", who="jo")).refused is not None
    assert await door.office.do(EndSignIn, SIV, role="link_worker", who="olle") == {"sessions": 1}
    assert await door.who() is None
    taken = await door.office.ask(
        AllowSignIn, SIV, role="link_worker", who="anna", email="anna@kommun.example"
    )
    assert taken.ok, "saying the same again is fine"
    only = await door.office.ask(AllowSignIn, SIV, role="operator", who="x", name="X", subject="x")
    assert only.refused is not None
    assert only.refused.code == "not_allowed"


async def test_nothing_of_it_is_said_in_an_event(door: Door) -> None:
    await anna(door)
    await door.come("sub-anna")
    said = await door.office.rows("select convert_from(body, 'utf8') as body from event")
    assert not [row for row in said if "kommun.example" in row["body"] or "sub-anna" in row["body"]]
