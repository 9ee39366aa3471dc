"""Two organisations, a team with one link worker, and what the three services say carried between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import pytest_asyncio

from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.commands.staff import RegisterLinkWorker, RegisterTeam
from tests.support.doors import CLINIC, OPERATOR, OWN, SCHOOL
from tests.support.followed import Network, network

Browse = Callable[[Identity], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def there(postgres_server: Postgres) -> AsyncIterator[Network]:
    async with network(postgres_server) as made:
        for organisation in (CLINIC, SCHOOL):
            await made.do(
                RegisterOrganisation,
                OPERATOR,
                organisation=organisation,
                name=organisation.title(),
                kind="clinic",
                area="norrkoping-city",
            )
        areas = ("norrkoping-city",)
        await made.do(RegisterTeam, OPERATOR, team="team-city", name="Team City", areas=areas)
        await made.do(
            RegisterLinkWorker,
            OPERATOR,
            worker="anna-lind",
            name="Anna Lind",
            team="team-city",
            areas=areas,
            languages=("sv",),
            capacity=6,
            gender="woman",
        )
        yield made


@pytest.fixture
def browser(there: Network) -> Browse:
    """Somebody at a browser of their own, signed in."""

    async def browse(identity: Identity) -> httpx.AsyncClient:
        token = await Sessions(there.navigator.pool).open(identity)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(there.app), base_url=OWN, cookies={SESSION_COOKIE: token}
        )

    return browse
