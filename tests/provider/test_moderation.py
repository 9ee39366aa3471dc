"""What waits for a coordinator, and the library, in a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.provider.app import service
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityAmended, ActivityWithdrawn
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.catalogue import (
    GiveActivityContact,
    ProposeProvider,
    PublishResource,
    ReadActivityContact,
    ReadModeration,
    ReadResources,
    RegisterProposal,
    ReviewActivity,
    SendBackActivity,
    TurnDownProposal,
    TurnDownProvider,
    WithdrawResource,
)
from sluss_contracts.commands.provider import (
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    RegisterProvider,
    VerifyActivity,
)
from sluss_contracts.resource import ForWhom, ResourceKind
from sluss_contracts.vocabulary import Need, OrganisationKind, PrescriptionKind, Role
from tests.provider.spec import KORPEN, NOON, WALK
from tests.support.desk import Desk, desk, schema_of

COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
LINK_WORKER = Actor(id="anna", role=Role.LINK_WORKER)
NEIGHBOUR = Actor(id="granne", role=Role.PERSON)
OF_KORPEN = Actor(id="maud", role=Role.PROVIDER, organisation=KORPEN)
WALKING: dict[str, Any] = {
    "activity": WALK,
    "provider": KORPEN,
    "title": "Promenad med fika",
    "kind": PrescriptionKind.PHYSICAL,
    "needs": (Need.COMPANY,),
    "area": "hageby",
    "capacity": 8,
}
GARDENERS: dict[str, Any] = {
    "provider": "odlarna",
    "name": "Odlarna",
    "kind": OrganisationKind.ASSOCIATION,
    "area": "hageby",
}


@pytest_asyncio.fixture
async def here(postgres_server: Postgres) -> AsyncIterator[Desk]:
    async with desk(await schema_of(postgres_server, service), service, SetClock(NOON)) as at_work:
        korpen = {"provider": KORPEN, "name": "Korpen", "kind": OrganisationKind.ASSOCIATION}
        await do(at_work, RegisterProvider, COORDINATOR, **korpen, area="hageby")
        yield at_work
        await at_work.assert_state_is_the_fold_of_the_events()


async def ask(here: Desk, command: type[Command], by: Actor, **values: Any) -> Answer:
    return await here.ask(command(command_id=uuid4(), actor=by, **values))


async def do(here: Desk, command: type[Command], by: Actor, **values: Any) -> dict[str, Any]:
    answer = await ask(here, command, by, **values)
    assert answer.ok, answer.refused
    return answer.result


async def code(here: Desk, command: type[Command], by: Actor, **values: Any) -> str:
    answer = await ask(here, command, by, **values)
    assert answer.refused
    return answer.refused.code


async def queue(here: Desk) -> list[dict[str, Any]]:
    told = await do(here, ReadModeration, COORDINATOR)
    assert told["waiting"] == len(told["items"])
    return list(told["items"])


async def waiting(here: Desk) -> list[tuple[str, str, str]]:
    return [(item["kind"], item["id"], item["what"]) for item in await queue(here)]


async def test_what_a_registered_provider_publishes_is_out_at_once_and_waits_to_be_looked_at(
    here: Desk,
) -> None:
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    assert await waiting(here) == [("activity", WALK, "new")]
    await do(here, ReviewActivity, COORDINATOR, activity=WALK)
    assert await waiting(here) == []
    await here.wait(timedelta(days=1))
    await do(here, PublishActivity, OF_KORPEN, **WALKING | {"capacity": 6})
    await here.wait(timedelta(days=1))
    await do(here, PublishActivity, OF_KORPEN, **WALKING | {"capacity": 4})
    (item,) = await queue(here)
    assert (item["what"], item["by"]) == ("change", "provider")
    assert item["since"] == (NOON + timedelta(days=1)).isoformat(), "since the first of the changes"
    assert item["changes"] == [{"field": "capacity", "before": 8, "after": 4}]
    assert item["said"]["capacity"] == 4


async def test_nothing_is_decided_of_what_was_changed_unseen(here: Desk) -> None:
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    (item,) = await queue(here)
    await do(here, PublishActivity, OF_KORPEN, **WALKING | {"capacity": 6})
    seen = {"activity": WALK, "expected_sequence": item["sequence"]}
    assert await code(here, ReviewActivity, COORDINATOR, **seen) == "stale"
    (again,) = await queue(here)
    await do(here, ReviewActivity, COORDINATOR, activity=WALK, expected_sequence=again["sequence"])


async def test_what_is_sent_back_is_as_it_was_and_waits_no_more(here: Desk) -> None:
    await do(here, PublishActivity, COORDINATOR, **WALKING)
    assert await waiting(here) == []
    await do(here, PublishActivity, OF_KORPEN, **WALKING | {"capacity": 100})
    await do(here, SendBackActivity, COORDINATOR, activity=WALK, why="too_many")
    assert await waiting(here) == []
    *_, back = await here.said(ActivityAmended)
    assert (back.capacity, back.by, back.why) == (8, Role.COORDINATOR, "too_many")
    capacity = await here.pool.fetchval("select capacity from activity where activity = $1", WALK)
    assert capacity == 8


async def test_what_is_new_and_sent_back_is_withdrawn(here: Desk) -> None:
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    await do(here, SendBackActivity, COORDINATOR, activity=WALK, why="not_open_to_all")
    assert [fact.why for fact in await here.said(ActivityWithdrawn)] == ["not_open_to_all"]
    assert await waiting(here) == []


async def test_suggestions_and_new_organisations_wait_until_somebody_says_yes_or_no(here: Desk) -> None:
    await do(here, ProposeActivity, NEIGHBOUR, **WALKING | {"provider": "odlarna"})
    await here.wait(timedelta(hours=1))
    await do(here, ProposeProvider, NEIGHBOUR, **GARDENERS)
    suggested = [("activity", WALK, "suggestion"), ("provider", "odlarna", "suggestion")]
    assert await waiting(here) == suggested
    assert [item["by"] for item in await queue(here)] == ["person", "person"]
    publish = {"activity": WALK}
    assert await code(here, PublishProposal, COORDINATOR, **publish) == "unknown_provider"
    await do(here, RegisterProposal, COORDINATOR, provider="odlarna")
    await do(here, PublishProposal, COORDINATOR, **publish)
    assert await waiting(here) == []


async def test_what_is_turned_down_waits_no_more(here: Desk) -> None:
    await do(here, ProposeActivity, NEIGHBOUR, **WALKING)
    await do(here, ProposeProvider, NEIGHBOUR, **GARDENERS)
    await do(here, TurnDownProposal, COORDINATOR, activity=WALK, why="not_open_to_all")
    await do(here, TurnDownProvider, COORDINATOR, provider="odlarna", why="not_active")
    assert await waiting(here) == []
    theirs = WALKING | {"activity": "odling", "provider": "odlarna"}
    as_themselves = Actor(id="odlarna", role=Role.PROVIDER)
    assert await code(here, PublishActivity, as_themselves, **theirs) == "unknown_provider"


async def test_a_suggestion_its_provider_publishes_is_looked_at_like_anything_new(here: Desk) -> None:
    await do(here, ProposeActivity, NEIGHBOUR, **WALKING)
    await here.wait(timedelta(days=2))
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    (item,) = await queue(here)
    assert (item["what"], item["since"]) == ("new", here.clock.now().isoformat())


async def test_only_those_who_moderate_see_and_decide(here: Desk) -> None:
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    for actor in (LINK_WORKER, NEIGHBOUR, OF_KORPEN):
        assert await code(here, ReadModeration, actor) == "not_allowed"
        assert await code(here, ReviewActivity, actor, activity=WALK) == "not_allowed"
        assert await code(here, SendBackActivity, actor, activity=WALK, why="no") == "not_allowed"


async def test_the_longest_wait_comes_first_and_the_rest_is_counted(here: Desk) -> None:
    for name in ("c", "a", "b"):
        await do(here, ProposeActivity, NEIGHBOUR, **WALKING | {"activity": name})
        await here.wait(timedelta(minutes=1))
    told = await do(here, ReadModeration, COORDINATOR, most=2)
    assert (told["waiting"], [item["id"] for item in told["items"]]) == (3, ["c", "a"])


async def test_the_list_knows_who_vouches_for_what_and_what_has_sunk(here: Desk) -> None:
    async def row() -> tuple[Any, ...]:
        columns = "vouched_by, vouched_at, ask_again, hides"
        return tuple(await here.pool.fetchrow(f"select {columns} from activity where activity = $1", WALK))

    await do(here, PublishActivity, COORDINATOR, **WALKING)
    by, at, ask_again, hides = await row()
    assert (by, at, hides) == ("coordinator", NOON, None)
    await here.wait(ask_again - NOON)
    *_, hides = await row()
    assert hides > here.clock.now(), "it is asked about, and sinks"
    await do(here, VerifyActivity, OF_KORPEN, activity=WALK)
    by, at, next_time, hides = await row()
    assert (by, at, hides) == ("provider", here.clock.now(), None)
    assert next_time > ask_again


async def test_a_link_worker_reads_whom_to_turn_to_and_the_public_does_not(here: Desk) -> None:
    await do(here, PublishActivity, OF_KORPEN, **WALKING)
    await do(here, GiveActivityContact, OF_KORPEN, activity=WALK, name="Maud", phone="011-12 34 56")
    told = await do(here, ReadActivityContact, LINK_WORKER, activity=WALK)
    assert told["contact"] == {"name": "Maud", "phone": "011-12 34 56", "email": None, "note": None}
    assert await code(here, ReadActivityContact, NEIGHBOUR, activity=WALK) == "not_allowed"


async def shelf(here: Desk, by: Actor, **asked: Any) -> list[str]:
    told = await do(here, ReadResources, by, **asked)
    return [each["resource"] for each in told["resources"]]


async def test_the_library_is_read_by_kind_need_interest_language_and_role(here: Desk) -> None:
    put: list[dict[str, Any]] = [
        {"resource": "sorg", "kind": ResourceKind.BOOK, "title": "Sorg", "needs": (Need.GRIEF,)},
        {"resource": "ring", "kind": ResourceKind.HELPLINE, "title": "Ring", "languages": ("sv", "ar")},
        {
            "resource": "samtal",
            "kind": ResourceKind.METHOD,
            "title": "Att börja ett samtal",
            "for_whom": ForWhom.LINK_WORKERS,
        },
    ]
    for each in put:
        await do(here, PublishResource, COORDINATOR, **each)
    assert await shelf(here, LINK_WORKER) == ["samtal", "ring", "sorg"], "by title"
    assert await shelf(here, NEIGHBOUR) == ["ring", "sorg"]
    assert await shelf(here, NEIGHBOUR, for_whom=ForWhom.LINK_WORKERS) == []
    assert await shelf(here, LINK_WORKER, for_whom=ForWhom.LINK_WORKERS) == ["samtal"]
    assert await shelf(here, LINK_WORKER, kind=ResourceKind.BOOK) == ["sorg"]
    assert await shelf(here, LINK_WORKER, need=Need.GRIEF) == ["sorg"]
    assert await shelf(here, LINK_WORKER, language="ar") == ["ring"]
    assert await shelf(here, LINK_WORKER, interest="reading") == []
    await do(here, PublishResource, COORDINATOR, **put[0] | {"interests": ("reading",)})
    assert await shelf(here, LINK_WORKER, interest="reading") == ["sorg"]
    await do(here, WithdrawResource, COORDINATOR, resource="sorg", why="out_of_print")
    assert await shelf(here, NEIGHBOUR) == ["ring"]


@pytest.mark.parametrize("actor", [LINK_WORKER, OF_KORPEN, NEIGHBOUR], ids=lambda actor: actor.role)
async def test_the_library_is_kept_by_coordinators(here: Desk, actor: Actor) -> None:
    book = {"resource": "sorg", "kind": ResourceKind.BOOK, "title": "Sorg"}
    assert await code(here, PublishResource, actor, **book) == "not_allowed"
