"""What a service has heard of pathways: every version, in every replica, and never one that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from services.runtime.clock import SetClock
from services.runtime.decision import Decision, Wait
from services.runtime.engine.transaction import Transaction
from services.runtime.pathways import (
    PathwayNotHeard,
    Pathways,
    known_pathways,
    withdraw_pathways,
    write_pathways,
)
from services.runtime.service import Ctx, Held, Service
from services.runtime.tx import Statement
from sluss.machine.postgres import Postgres
from sluss_contracts.event import Event
from sluss_contracts.pathway import (
    BUILT_IN,
    DEFAULT,
    Contact,
    Pathway,
    PathwayPublished,
    PathwayWithdrawn,
)
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import Need
from tests.support.desk import Desk, desk, schema_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
WALKS = BUILT_IN.model_copy(update={"pathway": "walks"})
PATIENT_WALKS = WALKS.model_copy(update={"contact": Contact(attempts=9)})


def listener(heard: list[Pathways]) -> Service:
    """A service that only wants to know along which pathway a referral goes."""
    service = Service("listener")
    service.absorb(PathwayPublished)(write_pathways)
    service.absorb(PathwayWithdrawn)(withdraw_pathways)
    service.give = known_pathways

    @service.on(ReferralAccepted)
    def begin(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
        heard.append(ctx.given)
        if not ctx.given.knows(event.data.pathway, event.data.pathway_version):
            return Wait("pathway.published")
        return []

    return service


@pytest.fixture
def heard() -> list[Pathways]:
    return []


@pytest_asyncio.fixture
async def office(postgres_server: Postgres, heard: list[Pathways]) -> AsyncIterator[Desk]:
    service = listener(heard)
    async with desk(await schema_of(postgres_server, service), service, SetClock(NOON)) as at_work:
        yield at_work


def published(definition: Pathway, version: int) -> PathwayPublished:
    return PathwayPublished(pathway=definition.pathway, version=version, definition=definition)


def accepted(pathway: str = DEFAULT, version: int = 0, referral: str = "r1") -> ReferralAccepted:
    return ReferralAccepted(
        referral_id=referral,
        person="p",
        organisation="vc",
        area="centrum",
        language="sv",
        needs=(Need.COMPANY,),
        pathway=pathway,
        pathway_version=version,
    )


async def test_each_version_stays_what_it_was(office: Desk, heard: list[Pathways]) -> None:
    await office.hear(published(WALKS, 1), published(PATIENT_WALKS, 2))
    await office.hear(accepted("walks", 1))
    assert heard[-1].of("walks", 1) == WALKS
    assert heard[-1].of("walks", 2).contact.attempts == 9
    assert heard[-1].latest("walks") == 2


async def test_hearing_a_version_again_changes_nothing(office: Desk, heard: list[Pathways]) -> None:
    (event,) = await office.hear(published(WALKS, 1))
    await office.hear_events(event)
    await office.hear(accepted("walks", 1))
    assert heard[-1].latest("walks") == 1


async def test_where_nothing_is_published_the_contracts_defaults_hold(
    office: Desk, heard: list[Pathways]
) -> None:
    await office.hear(accepted())
    assert heard[-1].of(DEFAULT, 0) == BUILT_IN
    assert heard[-1].latest(DEFAULT) == 0
    assert heard[-1].latest("walks") is None


async def test_a_referral_that_overtakes_its_pathway_waits_for_it(
    office: Desk, heard: list[Pathways]
) -> None:
    await office.hear(accepted("walks", 1))
    assert [row["waiting"] for row in await office.pool.fetch("select waiting from parked")] == [True]
    with pytest.raises(PathwayNotHeard):
        heard[-1].of("walks", 1)


async def test_nothing_begins_along_a_withdrawn_pathway_but_what_began_goes_on(
    office: Desk, heard: list[Pathways]
) -> None:
    await office.hear(published(WALKS, 1), PathwayWithdrawn(pathway="walks"))
    await office.hear(accepted("walks", 1))
    assert heard[-1].latest("walks") is None
    assert heard[-1].of("walks", 1) == WALKS
    await office.hear(published(PATIENT_WALKS, 2))
    await office.hear(accepted("walks", 2, referral="r2"))
    assert heard[-1].latest("walks") == 2


async def test_the_same_name_in_another_network_is_another_pathway(
    postgres_server: Postgres, heard: list[Pathways]
) -> None:
    """One process may serve several databases, as tests do; none is told what another said."""
    service = listener(heard)
    url = await schema_of(postgres_server, service)
    for definition in (WALKS, PATIENT_WALKS):
        await schema_of(postgres_server, service)  # swept: another network
        async with desk(url, service, SetClock(NOON)) as at_work:
            await at_work.hear(published(definition, 1))
            await at_work.hear(accepted("walks", 1))
            assert heard[-1].of("walks", 1) == definition


async def test_nothing_is_read_anew_while_nothing_changes(
    office: Desk, heard: list[Pathways], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fetch = Transaction.fetch

    async def counting(self: Transaction, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        asked.append(statement if isinstance(statement, str) else statement.text)
        return await fetch(self, statement, *args, **params)

    await office.hear(published(WALKS, 1))
    await office.hear(accepted("walks", 1, referral="r1"))
    monkeypatch.setattr(Transaction, "fetch", counting)
    await office.hear(accepted("walks", 1, referral="r2"))
    assert heard[-1] is heard[-2]
    assert not [text for text in asked if text.startswith("select pathway")]


async def test_what_another_replica_has_heard_is_known_at_once(office: Desk, heard: list[Pathways]) -> None:
    await office.hear(published(WALKS, 1))
    await office.hear(accepted("walks", 1, referral="r1"))
    async with desk(office.url, listener([]), SetClock(NOON)) as other:
        await other.hear(published(PATIENT_WALKS, 2))
    await office.hear(accepted("walks", 2, referral="r2"))
    assert heard[-1].of("walks", 2) == PATIENT_WALKS
