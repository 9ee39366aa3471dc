"""The referral service's pages: where a referral is written, by a professional or by whoever needs help."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from services.referral.domain.organisation import Organisation
from services.referral.vault.safe import Vault, vault
from services.referral.web.choices import Choices
from services.referral.web.handing_in import Counter
from services.referral.web.refer_pages import refer_pages
from services.referral.web.self_pages import self_pages
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.running import Running
from services.runtime.service import Service
from services.runtime.web import Identity, Pages, build_web, secret_for_pages
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

ROOM = Path(__file__).parent
_OFFERED = 30
_ORGANISATIONS = "select state from aggregate where kind = 'organisation' order by id limit $1"


def pages(running: Running) -> FastAPI:
    """The pages of a running referral service: `main(service, web=pages)`."""
    return referral_web(
        running.pool,
        running.network,
        running.service,
        running.clock,
        vault,
        secret=secret_for_pages(running.settings),
        demo=running.settings.demo,
        speed=running.settings.clock_speed,
    )


def referral_web(
    pool: asyncpg.Pool,
    network: Network,
    service: Service,
    clock: Clock,
    vault: Vault,
    *,
    secret: str,
    demo: bool,
    speed: float = 1.0,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside the two forms'.

    What is written goes through the service's own intake, in a transaction of this process, so `pool` may
    write in its schema; of other services the pages ask over `network`.
    """
    choices, counter = Choices(pool, network, clock), Counter(pool, service, clock, vault)
    return build_web(
        service.name,
        pool=pool,
        secret=secret,
        pages=[refer_pages(pool, choices, counter), self_pages(pool, choices, counter), *more],
        rooms=[ROOM],
        demo_people=partial(people_of_the_demo, pool) if demo else None,
        network=network,
        now=clock.now,
        speed=speed,
    )


async def people_of_the_demo(pool: asyncpg.Pool) -> list[Identity]:
    """Whom the demonstration offers to be here: those who refer. Everybody else signs in in front."""
    found = [Organisation.model_validate(row["state"]) for row in await pool.fetch(_ORGANISATIONS, _OFFERED)]
    return [
        Identity(Actor(id=each.organisation, role=Role.REFERRER, organisation=each.organisation), each.name)
        for each in found
        if not each.revoked
    ]
